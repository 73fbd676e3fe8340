import { once } from 'node:events'
import { readdir, readFile } from 'node:fs/promises'
import { connect, type Socket } from 'node:net'
import { afterAll, afterEach, beforeAll, expect, it } from 'vitest'
import { reserveFreePort } from '../sandbox/free-port.ts'
import { alarmsIn } from './harness/log-lines.ts'
import { startServer, type ServerProcess } from './harness/server-process.ts'
import { startStandIns, type StandIns } from './harness/stand-ins.ts'
import { until } from './harness/until.ts'

let standIns: StandIns
let server: ServerProcess
let metricsPort: number
const sockets = new Set<Socket>()

beforeAll(async () => {
  standIns = await startStandIns(await reserveFreePort())
  metricsPort = await reserveFreePort()
  server = await startServer(standIns, { METRICS_PORT: String(metricsPort) })
})
afterEach(() => {
  for (const socket of sockets) socket.destroy()
})
afterAll(async () => {
  await server[Symbol.asyncDispose]()
  await standIns.stop()
})

/** A connection that reads nothing until it is told to. */
async function open(): Promise<Socket> {
  const socket = connect(Number(new URL(server.origin).port), '127.0.0.1')
  socket.pause()
  socket.on('error', () => undefined)
  socket.on('close', () => sockets.delete(socket))
  sockets.add(socket)
  await once(socket, 'connect')
  return socket
}

const openMany = (count: number) => Promise.all(Array.from({ length: count }, open))

/** The most memory that the server has ever had resident, megabytes. */
async function peakMemory(): Promise<number> {
  const status = await readFile(`/proc/${server.pid}/status`, 'latin1')
  return Number(/^VmHWM:\s+(\d+) kB/m.exec(status)?.[1]) / 1024
}

const openFiles = async () => (await readdir(`/proc/${server.pid}/fd`)).length

/** The largest file of the page: a script of over 200 kB. */
async function largestAsset(): Promise<string> {
  const page = await (await fetch(server.origin)).text()
  const assets = page.match(/\/assets\/[\w.-]+\.js/g) ?? []
  const lengthOf = async (asset: string) => (await (await fetch(server.origin + asset)).arrayBuffer()).byteLength
  const sizes = await Promise.all(assets.map(async (asset) => [await lengthOf(asset), asset] as const))
  return sizes.reduce((largest, each) => (each[0] > largest[0] ? each : largest))[1]
}

const get = (path: string) => `GET ${path} HTTP/1.1\r\nHost: localhost\r\n\r\n`

async function isAlive(): Promise<number> {
  const askedAt = performance.now()
  expect((await fetch(`${server.origin}/livez`)).status).toBe(200)
  return performance.now() - askedAt
}

/** What the server has counted of answers with a status of 500 and above. */
async function serverErrors(): Promise<string[]> {
  const text = await (await fetch(`http://127.0.0.1:${metricsPort}/metrics`)).text()
  return text.match(/^pms_http_request_duration_seconds_count\{.*status="5.*$/gm) ?? []
}

const alarms = () =>
  alarmsIn(
    server
      .output()
      .split('\n')
      .filter((line) => line.startsWith('{')),
  )

it('AT33, S1: 1,300 pipelined requests for a file on each of 10 connections, never read, cost neither memory nor files', async () => {
  const before = await openFiles()
  const path = await largestAsset()
  for (const socket of await openMany(10)) socket.write(get(path).repeat(1_300))
  let most = 0
  await until(async () => {
    most = Math.max(most, await openFiles())
    // A look at what is there to be read tells a socket that it was cut off.
    for (const socket of sockets) socket.resume()
    return sockets.size === 0
  })
  await isAlive()
  expect(await peakMemory()).toBeLessThan(400)
  expect(most - before).toBeLessThan(50)
  await until(async () => (await openFiles()) <= before + 5)
})

it('AT33, S1: a file asked for on 1,000 connections, never read, costs the connections alone', async () => {
  const path = await largestAsset()
  const before = await openFiles()
  const readers = await openMany(1_000)
  for (const socket of readers) socket.write(get(path))
  await until(async () => (await isAlive()) < 1_000)
  expect((await openFiles()) - before).toBeLessThan(1_000 + 50)
  expect(await peakMemory()).toBeLessThan(400)
})

it('AT33, S1: 2,000 silent connections and as many half-sent heads leave the server as quick as it was', async () => {
  await openMany(2_000)
  for (const socket of await openMany(2_000)) socket.write('GET /livez HTTP/1.1\r\nX-Long: ')
  const times: number[] = []
  for (let time = 0; time < 21; time++) times.push(await isAlive())
  expect(times.sort((a, b) => a - b)[10]).toBeLessThan(100)
  expect(await peakMemory()).toBeLessThan(400)
})

it('AT33, S2: uploads that are broken off are the client’s own fault: no alarm, and nothing counted as ours', async () => {
  const { accessToken } = await standIns.newPerson()
  const head =
    `POST /trpc/pms.choosePractice HTTP/1.1\r\nHost: localhost\r\nAuthorization: Bearer ${accessToken}\r\n` +
    'Content-Type: application/json\r\n'
  const framings = ['Content-Length: 100\r\n\r\n{"attempt', 'Transfer-Encoding: chunked\r\n\r\n9\r\n{"attempt\r\n']
  const count = async (status: number) => {
    const text = await (await fetch(`http://127.0.0.1:${metricsPort}/metrics`)).text()
    const line = new RegExp(`_count\\{method="POST",route="/trpc/",status="${status}"\\} (\\d+)`)
    return Number(line.exec(text)?.[1] ?? 0)
  }
  const before = alarms().length
  const uploads = await openMany(40)
  for (const [index, socket] of uploads.entries()) socket.write(head + framings[index % framings.length])
  await isAlive()
  for (const socket of uploads) socket.resetAndDestroy()
  await until(async () => (await count(400)) + (await count(503)) === uploads.length)
  expect(await serverErrors()).toEqual([])
  expect(alarms().slice(before)).toEqual([])
})
