import { once } from 'node:events'
import { createServer } from 'node:http'
import { connect, type AddressInfo } from 'node:net'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { reserveFreePort } from '../sandbox/free-port.ts'
import { runProcess, type Running } from './harness/process.ts'
import { startStandIns, type StandIns } from './harness/stand-ins.ts'
import { decide, open, outcomeOf } from './harness/visit.ts'

const main = 'server/src/main.ts'

let standIns: StandIns
let port: number
/** one without its database, whose thirty seconds pass beside the other tests; times in milliseconds */
let alone: { server: Running; port: number; triesSince: Promise<number>; endedAt: Promise<number> }

beforeAll(async () => {
  port = await reserveFreePort()
  standIns = await startStandIns(port)
  const itsPort = await reserveFreePort()
  const server = runProcess(main, {
    ...standIns.variables,
    PORT: String(itsPort),
    DATABASE_URL: `postgresql://127.0.0.1:${await reserveFreePort()}/none`,
  })
  alone = {
    server,
    port: itsPort,
    triesSince: server
      .printed('the database cannot be used; trying again for 30 seconds')
      .then(() => performance.now()),
    endedAt: server.ended.then(() => performance.now()),
  }
})
afterAll(async () => {
  await alone.server[Symbol.asyncDispose]()
  await standIns.stop()
})

