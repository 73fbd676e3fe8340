import { authorizationPath } from './authorization-request.ts'
import { startSikka, type Sikka, type SikkaOptions } from './start.ts'

/** The application that the tests register with the stand-in, and meet it as. */
export const application = {
  appId: 'app_demo_0001',
  appKey: 'key_demo_0001',
  redirectUri: 'http://localhost:3000/pms/sikka/oauth/callback',
} as const

export type TestApplication = Sikka & ReturnType<typeof calling>

/** A stand-in that knows the application, with the calls that an application makes. */
export async function sikkaForTest(options: Partial<SikkaOptions> = {}): Promise<TestApplication> {
  const sikka = await startSikka({ ...application, redirectUris: [application.redirectUri], ...options })
  return Object.assign(sikka, calling(sikka.origin))
}

function calling(origin: string) {
  const { appId, appKey, redirectUri } = application

  /** Presses a button of the page, without the page. */
  async function press(decision: 'allow' | 'deny', fields: Record<string, string> = {}): Promise<Response> {
    const form = { app_id: appId, redirect_uri: redirectUri, state: 'state-1', decision, ...fields }
    return fetch(origin + authorizationPath, { method: 'POST', body: new URLSearchParams(form), redirect: 'manual' })
  }

  /** Presses it and reads what the browser takes back to the application. */
  async function answerTo(
    decision: 'allow' | 'deny',
    fields?: Record<string, string>,
  ): Promise<Record<string, string>> {
    const location = (await press(decision, fields)).headers.get('location') ?? 'none:'
    return Object.fromEntries(new URL(location).searchParams)
  }

  async function authorize(fields?: Record<string, string>): Promise<string> {
    return (await answerTo('allow', fields))['code'] ?? ''
  }

  function grant(body: Record<string, unknown>, signal?: AbortSignal): Promise<Response> {
    return fetch(`${origin}/v4/request_key`, {
      method: 'POST',
      headers: { 'content-type': 'application/json' },
      body: JSON.stringify({ app_id: appId, app_key: appKey, ...body }),
      redirect: 'manual',
      signal: signal ?? null,
    })
  }

  function exchange(code: string, signal?: AbortSignal): Promise<Response> {
    return grant({ grant_type: 'authorization_code', code }, signal)
  }

  /** Authorizes and exchanges: a set of keys. */
  async function connect(fields?: Record<string, string>): Promise<{ requestKey: string; refreshKey: string }> {
    const keys = await record(await exchange(await authorize(fields)))
    return { requestKey: String(keys['request_key']), refreshKey: String(keys['refresh_key']) }
  }

  function call(path: string, headers: Record<string, string>, method = 'GET'): Promise<Response> {
    return fetch(origin + path, { method, headers, redirect: 'manual' })
  }

  function practices(requestKey: string, query = ''): Promise<Response> {
    return call(`/v4/authorized_practices${query}`, { 'request-key': requestKey })
  }

  return { press, answerTo, authorize, grant, exchange, connect, call, practices }
}

/** The headers with which an application names itself. */
export const applicationHeaders = { 'app-id': application.appId, 'app-key': application.appKey }

export async function record(response: Response): Promise<Record<string, unknown>> {
  return (await response.json()) as Record<string, unknown>
}

/** Status and Sikka's error code, such as `401 API2003`. */
export async function outcome(response: Response): Promise<string> {
  if (response.status === 204) return '204 ok'
  const { error_code: code = 'ok' } = (await response.json()) as { error_code?: string }
  return `${response.status} ${code}`
}

/** The office ids of a page of `authorized_practices`. */
export async function officeIds(response: Response): Promise<unknown[]> {
  const { items } = (await response.json()) as { items: Record<string, unknown>[] }
  return items.map((item) => item['office_id'])
}
