-- CreateEnum
CREATE TYPE "PmsProvider" AS ENUM ('SIKKA');

-- CreateEnum
CREATE TYPE "IntegrationStatus" AS ENUM ('ACTIVE', 'ERROR', 'INACTIVE');

-- CreateEnum
CREATE TYPE "AttemptStatus" AS ENUM ('CREATED', 'CODE_RECEIVED', 'KEYS_RECEIVED', 'STORING', 'COMPLETED', 'FAILED', 'CANCELLED', 'EXPIRED');

-- CreateEnum
CREATE TYPE "CallbackAnswer" AS ENUM ('CONNECTING', 'FAILED', 'DENIED');

-- CreateEnum
CREATE TYPE "AuditEvent" AS ENUM ('STARTED', 'AUTHORIZED', 'DENIED', 'REJECTED', 'CONNECTED', 'FAILED', 'EXPIRED');

-- CreateTable
CREATE TABLE "accounts" (
    "id" UUID NOT NULL,
    "issuer" TEXT NOT NULL,
    "subject" TEXT NOT NULL,
    "createdAt" TIMESTAMPTZ(3) NOT NULL DEFAULT transaction_timestamp(),

    CONSTRAINT "accounts_pkey" PRIMARY KEY ("id")
);

-- CreateTable
CREATE TABLE "pms_integrations" (
    "id" UUID NOT NULL,
    "accountId" UUID NOT NULL,
    "provider" "PmsProvider" NOT NULL,
    "status" "IntegrationStatus" NOT NULL,
    "officeId" TEXT NOT NULL,
    "metadata" JSONB NOT NULL,
    "secretVersionId" TEXT NOT NULL,
    "tokenExpiresAt" TIMESTAMPTZ(3) NOT NULL,
    "lastError" TEXT,
    "connectedAt" TIMESTAMPTZ(3) NOT NULL,
    "createdAt" TIMESTAMPTZ(3) NOT NULL DEFAULT transaction_timestamp(),

    CONSTRAINT "pms_integrations_pkey" PRIMARY KEY ("id")
);

-- CreateTable
CREATE TABLE "pms_connection_attempts" (
    "id" UUID NOT NULL,
    "accountId" UUID NOT NULL,
    "provider" "PmsProvider" NOT NULL,
    "status" "AttemptStatus" NOT NULL DEFAULT 'CREATED',
    "nonceHash" BYTEA NOT NULL,
    "browserHash" BYTEA NOT NULL,
    "officeId" TEXT,
    "errorCode" TEXT,
    "answer" "CallbackAnswer",
    "createdAt" TIMESTAMPTZ(3) NOT NULL DEFAULT transaction_timestamp(),
    "expiresAt" TIMESTAMPTZ(3) NOT NULL DEFAULT (now() + '00:10:00'::interval),
    "claimedAt" TIMESTAMPTZ(3),
    "finishedAt" TIMESTAMPTZ(3),

    CONSTRAINT "pms_connection_attempts_pkey" PRIMARY KEY ("id")
);

-- CreateTable
CREATE TABLE "pms_audit_events" (
    "id" BIGSERIAL NOT NULL,
    "at" TIMESTAMPTZ(3) NOT NULL DEFAULT transaction_timestamp(),
    "event" "AuditEvent" NOT NULL,
    "accountId" UUID,
    "attemptId" UUID,
    "code" TEXT,
    "requestId" TEXT,

    CONSTRAINT "pms_audit_events_pkey" PRIMARY KEY ("id")
);

-- CreateIndex
CREATE UNIQUE INDEX "accounts_issuer_subject_key" ON "accounts"("issuer", "subject");

-- CreateIndex
CREATE UNIQUE INDEX "pms_integrations_accountId_provider_key" ON "pms_integrations"("accountId", "provider");

-- CreateIndex
CREATE UNIQUE INDEX "pms_integrations_one_active_office" ON "pms_integrations"("provider", "officeId") WHERE (status = 'ACTIVE');

-- CreateIndex
CREATE UNIQUE INDEX "pms_connection_attempts_nonceHash_key" ON "pms_connection_attempts"("nonceHash");

-- CreateIndex
CREATE INDEX "pms_connection_attempts_accountId_claimedAt_idx" ON "pms_connection_attempts"("accountId", "claimedAt");

-- CreateIndex
CREATE UNIQUE INDEX "pms_connection_attempts_one_storing_account" ON "pms_connection_attempts"("accountId", "provider") WHERE (status = 'STORING');

-- CreateIndex
CREATE UNIQUE INDEX "pms_connection_attempts_one_storing_office" ON "pms_connection_attempts"("provider", "officeId") WHERE (status = 'STORING');

-- CreateIndex
CREATE INDEX "pms_audit_events_accountId_id_idx" ON "pms_audit_events"("accountId", "id");

-- AddForeignKey
ALTER TABLE "pms_integrations" ADD CONSTRAINT "pms_integrations_accountId_fkey" FOREIGN KEY ("accountId") REFERENCES "accounts"("id") ON DELETE CASCADE ON UPDATE CASCADE;

-- AddForeignKey
ALTER TABLE "pms_connection_attempts" ADD CONSTRAINT "pms_connection_attempts_accountId_fkey" FOREIGN KEY ("accountId") REFERENCES "accounts"("id") ON DELETE CASCADE ON UPDATE CASCADE;

-- The audit is append only, for every role that the triggers bind (all but one that disables them).
CREATE FUNCTION "pms_refuse_audit_change"() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  RAISE EXCEPTION 'pms_audit_events is append only: % refused', TG_OP USING ERRCODE = 'insufficient_privilege';
END
$$;

CREATE TRIGGER "pms_audit_events_append_only" BEFORE UPDATE OR DELETE OR TRUNCATE ON "pms_audit_events"
  FOR EACH STATEMENT EXECUTE FUNCTION "pms_refuse_audit_change"();

-- Change notices: whoever writes, and however, every server learns which account has changed.
CREATE FUNCTION "pms_notify_change"() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  PERFORM pg_notify('pms_changes', COALESCE(NEW."accountId", OLD."accountId")::text);
  RETURN NULL;
END
$$;

CREATE TRIGGER "pms_integrations_notify_change" AFTER INSERT OR UPDATE OR DELETE ON "pms_integrations"
  FOR EACH ROW EXECUTE FUNCTION "pms_notify_change"();

CREATE TRIGGER "pms_connection_attempts_notify_change" AFTER INSERT OR UPDATE OR DELETE ON "pms_connection_attempts"
  FOR EACH ROW EXECUTE FUNCTION "pms_notify_change"();