describe('the production server', () => {
  it('F62: without its database is alive but not ready', async () => {
    await alone.triesSince
    expect((await fetch(`http://127.0.0.1:${alone.port}/livez`)).status).toBe(200)
    expect((await fetch(`http://127.0.0.1:${alone.port}/readyz`)).status).toBe(503)
  })

  it('without its variables ends with 1 and one message that names all of them', async () => {
    await using server = runProcess(main, {})
    expect(await server.ended).toBe(1)
    for (const name of [
      'APP_BASE_URL',
      'DATABASE_URL',
      'SIKKA_APP_ID',
      'SIKKA_APP_KEY',
      'STATE_SECRET',
      'AUTH_ISSUER',
    ]) {
      expect(server.output()).toContain(`${name} is missing`)
    }
    expect(server.output()).not.toContain('    at ')
  })

  it('with a wrong variable names it and does not print its value', async () => {
    await using server = runProcess(main, { ...standIns.variables, STATE_SECRET: 'demo-of-a-secret' })
    expect(await server.ended).toBe(1)
    expect(server.output()).toMatch(/^ {2}STATE_SECRET has to be 32 random bytes/m)
    expect(server.output()).not.toContain('demo-of-a-secret')
  })

  it('on a taken port ends with 1, the number, and how to choose another', async () => {
    await using taken = createServer().listen(0, '127.0.0.1')
    await once(taken, 'listening')
    const { port: takenPort } = taken.address() as AddressInfo
    await using server = runProcess(main, { ...standIns.variables, PORT: String(takenPort) })
    expect(await server.ended).toBe(1)
    expect(server.output()).toBe(`Port ${takenPort} is taken. Free it, or set PORT to another one.\n`)
  })

  it('F82: on SIGTERM finishes the attempt in progress, and ends with 0', async () => {
    await using server = runProcess(main, standIns.variables)
    await server.printed('"ready"')
    const person = await standIns.newPerson()
    standIns.sikka.setScenario({ exchangeDelayMs: 1_500 })
    const { authorizationUrl, attemptId } = await person.client.pms.startConnection.mutate()
    await open(person.browser, await decide(person.browser, authorizationUrl))
    const { revision } = await person.client.pms.connectionStatus.query()
    const held = person.client.pms.connectionStatus.query({ after: revision, waitSeconds: 25 })
    await new Promise((resolve) => setTimeout(resolve, 100))
    server.kill('SIGTERM')
    expect(await held).toMatchObject({ status: 'connecting' })
    expect(await server.ended).toBe(0)
    expect(server.output()).toContain('practice connected')

    await using next = runProcess(main, standIns.variables)
    await next.printed('"ready"')
    expect((await outcomeOf(person, attemptId)).status).toBe('connected')
  })

  it('on SIGTERM does not wait for a connection that says nothing', async () => {
    await using server = runProcess(main, standIns.variables)
    await server.printed('"ready"')
    const silent = connect(port, '127.0.0.1')
    silent.on('error', () => undefined)
    await once(silent, 'connect')
    const startedAt = performance.now()
    server.kill('SIGTERM')
    expect(await server.ended).toBe(0)
    expect(performance.now() - startedAt).toBeLessThan(5_000)
    expect(server.output()).toContain('"stopped"')
  })

  it('on SIGTERM ends at once, also while it waits for its database', async () => {
    const nowhere = new URL(standIns.databaseUrl)
    nowhere.host = `127.0.0.1:${await reserveFreePort()}`
    await using server = runProcess(main, { ...standIns.variables, DATABASE_URL: nowhere.href })
    await server.printed('the database cannot be used; trying again')
    const startedAt = performance.now()
    server.kill('SIGTERM')
    expect(await server.ended).toBe(0)
    expect(performance.now() - startedAt).toBeLessThan(5_000)
  })

  it.each(['', 'development', 'production'])('F112: with NODE_ENV %j tells nobody a stack', async (NODE_ENV) => {
    await using server = runProcess(main, { ...standIns.variables, ...(NODE_ENV === '' ? {} : { NODE_ENV }) })
    await server.printed('"ready"')
    const person = await standIns.newPerson()
    await standIns.db.$executeRaw`ALTER TABLE pms_integrations RENAME TO pms_integrations_gone`
    const headers = { authorization: `Bearer ${person.accessToken}`, 'content-type': 'application/json' }
    const answers = await Promise.all(
      [
        '/trpc/pms.connectionStatus',
        '/trpc/pms.connectionStatus,pms.history?batch=1',
        '/trpc/none',
        '/trpc/pms.history?input=%7B',
        '/api/pms/connection-status',
        '/api/none',
      ].map(async (path) => {
        const response = await fetch(`${standIns.origin}${path}`, { headers })
        return `${response.status} ${await response.text()}`
      }),
    )
    expect(answers.map((answer) => answer.slice(0, 3))).toEqual(['500', '207', '404', '400', '500', '404'])
    for (const answer of answers) expect(answer).not.toMatch(/stack|pms_integrations|node_modules|\.ts\b|\.js\b| at /i)
    await standIns.db.$executeRaw`ALTER TABLE pms_integrations_gone RENAME TO pms_integrations`
    expect(server.output()).toContain('pms_integrations')
  })

  it('F111: an error whose message has a secret is a code and an id to the client, and has no secret in the log', async () => {
    await using server = runProcess(main, { ...standIns.variables, LOG_LEVEL: 'debug' })
    await server.printed('"ready"')
    const person = await standIns.newPerson()
    await person.client.account.current.query()
    const secrets = ['SIKKA_APP_KEY', 'STATE_SECRET'].map((name) => standIns.variables[name] ?? '')
    for (const statement of [
      `CREATE FUNCTION tell() RETURNS boolean STABLE LANGUAGE plpgsql AS
        $$ BEGIN RAISE EXCEPTION 'cannot use ${secrets.join(' and ')}' USING DETAIL = 'of ${person.accessToken}'; END $$`,
      'ALTER TABLE pms_integrations RENAME TO pms_integrations_gone',
      'CREATE VIEW pms_integrations AS SELECT * FROM pms_integrations_gone WHERE tell()',
    ])
      await standIns.db.$executeRawUnsafe(statement)
    try {
      const headers = { authorization: `Bearer ${person.accessToken}` }
      for (const path of [
        '/trpc/pms.connectionStatus',
        '/trpc/pms.connectionStatus,account.current?batch=1',
        '/api/pms/connection-status',
      ]) {
        const response = await fetch(`${standIns.origin}${path}`, { headers })
        expect([500, 207]).toContain(response.status)
        const told = await response.text()
        expect(told).toContain('INTERNAL_SERVER_ERROR')
        expect(told).not.toMatch(/cannot use|tell|pms_/)
        for (const secret of secrets) expect(told).not.toContain(secret)
        const { requestId = 'none' } = /"requestId":"(?<requestId>[^"]+)"/.exec(told)?.groups ?? {}
        // One line has both: the id that the client was told, and the cause.
        const cause = 'cannot use \\[redacted SIKKA_APP_KEY\\] and \\[redacted STATE_SECRET\\]'
        await server.printed(new RegExp(`${requestId}.*${cause}|${cause}.*${requestId}`))
      }
      for (const secret of [...secrets, person.accessToken]) expect(server.output()).not.toContain(secret)
    } finally {
      await standIns.db.$executeRaw`DROP VIEW pms_integrations`
      await standIns.db.$executeRaw`ALTER TABLE pms_integrations_gone RENAME TO pms_integrations`
    }
  })

  it('on a host that is none says so', async () => {
    await using server = runProcess(main, { ...standIns.variables, HOST: 'none.invalid' })
    expect(await server.ended).toBe(1)
    expect(server.output()).toMatch(
      /^The server cannot listen on port \d+ of HOST \(\w+\)\. Set HOST and PORT to others\.\n$/,
    )
  })

  it('with METRICS_PORT counts requests and outcomes on a port of their own', async () => {
    const metricsPort = await reserveFreePort()
    await using server = runProcess(main, { ...standIns.variables, METRICS_PORT: String(metricsPort) })
    await server.printed('"ready"')
    await fetch(`http://127.0.0.1:${port}/pms/sikka/oauth/callback`, { redirect: 'manual' })
    await (await standIns.newPerson()).client.pms.connectionStatus.query()
    const metrics = await (await fetch(`http://127.0.0.1:${metricsPort}/metrics`)).text()
    expect(metrics).toContain('pms_http_request_duration_seconds_count{method="GET",route="/pms/",status="303"} 1')
    expect(metrics).toContain('pms_http_request_duration_seconds_count{method="GET",route="/trpc/",status="200"} 1')
    expect((await fetch(`http://127.0.0.1:${port}/metrics`)).headers.get('content-type')).toMatch(/^text\/html/)
  })

  it('F62: without its database tries for 30 seconds, says so, and ends with 1', async () => {
    expect(await alone.server.ended).toBe(1)
    expect((await alone.endedAt) - (await alone.triesSince)).toBeGreaterThan(28_000)
    expect(alone.server.output()).toContain('the database could not be used for 30 seconds')
  })
})
