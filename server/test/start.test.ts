import { once } from 'node:events'
import { mkdtemp, readFile, rm } from 'node:fs/promises'
import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { expect, it } from 'vitest'
import { clientId } from '../sandbox/environment.ts'
import { signInByCodeFlow } from '../sandbox/identity/sign-in.ts'
import { personOf, type Person } from './harness/person.ts'
import { runProcess, type Running } from './harness/process.ts'
import { connect } from './harness/visit.ts'

it('pnpm start: a practice connects; Ctrl-C leaves nothing behind; it is still connected at the next start', async () => {
  const folder = await mkdtemp(join(tmpdir(), 'pms-start-'))
  const holder = createServer().listen(0, '127.0.0.1')
  await once(holder, 'listening')
  const { port } = holder.address() as AddressInfo
  const run = (): Running => runProcess('server/sandbox/start.ts', { PORT: String(port), SANDBOX_FOLDER: folder })
  const addresses = ({ output }: Running) => [...output().matchAll(/http:\/\/[\w.]+:\d+/g)].map(([address]) => address)
  const alex = async (running: Running): Promise<Person> => {
    const [page = '', issuer = ''] = addresses(running)
    return personOf(page, (await signInByCodeFlow(issuer, clientId, 'alex')).accessToken)
  }

  await using refused = run()
  expect(await refused.ended).toBe(1)
  expect(refused.output()).toBe(`\nPort ${port} is taken. Free it, or set PORT to another one.\n`)
  holder.close()

  await using first = run()
  await first.printed('Ready in')
  expect(addresses(first)[0]).toBe(`http://localhost:${port}`)
  expect((await connect(await alex(first))).outcome.status).toBe('connected')
  const [faults = ''] = /http:\S+\/sandbox\/faults/.exec(first.output()) ?? []
  const ready = () => fetch(`http://localhost:${port}/readyz`).then(({ status }) => status)
  await fetch(`${faults}/database`, { method: 'PUT', body: '{"kind":"cut"}' })
  await expect.poll(ready, { timeout: 5_000 }).toBe(503)
  await fetch(`${faults}/database`, { method: 'DELETE' })
  await expect.poll(ready, { timeout: 5_000 }).toBe(200)
  first.kill('SIGINT')
  expect(await first.ended).toBe(0)
  const answers = await Promise.allSettled(addresses(first).map((address) => fetch(address)))
  expect(answers.map(({ status }) => status)).toEqual(['rejected', 'rejected', 'rejected', 'rejected'])
  await expect(readFile(join(folder, 'postgres.lock'))).rejects.toMatchObject({ code: 'ENOENT' })
  expect(await readFile(join(folder, 'server.log'), 'utf8')).toContain('"stopped"')

  await using second = run()
  await second.printed('Ready in')
  expect(await (await alex(second)).client.pms.connectionStatus.query()).toMatchObject({
    status: 'connected',
    practiceName: 'Happy Dental Clinic',
  })
  second.kill('SIGTERM')
  expect(await second.ended).toBe(0)
  await rm(folder, { recursive: true, force: true })
})
