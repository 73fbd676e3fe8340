-- The offices of before. A migration of its own: the trigger of the one before is committed, so an office that is
-- connected meanwhile is not missed, and no lock holds up whoever connects.
-- Every integration was ACTIVE once; attempts and the audit know of offices that were replaced since.
INSERT INTO "pms_office_owners" ("provider", "officeKey", "accountId", "at")
SELECT "provider", "officeKey", "accountId", min("at") FROM (
  SELECT "provider", "pms_office_key"("officeId") AS "officeKey", "accountId", "createdAt" AS "at" FROM "pms_integrations"
  UNION ALL
  SELECT a."provider", "pms_office_key"(a."officeId"), a."accountId", COALESCE(a."finishedAt", a."createdAt")
  FROM "pms_connection_attempts" a
  WHERE a."officeId" IS NOT NULL AND (a."status" = 'COMPLETED' OR EXISTS (
    SELECT FROM "pms_audit_events" e
    WHERE e."accountId" = a."accountId" AND e."attemptId" = a."id" AND e."event" = 'CONNECTED'))
) AS known
GROUP BY "provider", "officeKey", "accountId"
ON CONFLICT DO NOTHING;
