import { CreateSecretCommand, SecretsManagerClient } from '@aws-sdk/client-secrets-manager'
import * as z from 'zod'
import { application } from '../../sandbox/environment.ts'
import type { StandIns } from './stand-ins.ts'

/** An attempt in the hands of that server. */
export interface OlderAttempt {
  attemptId: string
  accountId: string
  officeId: string
}

/**
 * A server of the version before leases, choosing and refreshing (a548900), as far as it leaves marks: its statements
 * to the letter, and its secret. It gives itself two minutes from the callback for everything.
 */
export function olderServer({ db, sikka, secretsManager, variables }: StandIns) {
  const alive = `"claimedAt" > now() - make_interval(secs => 120)`
  const one = async (statement: string, ...values: unknown[]): Promise<boolean> =>
    (await db.$executeRawUnsafe(statement, ...values)) === 1

  return {
    claim: ({ attemptId }: OlderAttempt) =>
      one(
        `WITH taken AS (
          UPDATE pms_connection_attempts
          SET status = 'CODE_RECEIVED', "errorCode" = NULL, "claimedAt" = now(), "finishedAt" = NULL, answer = NULL
          WHERE id = $1::uuid AND status = 'CREATED' AND "expiresAt" > now()
          RETURNING id, "accountId", "claimedAt"
        )
        INSERT INTO pms_audit_events (event, "accountId", "attemptId", code, "requestId")
        SELECT 'AUTHORIZED', "accountId", id, NULL, NULL FROM taken`,
        attemptId,
      ),
    recordKeys: ({ attemptId }: OlderAttempt) =>
      one(
        `UPDATE pms_connection_attempts SET status = 'KEYS_RECEIVED'
        WHERE id = $1::uuid AND status IN ('CODE_RECEIVED', 'KEYS_RECEIVED') AND ${alive}`,
        attemptId,
      ),
    startStoring: ({ attemptId, officeId }: OlderAttempt) =>
      one(
        `UPDATE pms_connection_attempts SET status = 'STORING', "officeId" = $2
        WHERE id = $1::uuid AND ${alive} AND (status = 'KEYS_RECEIVED' OR (status = 'STORING' AND "officeId" = $2))`,
        attemptId,
        officeId,
      ),
    /** @returns the secret's ARN */
    async writeSecret({ attemptId, accountId, officeId }: OlderAttempt, code: string): Promise<string> {
      const asked = await fetch(`${sikka.origin}/v4/request_key`, {
        method: 'POST',
        headers: { 'content-type': 'application/json' },
        body: JSON.stringify({
          grant_type: 'authorization_code',
          code,
          app_id: application.appId,
          app_key: application.appKey,
        }),
      })
      const { request_key: requestKey, refresh_key: refreshKey } = z
        .object({ request_key: z.string(), refresh_key: z.string() })
        .parse(await asked.json())
      const headers = { 'Request-Key': requestKey }
      const listed = await (await fetch(`${sikka.origin}/v4/authorized_practices`, { headers })).json()
      const [practice] = z.object({ items: z.array(z.object({ secret_key: z.string() })) }).parse(listed).items
      const keys = {
        officeId,
        secretKey: practice?.secret_key,
        requestKey,
        refreshKey,
        tokenExpiry: new Date(Date.now() + 86_400_000).toISOString(),
        practiceName: 'Happy Dental Clinic',
        practiceId: '1',
        pmsType: 'Dentrix',
      }
      const aws = new SecretsManagerClient({
        region: 'us-east-1',
        endpoint: secretsManager.origin,
        credentials: { accessKeyId: 'test', secretAccessKey: 'test' },
      })
      const { ARN = '' } = await aws.send(
        new CreateSecretCommand({
          Name: `${variables['SECRET_NAME_PREFIX'] ?? 'parlae/pms/sikka/'}${accountId}`,
          ClientRequestToken: attemptId,
          SecretString: JSON.stringify(keys),
        }),
      )
      aws.destroy()
      return ARN
    },
    /** @returns whether the attempt was still its own */
    activate: ({ attemptId, accountId, officeId }: OlderAttempt, secretArn: string) =>
      db.$transaction(async (tx) => {
        const [completed] = await tx.$queryRawUnsafe<{ finishedAt: Date }[]>(
          `UPDATE pms_connection_attempts SET status = 'COMPLETED', "finishedAt" = now()
          WHERE id = $1::uuid AND status = 'STORING' AND ${alive} RETURNING "finishedAt"`,
          attemptId,
        )
        if (!completed) return false
        const practice = {
          status: 'ACTIVE' as const,
          officeId,
          metadata: { secretArn, practiceName: 'Happy Dental Clinic', pmsType: 'Dentrix' },
          secretVersionId: attemptId,
          tokenExpiresAt: new Date(Date.now() + 86_400_000),
          lastError: null,
          connectedAt: completed.finishedAt,
        }
        await tx.pmsIntegration.upsert({
          where: { accountId_provider: { accountId, provider: 'SIKKA' } },
          create: { accountId, provider: 'SIKKA', ...practice },
          update: practice,
          select: { id: true },
        })
        await tx.pmsAuditEvent.create({ data: { event: 'CONNECTED', accountId, attemptId } })
        return true
      }),
  }
}
