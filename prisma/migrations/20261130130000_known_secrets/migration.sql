-- AlterTable
ALTER TABLE "pms_abandoned_secrets" ADD COLUMN     "secretArn" TEXT;

-- AlterTable
ALTER TABLE "pms_connection_attempts" ADD COLUMN     "grantArn" TEXT;

-- AlterTable
ALTER TABLE "pms_integrations" ADD COLUMN     "keysMissingSince" TIMESTAMPTZ(3);

-- The ARN is the truth about where keys are: a row that is deleted leaves it behind with them.
CREATE OR REPLACE FUNCTION "pms_remember_abandoned_integration"() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  INSERT INTO "pms_abandoned_secrets" ("accountId", "secretArn") VALUES (OLD."accountId", OLD."metadata"->>'secretArn');
  RETURN NULL;
END
$$;

CREATE OR REPLACE FUNCTION "pms_remember_abandoned_attempt"() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  INSERT INTO "pms_abandoned_secrets" ("accountId", "attemptId", "secretArn")
  VALUES (OLD."accountId", OLD."id", OLD."grantArn");
  RETURN NULL;
END
$$;
