-- Which accounts have ever had which office connected (contract, section 6, step 6). Kept for ever: no foreign key, so that
-- a row outlives its account.
CREATE TABLE "pms_office_owners" (
    "provider" "PmsProvider" NOT NULL,
    "officeKey" TEXT NOT NULL,
    "accountId" UUID NOT NULL,
    "at" TIMESTAMPTZ(3) NOT NULL DEFAULT transaction_timestamp(),

    CONSTRAINT "pms_office_owners_pkey" PRIMARY KEY ("provider","officeKey","accountId")
);

-- The normal form of an office id: two spellings of one office have one key. The same in every locale of the database.
CREATE FUNCTION "pms_office_key"("officeId" text) RETURNS text LANGUAGE sql IMMUTABLE STRICT PARALLEL SAFE
  RETURN upper(btrim("officeId") COLLATE "C");

CREATE FUNCTION "pms_refuse_owner_change"() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  RAISE EXCEPTION 'pms_office_owners is append only: % refused', TG_OP USING ERRCODE = 'insufficient_privilege';
END
$$;

CREATE TRIGGER "pms_office_owners_append_only" BEFORE UPDATE OR DELETE OR TRUNCATE ON "pms_office_owners"
  FOR EACH STATEMENT EXECUTE FUNCTION "pms_refuse_owner_change"();

-- By trigger, so that no row becomes ACTIVE without it: also one that an older server writes (F87), or a person.
CREATE FUNCTION "pms_keep_office_owner"() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  INSERT INTO "pms_office_owners" ("provider", "officeKey", "accountId")
  VALUES (NEW."provider", "pms_office_key"(NEW."officeId"), NEW."accountId")
  ON CONFLICT DO NOTHING;
  RETURN NULL;
END
$$;

CREATE TRIGGER "pms_integrations_keep_owner" AFTER INSERT OR UPDATE OF "status", "officeId", "accountId", "provider"
  ON "pms_integrations"
  FOR EACH ROW WHEN (NEW."status" = 'ACTIVE')
  EXECUTE FUNCTION "pms_keep_office_owner"();
