import { randomUUID } from 'node:crypto'
import * as z from 'zod'
import { AwsError } from './aws-error.ts'
import type { Region } from './operation.ts'
import { operations } from './operations.ts'
import type { ScriptedError } from './scripted-errors.ts'

const targetPrefix = 'secretsmanager.'

/**
 * Answers a request of the AWS JSON 1.1 protocol. The signature is not checked, but has to be there.
 * @param called is told the name of each known operation, also of one that fails, and what it is to fail with
 */
export async function answerCall(
  region: Region,
  request: Request,
  called: (operation: string) => ScriptedError | undefined,
): Promise<Response> {
  try {
    if (!request.headers.get('authorization')?.startsWith('AWS4-HMAC-SHA256 ')) {
      throw new AwsError('MissingAuthenticationTokenException', 'Missing Authentication Token')
    }
    const target = request.headers.get('x-amz-target') ?? ''
    const name = target.startsWith(targetPrefix) ? target.slice(targetPrefix.length) : ''
    const operation = operations.get(name)
    if (!operation) throw new AwsError('UnknownOperationException', 'The operation is not known here.')
    const script = called(name)
    const input = await readJson(request)
    const answer = script && !script.done ? {} : await operation(region, input)
    return script ? scriptedReply(script, input) : reply(200, answer)
  } catch (error) {
    const refusal = error instanceof AwsError ? error : new AwsError('InternalServiceError', failureText(error))
    return errorReply(refusal.type, refusal.message)
  }
}

async function readJson(request: Request): Promise<unknown> {
  try {
    return await request.json()
  } catch {
    throw new AwsError('SerializationException', 'The request is no JSON.')
  }
}

function errorReply(type: string, message: string, status = type === 'InternalServiceError' ? 500 : 400): Response {
  // AWS writes the message with a capital for some errors, without for others; clients read both.
  return reply(status, { __type: type, message, Message: message }, { 'x-amzn-errortype': type })
}

const Named = z.object({ SecretId: z.string().optional(), Name: z.string().optional() })

/** It names the secret, as AWS does where it denies access. */
function scriptedReply({ error, status }: ScriptedError, input: unknown): Response {
  const { data } = Named.safeParse(input)
  return errorReply(error, `The sandbox was told to fail for ${data?.SecretId ?? data?.Name ?? 'any secret'}.`, status)
}

function reply(status: number, body: Record<string, unknown>, headers: Record<string, string> = {}): Response {
  return new Response(JSON.stringify(body), {
    status,
    headers: { 'content-type': 'application/x-amz-json-1.1', 'x-amzn-requestid': randomUUID(), ...headers },
  })
}

function failureText(error: unknown): string {
  return `The sandbox failed: ${error instanceof Error ? error.message : String(error)}`
}
