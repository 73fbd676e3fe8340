-- AlterEnum
ALTER TYPE "AttemptStatus" ADD VALUE 'EXCHANGING';
ALTER TYPE "AttemptStatus" ADD VALUE 'CHOOSING';

-- AlterEnum
ALTER TYPE "AuditEvent" ADD VALUE 'CHOSEN';
ALTER TYPE "AuditEvent" ADD VALUE 'CANCELLED';
ALTER TYPE "AuditEvent" ADD VALUE 'REFRESHED';
ALTER TYPE "AuditEvent" ADD VALUE 'RECONNECT_REQUIRED';
ALTER TYPE "AuditEvent" ADD VALUE 'DISCONNECTED';

-- AlterTable
ALTER TABLE "pms_connection_attempts" ADD COLUMN     "choices" JSONB,
ADD COLUMN     "deadline" TIMESTAMPTZ(3),
ADD COLUMN     "leaseToken" INTEGER NOT NULL DEFAULT 0,
ADD COLUMN     "leaseUntil" TIMESTAMPTZ(3);

-- AlterTable
ALTER TABLE "pms_integrations" ADD COLUMN     "generation" INTEGER NOT NULL DEFAULT 1,
ADD COLUMN     "leaseToken" INTEGER NOT NULL DEFAULT 0,
ADD COLUMN     "leaseUntil" TIMESTAMPTZ(3),
ADD COLUMN     "refreshDueAt" TIMESTAMPTZ(3);

-- CreateTable
CREATE TABLE "pms_abandoned_secrets" (
    "id" BIGSERIAL NOT NULL,
    "accountId" UUID NOT NULL,
    "attemptId" UUID,
    "at" TIMESTAMPTZ(3) NOT NULL DEFAULT transaction_timestamp(),

    CONSTRAINT "pms_abandoned_secrets_pkey" PRIMARY KEY ("id")
);

-- CreateIndex
CREATE INDEX "pms_connection_attempts_status_createdAt_idx" ON "pms_connection_attempts"("status", "createdAt");

-- CreateIndex
CREATE INDEX "pms_integrations_refreshDueAt_idx" ON "pms_integrations"("refreshDueAt");

-- Practices connected before this migration are refreshed as others are, at 80 % of what is left.
UPDATE "pms_integrations" SET "refreshDueAt" = now() + GREATEST(("tokenExpiresAt" - now()) * 0.8, interval '0')
WHERE "status" = 'ACTIVE';

-- A row that is deleted, by whomever, leaves keys behind: the sweep finds them here.
CREATE FUNCTION "pms_remember_abandoned_integration"() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  INSERT INTO "pms_abandoned_secrets" ("accountId") VALUES (OLD."accountId");
  RETURN NULL;
END
$$;

CREATE TRIGGER "pms_integrations_remember_abandoned" AFTER DELETE ON "pms_integrations"
  FOR EACH ROW EXECUTE FUNCTION "pms_remember_abandoned_integration"();

CREATE FUNCTION "pms_remember_abandoned_attempt"() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  INSERT INTO "pms_abandoned_secrets" ("accountId", "attemptId") VALUES (OLD."accountId", OLD."id");
  RETURN NULL;
END
$$;

CREATE TRIGGER "pms_connection_attempts_remember_abandoned" AFTER DELETE ON "pms_connection_attempts"
  FOR EACH ROW WHEN (OLD."claimedAt" IS NOT NULL AND OLD."finishedAt" IS NULL)
  EXECUTE FUNCTION "pms_remember_abandoned_attempt"();

-- A lease that is renewed is no news for anybody who waits.
DROP TRIGGER "pms_connection_attempts_notify_change" ON "pms_connection_attempts";

CREATE TRIGGER "pms_connection_attempts_notify_change" AFTER INSERT OR DELETE ON "pms_connection_attempts"
  FOR EACH ROW EXECUTE FUNCTION "pms_notify_change"();

CREATE TRIGGER "pms_connection_attempts_notify_update" AFTER UPDATE ON "pms_connection_attempts"
  FOR EACH ROW
  WHEN ((to_jsonb(OLD) - 'leaseUntil' - 'leaseToken') IS DISTINCT FROM (to_jsonb(NEW) - 'leaseUntil' - 'leaseToken'))
  EXECUTE FUNCTION "pms_notify_change"();
