-- Answers are given from memory while no notice says otherwise, so nothing may change without one: not a row that is
-- given to another account, not a table that is emptied, and not an account that is deleted.
CREATE OR REPLACE FUNCTION "pms_notify_change"() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  PERFORM pg_notify('pms_changes', COALESCE(NEW."accountId", OLD."accountId")::text);
  IF TG_OP = 'UPDATE' AND NEW."accountId" <> OLD."accountId" THEN
    PERFORM pg_notify('pms_changes', OLD."accountId"::text);
  END IF;
  RETURN NULL;
END
$$;

-- Without an account's id: all may have changed. The argument is the channel.
CREATE FUNCTION "pms_notify_all"() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  PERFORM pg_notify(TG_ARGV[0], '');
  RETURN NULL;
END
$$;

CREATE TRIGGER "pms_integrations_notify_truncate" AFTER TRUNCATE ON "pms_integrations"
  FOR EACH STATEMENT EXECUTE FUNCTION "pms_notify_all"('pms_changes');

CREATE TRIGGER "pms_connection_attempts_notify_truncate" AFTER TRUNCATE ON "pms_connection_attempts"
  FOR EACH STATEMENT EXECUTE FUNCTION "pms_notify_all"('pms_changes');

CREATE TRIGGER "accounts_notify_gone" AFTER DELETE OR TRUNCATE OR UPDATE OF "id", "issuer", "subject" ON "accounts"
  FOR EACH STATEMENT EXECUTE FUNCTION "pms_notify_all"('pms_accounts_gone');

-- Whose an office is is asked at every connection, also of rows that are not ACTIVE.
CREATE INDEX "pms_integrations_officeId_idx" ON "pms_integrations"("officeId");

-- Keys that are refreshed, as they are every day, are no news for anybody who waits.
DROP TRIGGER "pms_integrations_notify_change" ON "pms_integrations";

CREATE TRIGGER "pms_integrations_notify_change" AFTER INSERT OR DELETE ON "pms_integrations"
  FOR EACH ROW EXECUTE FUNCTION "pms_notify_change"();

CREATE TRIGGER "pms_integrations_notify_update" AFTER UPDATE ON "pms_integrations"
  FOR EACH ROW
  WHEN (
    (to_jsonb(OLD) - '{leaseUntil,leaseToken,refreshDueAt,generation,tokenExpiresAt,secretVersionId}'::text[])
    IS DISTINCT FROM
    (to_jsonb(NEW) - '{leaseUntil,leaseToken,refreshDueAt,generation,tokenExpiresAt,secretVersionId}'::text[])
  )
  EXECUTE FUNCTION "pms_notify_change"();

-- Nor is what the callback was answered.
DROP TRIGGER "pms_connection_attempts_notify_update" ON "pms_connection_attempts";

CREATE TRIGGER "pms_connection_attempts_notify_update" AFTER UPDATE ON "pms_connection_attempts"
  FOR EACH ROW
  WHEN (
    (to_jsonb(OLD) - '{leaseUntil,leaseToken,answer}'::text[])
    IS DISTINCT FROM
    (to_jsonb(NEW) - '{leaseUntil,leaseToken,answer}'::text[])
  )
  EXECUTE FUNCTION "pms_notify_change"();
