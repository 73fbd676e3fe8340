import { once } from 'node:events'
import { connect, type Socket } from 'node:net'

/** What a load has come to. */
export interface Loaded {
  /** good answers */
  answered: number
  seconds: number
}

/** A request as it goes over the wire. */
export type RawRequest = Buffer

export const getRequest = (path: string, token?: string, origin?: string): RawRequest =>
  rawRequest('GET', path, { token, origin })

export function rawRequest(
  method: 'GET' | 'POST',
  path: string,
  { token, cookie, origin }: { token?: string | undefined; cookie?: string; origin?: string | undefined },
): RawRequest {
  const authorization = token === undefined ? '' : `authorization: Bearer ${token}\r\n`
  const cookies = cookie === undefined ? '' : `cookie: ${cookie}\r\n`
  const from = origin === undefined ? '' : `origin: ${origin}\r\n`
  const noBody = method === 'POST' ? 'content-type: application/json\r\ncontent-length: 0\r\n' : ''
  return Buffer.from(`${method} ${path} HTTP/1.1\r\nhost: localhost\r\n${authorization}${cookies}${from}${noBody}\r\n`)
}

/** End of a header, and where a response says how long it is. */
const headerEnd = Buffer.from('\r\n\r\n')
const lengthOf = /\r\ncontent-length: *(\d+)\r\n/i

/**
 * Asks over so many kept-alive connections, on each again as soon as it is answered, going through the requests in turn.
 * A request is sent as it is and of an answer no more is read than its status and length: with 2 cores, every
 * microsecond that is spent here is missing there (a client that parses answers is slower than the server).
 * @throws {Error} at an answer that is not 200
 */
export async function load({
  port,
  requests,
  connections,
  milliseconds,
  perSecond = Infinity,
}: {
  port: number
  requests: readonly RawRequest[]
  connections: number
  milliseconds: number
  /** no more than so many questions a second; default: as many as are answered */
  perSecond?: number
}): Promise<Loaded> {
  let next = 0
  let answered = 0
  const over = new AbortController()
  const startedAt = performance.now()
  const timer = setTimeout(() => {
    over.abort()
  }, milliseconds)
  const early: (() => void)[] = []
  // Never asleep: else the kernel charges the server for waking us up, and a slower one for more of it.
  const stayAwake = (): void => {
    if (!over.signal.aborted && perSecond === Infinity) setImmediate(stayAwake)
  }
  stayAwake()
  const isEarly = (): boolean => next >= ((performance.now() - startedAt) / 1000) * perSecond
  const pace = setInterval(() => {
    while (early.length > 0 && (over.signal.aborted || !isEarly())) early.shift()?.()
  }, 1)

  async function ask(): Promise<void> {
    const socket = connect({ port, host: '127.0.0.1', noDelay: true })
    await once(socket, 'connect')
    const { promise: done, resolve, reject } = Promise.withResolvers<void>()
    const send = (): void => {
      if (over.signal.aborted) return resolve()
      if (isEarly()) return void early.push(send)
      socket.write(requests[next++ % requests.length] ?? Buffer.alloc(0))
    }
    socket.on(
      'data',
      readAnswers((status) => {
        if (status !== 200) return reject(new Error(`A question was answered with HTTP ${status}`))
        answered += 1
        send()
      }),
    )
    socket.on('error', reject)
    socket.on('close', () => reject(new Error('The server has closed a connection')))
    send()
    try {
      await done
    } finally {
      socket.removeAllListeners('close')
      socket.destroy()
    }
  }

  try {
    await Promise.all(Array.from({ length: connections }, ask))
  } finally {
    over.abort()
    clearTimeout(timer)
    clearInterval(pace)
  }
  return { answered, seconds: (performance.now() - startedAt) / 1000 }
}

/** Takes what comes over a connection apart into answers. */
function readAnswers(onAnswer: (status: number, body: Buffer, head: Buffer) => void): (chunk: Buffer) => void {
  let rest: Buffer | undefined
  return (chunk) => {
    let data = rest ? Buffer.concat([rest, chunk]) : chunk
    rest = undefined
    while (data.length > 0) {
      const head = data.indexOf(headerEnd)
      const end =
        head === -1 ? Infinity : head + 4 + Number(lengthOf.exec(data.toString('latin1', 0, head + 2))?.[1] ?? 0)
      if (data.length < end) {
        rest = data
        return
      }
      onAnswer(Number(data.toString('latin1', 9, 12)), data.subarray(head + 4, end), data.subarray(0, head + 2))
      data = data.subarray(end)
    }
  }
}

/** Asks each of them once, over so many connections. */
export async function askEach(port: number, requests: readonly RawRequest[], connections: number): Promise<void> {
  await withEach(port, requests, connections, async (asker, request) => asker.ask(request))
}

/** Does it with each, so many at a time, each over a connection of its own. @returns what came of them, in their order */
export async function withEach<Item, Result>(
  port: number,
  items: readonly Item[],
  connections: number,
  work: (asker: Asker, item: Item) => Promise<Result>,
): Promise<Result[]> {
  const results: Result[] = []
  const left = items.entries()
  await Promise.all(
    Array.from({ length: connections }, async () => {
      const asker = await openAsker(port)
      for (const [index, item] of left) results[index] = await work(asker, item)
      asker.close()
    }),
  )
  return results
}

interface Answer {
  /** lines of the header, each with its end */
  head: string
  body: string
  /** when it came (performance.now()) */
  at: number
}

/** One connection that asks one thing at a time. */
export interface Asker {
  /** @throws {Error} at an answer that is an error */
  ask(request: RawRequest): Promise<Answer>
  close(): void
}

export async function openAsker(port: number): Promise<Asker> {
  const socket: Socket = connect({ port, host: '127.0.0.1', noDelay: true })
  await once(socket, 'connect')
  let waiting: PromiseWithResolvers<Answer> | undefined
  const fail = (error: Error) => waiting?.reject(error)
  socket.on('error', fail)
  socket.on('close', () => fail(new Error('The server has closed a connection')))
  socket.on(
    'data',
    readAnswers((status, body, head) => {
      const answer = { head: head.toString('latin1'), body: body.toString(), at: performance.now() }
      if (status < 400) waiting?.resolve(answer)
      else fail(new Error(`A question was answered with HTTP ${status}: ${body.toString()}`))
    }),
  )
  return {
    async ask(request) {
      waiting = Promise.withResolvers()
      socket.write(request)
      return waiting.promise
    },
    close: () => {
      socket.removeAllListeners('close')
      socket.destroy()
    },
  }
}
