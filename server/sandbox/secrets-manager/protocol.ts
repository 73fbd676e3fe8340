import { randomUUID } from 'node:crypto'
import { AwsError } from './aws-error.ts'
import type { Region } from './operation.ts'
import { operations } from './operations.ts'

const targetPrefix = 'secretsmanager.'

/**
 * Answers a request of the AWS JSON 1.1 protocol. The signature is not checked, but has to be there.
 * @param counted is told the name of each known operation, also of one that fails
 */
export async function answerCall(region: Region, request: Request, counted: (name: string) => void): Promise<Response> {
  try {
    if (!request.headers.get('authorization')?.startsWith('AWS4-HMAC-SHA256 ')) {
      throw new AwsError('MissingAuthenticationTokenException', 'Missing Authentication Token')
    }
    const target = request.headers.get('x-amz-target') ?? ''
    const name = target.startsWith(targetPrefix) ? target.slice(targetPrefix.length) : ''
    const operation = operations.get(name)
    if (!operation) throw new AwsError('UnknownOperationException', 'The operation is not known here.')
    counted(name)
    return reply(200, await operation(region, await readJson(request)))
  } catch (error) {
    const refusal = error instanceof AwsError ? error : new AwsError('InternalServiceError', failureText(error))
    const { type, message } = refusal
    // AWS writes the message with a capital for some errors, without for others; clients read both.
    const body = { __type: type, message, Message: message }
    return reply(type === 'InternalServiceError' ? 500 : 400, body, { 'x-amzn-errortype': type })
  }
}

async function readJson(request: Request): Promise<unknown> {
  try {
    return await request.json()
  } catch {
    throw new AwsError('SerializationException', 'The request is no JSON.')
  }
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
