import type { Hono } from 'hono'
import { describe, expect, test } from 'vitest'
import { faultControl } from './control.ts'
import type { Fault } from './fault.ts'
import { startFaultProxy, type FaultProxy } from './start.ts'
import { get, httpTarget } from './testing/http-target.ts'

interface Controlled extends AsyncDisposable {
  app: Hono
  sikka: FaultProxy
}

/** The control of two proxies; the database has none. */
async function controlled(): Promise<Controlled> {
  const target = await httpTarget()
  const sikka = await startFaultProxy({ target })
  const secretsManager = await startFaultProxy({ target })
  const close = async () => {
    await Promise.all([sikka.close(), secretsManager.close()])
    await target[Symbol.asyncDispose]()
  }
  return { app: faultControl({ database: undefined, sikka, secretsManager }), sikka, [Symbol.asyncDispose]: close }
}

const none = { database: null, sikka: null, secretsManager: null }
const put = (app: Hono, part: string, body: unknown) =>
  app.request(`/sandbox/faults/${part}`, {
    method: 'PUT',
    body: typeof body === 'string' ? body : JSON.stringify(body),
  })

describe('/sandbox/faults', () => {
  test.each<Fault>([
    { kind: 'latency', milliseconds: 200 },
    { kind: 'hang' },
    { kind: 'hang_answer', when: 'POST /v4/request_key' },
    { kind: 'reset', times: 1 },
    { kind: 'reset_answer', when: 'a', times: 3 },
    { kind: 'cut' },
    { kind: 'limit', bytes: 0, when: 'b' },
  ])('sets %o, shows it and heals it', async (fault) => {
    await using parts = await controlled()
    expect(await (await parts.app.request('/sandbox/faults')).json()).toEqual(none)
    expect(await (await put(parts.app, 'sikka', fault)).json()).toEqual({ ...none, sikka: fault })
    expect(await (await parts.app.request('/sandbox/faults')).json()).toEqual({ ...none, sikka: fault })
    expect(parts.sikka.fault).toEqual(fault)
    const healed = await parts.app.request('/sandbox/faults/sikka', { method: 'DELETE' })
    expect(await healed.json()).toEqual(none)
    expect(parts.sikka.fault).toBeNull()
  })

  test('breaks the line, and heals it', async () => {
    await using parts = await controlled()
    await put(parts.app, 'sikka', { kind: 'reset' })
    await expect(get(parts.sikka.origin)).rejects.toMatchObject({ code: 'ECONNRESET' })
    await parts.app.request('/sandbox/faults/sikka', { method: 'DELETE' })
    expect(await get(parts.sikka.origin)).toBe('answer to /')
  })

  test('heals all of them by DELETE at the address itself, which pnpm start prints', async () => {
    await using parts = await controlled()
    await put(parts.app, 'sikka', { kind: 'hang' })
    await put(parts.app, 'secretsManager', { kind: 'reset' })
    const healed = await parts.app.request('/sandbox/faults', { method: 'DELETE' })
    expect([healed.status, await healed.json()]).toEqual([200, none])
    expect(parts.sikka.fault).toBeNull()
    expect(await get(parts.sikka.origin)).toBe('answer to /')
  })

  test.each<[unknown, string]>([
    [{ kind: 'explode' }, 'kind'],
    [{ when: 'a' }, 'kind'],
    [{ kind: 'latency' }, 'milliseconds'],
    [{ kind: 'latency', milliseconds: -1 }, 'milliseconds'],
    [{ kind: 'hang', when: '(' }, 'regular expression'],
    [{ kind: 'hang', wenn: 'a' }, 'wenn'],
    [{ kind: 'reset', times: 0 }, 'times'],
    [{ kind: 'limit' }, 'bytes'],
    [{ kind: 'cut', when: 'a' }, 'when'],
    ['nonsense', 'Invalid input'],
  ])('refuses %o with 400, names %s and changes nothing', async (body, problem) => {
    await using parts = await controlled()
    await put(parts.app, 'sikka', { kind: 'hang' })
    const answer = await put(parts.app, 'sikka', body)
    expect(answer.status).toBe(400)
    expect(await answer.json()).toEqual({ error: 'bad_fault', problem: expect.stringContaining(problem) })
    expect(parts.sikka.fault).toEqual({ kind: 'hang' })
  })

  test.each(['identity', 'database', 'constructor'])('knows no proxy in front of %s', async (part) => {
    await using parts = await controlled()
    for (const answer of [
      await put(parts.app, part, { kind: 'cut' }),
      await parts.app.request(`/sandbox/faults/${part}`, { method: 'DELETE' }),
    ]) {
      expect(answer.status).toBe(404)
      expect(await answer.json()).toEqual({ error: 'unknown_part', parts: ['sikka', 'secretsManager'] })
    }
  })
})
