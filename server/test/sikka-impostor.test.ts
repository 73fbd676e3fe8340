import type { ServerResponse } from 'node:http'
import { getCACertificates, setDefaultCACertificates } from 'node:tls'
import { connectionErrorText } from '@pms/shared/errors'
import { generate } from 'selfsigned'
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from 'vitest'
import { httpsUpstream, httpUpstream, json, type Upstream } from '../src/sikka/testing/upstream.ts'
import { alarmsIn, forbidSecrets } from './harness/log-lines.ts'
import type { Person } from './harness/person.ts'
import { startSystem, type System } from './harness/system.ts'
import { connect } from './harness/visit.ts'

/** Who stands where Sikka should be, by TLS. */
let front: Upstream
/** Where nobody should be sent. */
let elsewhere: Upstream
let certificate: string
let system: System
let person: Person
let alarmsAtStart: ReturnType<typeof alarmsIn>
/** what the front says to a call instead of passing it on to Sikka; undefined: nothing */
let instead: (call: string) => ((response: ServerResponse) => void) | undefined

const systemCertificates = getCACertificates()

beforeAll(async () => {
  const made = await generate([{ name: 'commonName', value: 'sikka.example' }], {
    keyType: 'ec',
    algorithm: 'sha256',
    extensions: [{ name: 'subjectAltName', altNames: [{ type: 7, ip: '127.0.0.1' }] }],
  })
  certificate = made.cert
  elsewhere = await httpUpstream(json(200, {}))
  front = await httpsUpstream(made, (response, _, { method = '', path = '', headers, body }) => {
    const answer = instead(`${method} ${path}`)
    if (answer) answer(response)
    else void passOn(response, path, { method, headers: Object.entries(headers).map(([k, v]) => [k, String(v)]), body })
  })
  system = await startSystem({ environment: { SIKKA_API_URL: front.origin } })
  alarmsAtStart = alarmsIn(system.log)
})
afterAll(async () => {
  setDefaultCACertificates(systemCertificates)
  await system.stop()
  await front[Symbol.asyncDispose]()
  await elsewhere[Symbol.asyncDispose]()
})
beforeEach(async () => {
  instead = () => undefined
  setDefaultCACertificates([certificate])
  await system.reset()
  person = await system.newPerson()
  front.received.length = 0
})
afterEach(() => {
  forbidSecrets(system.log)
})

async function passOn(
  response: ServerResponse,
  path: string,
  { method, headers, body }: { method: string; headers: [string, string][]; body: string },
): Promise<void> {
  const kept = headers.filter(([name]) => !['host', 'connection', 'content-length'].includes(name))
  const answer = await fetch(`${system.sikka.origin}${path}`, {
    method,
    headers: kept,
    ...(body === '' ? {} : { body }),
    redirect: 'manual',
  })
  response.writeHead(answer.status, { 'content-type': 'application/json' }).end(await answer.text())
}

const revoked = () => [system.sikka.calls.deleteRequestKey, system.sikka.calls.deleteRefreshKey]

async function expectFailed(errorCode: keyof typeof connectionErrorText) {
  const { attemptId, outcome } = await connect(person)
  expect(outcome).toMatchObject({ status: 'failed', attemptId, errorCode, error: connectionErrorText[errorCode] })
  await system.finishWork()
  expect(await system.db.pmsIntegration.count()).toBe(0)
}

async function expectConnects() {
  expect((await connect(person)).outcome).toMatchObject({ status: 'connected', practiceName: 'Happy Dental Clinic' })
}

it('F48: who shows a certificate of nobody known is sent nothing, and somebody is called; trusted, it is', async () => {
  // Preflight has met it before anybody's consent could be spent (S12).
  const starts = () => person.client.pms.startConnection.mutate()
  setDefaultCACertificates(systemCertificates)
  await expect(starts()).rejects.toMatchObject({ data: { code: 'PROVIDER_UNAVAILABLE' } })
  expect(alarmsAtStart).toMatchObject([{ check: 'sikka' }])
  expect(JSON.stringify(alarmsAtStart)).toContain('DEPTH_ZERO_SELF_SIGNED_CERT')
  expect(front.received).toEqual([])
  expect(system.sikka.calls.exchangesByCode).toEqual({})
  setDefaultCACertificates([certificate])
  await system.until(async () => starts().then(Boolean, () => false))
  await expectConnects()
  expect(Object.values(system.sikka.calls.exchangesByCode)).toEqual([1])
})

describe('AT25, F38: a redirect', () => {
  const to = (status: number) => (response: ServerResponse) =>
    void response.writeHead(status, { location: `${elsewhere.origin}/latest/meta-data/` }).end()
  const redirecting = (wanted: string, status: number) => {
    instead = (call) => (call.startsWith(wanted) ? to(status) : undefined)
  }
  it.each([301, 302, 303, 307, 308])('%i of the exchange carries the code nowhere', async (status) => {
    redirecting('POST /v4/request_key', status)
    await expectFailed('BAD_RESPONSE')
    expect([front.received.length, elsewhere.connections]).toEqual([1, 0])
    instead = () => undefined
    await expectConnects()
  })

  it.each([302, 307])('%i of the list carries the keys nowhere, and they are revoked', async (status) => {
    redirecting('GET /v4/authorized_practices', status)
    await expectFailed('BAD_RESPONSE')
    expect(elsewhere.connections).toBe(0)
    expect(revoked()).toEqual([1, 1])
  })

  it('of a revocation carries the keys nowhere; they are kept, and revoked when that works again', async () => {
    system.sikka.setScenario({ practices: 'none' })
    redirecting('DELETE ', 307)
    await expectFailed('NO_PRACTICE')
    expect(await system.secretNames()).toEqual([expect.stringMatching(/^parlae\/pms\/sikka\/attempts\/[\w-]+$/)])
    expect([...revoked(), elsewhere.connections]).toEqual([0, 0, 0])
    instead = () => undefined
    await system.until(async () => (await system.secretNames()).length === 0)
    expect(Math.min(...revoked()), 'each key at least once').toBeGreaterThan(0)
  })
})

it('F35: 502 of a gateway says nothing of what became of the exchange: it is not made again', async () => {
  instead = (call) =>
    call.startsWith('POST /v4/request_key')
      ? (response) => void response.writeHead(502, { 'content-type': 'text/html' }).end('<h1>Bad Gateway</h1>')
      : undefined
  await expectFailed('PROVIDER_UNAVAILABLE')
  expect(front.received).toHaveLength(1)
  instead = () => undefined
  await expectConnects()
})
