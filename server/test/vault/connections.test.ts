import { once } from 'node:events'
import { createServer, type RequestListener } from 'node:http'
import { connect, createServer as createTcpServer, type AddressInfo, type Server } from 'node:net'
import { Worker } from 'node:worker_threads'
import { expect, it, onTestFinished, vi } from 'vitest'
import { secretsManagerVaults } from '../../src/vault/client.ts'
import { failureOf, namePrefix, pointSdkAt, signal } from './vault-for-test.ts'

const unclear = { code: 'STORAGE_UNAVAILABLE', reason: 'unclear' }
const notSent = { code: 'STORAGE_UNAVAILABLE', reason: 'not_sent' }

/** A vault whose Secrets Manager is at that port, whatever is there. */
function vaultAt(port: number) {
  pointSdkAt(`http://127.0.0.1:${port}`)
  const vaults = secretsManagerVaults({ region: 'us-east-1', namePrefix, limits: { connect: 250, request: 250 } })
  onTestFinished(() => {
    vaults.close()
    vi.restoreAllMocks()
    vi.unstubAllEnvs()
  })
  return vaults.for({ accountId: 'account', isWaitedFor: true })
}

async function listening(server: Server): Promise<number> {
  server.listen(0, '127.0.0.1')
  await once(server, 'listening')
  return (server.address() as AddressInfo).port
}

async function vaultAnsweredBy(answer: RequestListener) {
  const server = createServer(answer)
  onTestFinished(() => {
    server.closeAllConnections()
    server.close()
  })
  return vaultAt(await listening(server))
}

it.each([
  ['another than AWS answers, and well', 200, '<html>'],
  ['another than AWS answers that it cannot', 502, '<html>'],
  ['the answer is empty', 200, ''],
  ['the answer is cut', 200, '{"ARN":'],
  ['the answer is of another form', 200, '{}'],
])('%s: nothing is believed', async (_, status, body) => {
  const vault = await vaultAnsweredBy((_request, response) => void response.writeHead(status).end(body))
  expect(await failureOf(vault.describe('parlae', signal))).toEqual(unclear)
})

it('F57: an answer that begins and never ends fails within the limits, too', async () => {
  let calls = 0
  const vault = await vaultAnsweredBy((_request, response) => {
    calls++
    response.writeHead(200, { 'content-length': 100 }).write('{"ARN":')
  })
  expect(await failureOf(vault.describe('parlae', signal))).toEqual(unclear)
  expect(calls).toBe(3)
})

it('F57: an answer that drips in without ever coming to its point fails within the limits, too', async () => {
  let calls = 0
  const server = createTcpServer((socket) => {
    calls++
    socket.write('HTTP/1.1 200 OK\r\n')
    const drip = setInterval(() => socket.write('x-drip: 1\r\n'), 20)
    socket.on('error', () => undefined).on('close', () => clearInterval(drip))
  })
  const vault = vaultAt(await listening(server))
  onTestFinished(() => void server.close())
  expect(await failureOf(vault.describe('parlae', signal))).toEqual(unclear)
  expect(calls).toBe(3)
})

it('a call is not sent only when none of its tries was received', async () => {
  let received = 0
  const server = createTcpServer((socket) => {
    socket.once('data', () => {
      received++
      server.close()
      socket.destroy()
    })
  })
  const vault = vaultAt(await listening(server))
  expect(await failureOf(vault.describe('parlae', signal)), 'one reset, then refused').toEqual(unclear)
  expect(await failureOf(vault.describe('parlae', signal)), 'refused alone').toEqual(notSent)
  expect(received).toBe(1)
})

// Elsewhere than on Linux a full queue of connections looks different.
it.runIf(process.platform === 'linux')('F57: a call is not sent when no connection comes about in time', async () => {
  // It listens, and never looks: the kernel takes one or two connections, the rest have to wait.
  const worker = new Worker(
    `const { createServer } = require('node:net')
    const { parentPort } = require('node:worker_threads')
    const server = createServer().listen({ port: 0, host: '127.0.0.1', backlog: 1 }, () => {
      parentPort.postMessage(server.address().port)
      Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0)
    })`,
    { eval: true },
  )
  const [port] = (await once(worker, 'message')) as [number]
  const queue = Array.from({ length: 8 }, () => connect(port, '127.0.0.1').on('error', () => undefined))
  onTestFinished(async () => {
    for (const socket of queue) socket.destroy()
    await worker.terminate()
  })
  await Promise.any(queue.map((socket) => once(socket, 'connect')))
  expect(await failureOf(vaultAt(port).describe('parlae', signal))).toEqual(notSent)
})
