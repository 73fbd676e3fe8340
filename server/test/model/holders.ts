import type { PrismaClient } from '@pms/prisma/client'

/**
 * The database notes which server holds each attempt, or refreshes which keys, and who changes them all the same:
 * fencing (F85, F99).
 * Servers are told apart by the `application_name` of their connections; what is rolled back is not noted.
 */
export async function watchHolders(db: PrismaClient): Promise<void> {
  const statements = [
    'CREATE TABLE model_holders (attempt uuid PRIMARY KEY, holder text NOT NULL)',
    'CREATE TABLE model_trespasses (attempt uuid, holder text, trespasser text, was text, became text)',
    `CREATE FUNCTION model_watch_holder() RETURNS trigger LANGUAGE plpgsql AS $$
    DECLARE
      me text := current_setting('application_name');
      present text;
    BEGIN
      IF NEW."leaseToken" <> OLD."leaseToken" THEN
        INSERT INTO model_holders VALUES (NEW.id, me) ON CONFLICT (attempt) DO UPDATE SET holder = EXCLUDED.holder;
      ELSIF NEW.status <> OLD.status AND (
        NEW.status IN ('EXCHANGING', 'KEYS_RECEIVED', 'CHOOSING', 'STORING', 'COMPLETED')
        OR (NEW.status = 'FAILED' AND OLD."deadline" + interval '10 seconds' > clock_timestamp())
      ) THEN
        SELECT holder INTO present FROM model_holders WHERE attempt = NEW.id;
        IF present IS DISTINCT FROM me THEN
          INSERT INTO model_trespasses VALUES (NEW.id, present, me, OLD.status, NEW.status);
        END IF;
      END IF;
      RETURN NEW;
    END $$`,
    `CREATE FUNCTION model_watch_refresh() RETURNS trigger LANGUAGE plpgsql AS $$
    DECLARE
      me text := current_setting('application_name');
      present text;
    BEGIN
      IF NEW.generation <> OLD.generation AND NEW."leaseToken" = OLD."leaseToken" AND NEW.status = 'ACTIVE' THEN
        SELECT holder INTO present FROM model_holders WHERE attempt = NEW.id;
        IF present IS DISTINCT FROM me THEN
          INSERT INTO model_trespasses VALUES (NEW.id, present, me, 'refreshing', 'refreshed');
        END IF;
      END IF;
      -- Whoever refreshes its keys holds it; a newer consent and a disconnect leave it to nobody (F99, F100).
      IF NEW.generation <> OLD.generation THEN
        DELETE FROM model_holders WHERE attempt = NEW.id;
      ELSIF NEW."leaseToken" <> OLD."leaseToken" THEN
        INSERT INTO model_holders VALUES (NEW.id, me) ON CONFLICT (attempt) DO UPDATE SET holder = EXCLUDED.holder;
      END IF;
      RETURN NEW;
    END $$`,
    `CREATE TRIGGER model_watch_refresh BEFORE UPDATE ON pms_integrations
      FOR EACH ROW EXECUTE FUNCTION model_watch_refresh()`,
    `CREATE TRIGGER model_watch_holder BEFORE UPDATE ON pms_connection_attempts
      FOR EACH ROW EXECUTE FUNCTION model_watch_holder()`,
  ]
  for (const statement of statements) await db.$executeRawUnsafe(statement)
}
