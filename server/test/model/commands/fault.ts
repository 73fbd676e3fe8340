/** What goes wrong: on the lines of one server, in Secrets Manager, at Sikka; and servers that die. */
import type { LineName, Server } from '../servers.ts'
import { step, type ModelCommand } from '../step.ts'
import { serversHere, type World } from '../world.ts'
import { openCallback, decideOn, officeOf, serverAt, startFlow } from './flow.ts'

/** Where a server can be stopped: at a statement, at a call. What it says there is known to the proxy by these words. */
export const points = {
  claim: ['database', '"nonceHash" = '],
  start_exchange: ['database', "status = 'EXCHANGING'"],
  record_keys: ['database', 'status = \'KEYS_RECEIVED\', "leaseUntil"'],
  offer_choices: ['database', "status = 'CHOOSING', choices"],
  start_storing: ['database', "status = 'STORING', "],
  activate: ['database', 'INSERT INTO pms_integrations'],
  end: ['database', 'WITH before AS'],
  disconnect: ['database', 'WITH disconnected AS'],
  save_refreshed: ['database', 'WITH saved AS'],
  commit: ['database', 'COMMIT'],
  exchange: ['sikka', 'POST /v4/request_key'],
  list: ['sikka', 'GET /v4/authorized_practices'],
  revoke: ['sikka', 'DELETE /v4/re'],
  create_secret: ['secretsManager', 'CreateSecret'],
  put_secret: ['secretsManager', 'PutSecretValue'],
  read_secret: ['secretsManager', 'GetSecretValue'],
  restore_secret: ['secretsManager', 'RestoreSecret'],
  promote: ['secretsManager', 'UpdateSecretVersionStage'],
  describe_secret: ['secretsManager', 'DescribeSecret'],
  delete_secret: ['secretsManager', 'DeleteSecret'],
} as const satisfies Record<string, readonly [LineName, string]>
export type PointName = keyof typeof points

/** The request is held on its way there, or done and its answer held; or the line breaks before, or after it was done. */
export const breaks = ['hang', 'hang_answer', 'reset', 'reset_answer'] as const
export type Break = (typeof breaks)[number]

function breakAt(server: Server, point: PointName, kind: Break): void {
  const [line, words] = points[point]
  server.lines[line].set({ kind, when: words.replaceAll(/[()[\]$.*+?]/g, '\\$&'), times: 1 })
}

export const fault = (at: number, point: PointName, kind: Break): ModelCommand => ({
  check: () => true,
  toString: () => `fault(server ${at}, ${kind} at ${point})`,
  async run(model, world) {
    await step(world, model, { accounts: [] }, async () => breakAt(serverAt(world, at), point, kind))
  },
})

/** Something is done while that is wrong at just the server that does it. */
export const during = (at: number, point: PointName, kind: Break, command: ModelCommand): ModelCommand => ({
  check: (model) => command.check(model),
  toString: () => `during(${kind} at ${point}: ${command.toString()})`,
  async run(model, world) {
    breakAt(serverAt(world, at), point, kind)
    await command.run(model, world)
  },
})

/**
 * Two things at once: the first is stopped at that point, the second is done meanwhile, and then the first goes on.
 * That is where races are, so it is one command: a random list would seldom have the three of them.
 */
export const meanwhile = (
  at: number,
  point: PointName,
  kind: 'hang' | 'hang_answer',
  { prepare, first, second }: { prepare?: ModelCommand | undefined; first: ModelCommand; second: ModelCommand },
): ModelCommand => ({
  check: (model) => prepare?.check(model) || first.check(model),
  toString: () =>
    `meanwhile(${prepare ? `${prepare.toString()}; ` : ''}${kind} at ${point}: ${first.toString()}; ${second.toString()})`,
  async run(model, world) {
    if (prepare?.check(model)) await prepare.run(model, world)
    if (!first.check(model)) return
    const server = serverAt(world, at)
    await during(at, point, kind, first).run(model, world)
    if (second.check(model)) await second.run(model, world)
    await step(world, model, { accounts: [] }, async () => {
      for (const line of Object.values(server.lines)) if (line.fault && server.isAlive()) line.heal()
    })
  },
})

export const cut = (at: number, line: LineName): ModelCommand => ({
  check: () => true,
  toString: () => `cut(server ${at}, ${line})`,
  async run(model, world) {
    await step(world, model, { accounts: [] }, async () => serverAt(world, at).lines[line].set({ kind: 'cut' }))
  },
})

export const slow = (at: number, line: LineName): ModelCommand => ({
  check: () => true,
  toString: () => `slow(server ${at}, ${line})`,
  async run(model, world) {
    await step(world, model, { accounts: [] }, async () =>
      serverAt(world, at).lines[line].set({ kind: 'latency', milliseconds: 5 }),
    )
  },
})

/** Secrets Manager answers with an error, once; `done`: it has done what it was asked to all the same (F53). */
export const writeErrors = [
  'CreateSecret',
  'PutSecretValue',
  'UpdateSecretVersionStage',
  'DeleteSecret',
  'RestoreSecret',
] as const
export const failingSecrets = (
  operation: (typeof writeErrors)[number],
  error: string,
  done: boolean,
): ModelCommand => ({
  check: () => true,
  toString: () => `failingSecrets(${operation}, ${error}${done ? ', done' : ''})`,
  async run(model, world) {
    await step(world, model, { accounts: [] }, async () => {
      world.standIns.secretsManager.fail({ operation, error, done, times: 1 })
      world.isScripted = true
    })
  },
})

/** All that is wrong ends; what was held goes on. */
export const heal = (): ModelCommand => ({
  check: ({ isIll }) => isIll,
  toString: () => 'heal()',
  async run(model, world) {
    await step(world, model, { accounts: [] }, async () => world.heal())
  },
})

/** The server dies with all it has under way, and another starts in its place. */
export const crash = (at: number): ModelCommand => ({
  check: () => true,
  toString: () => `crash(server ${at})`,
  async run(model, world) {
    await step(world, model, { accounts: [] }, async () => {
      await world.crash(serverAt(world, at))
      world.wasIll = true
    })
  },
})

/** A connection on the server that is a process of its own, which is killed at that point of it. */
export const killedAt = (
  account: number,
  point: PointName,
  kind: 'hang' | 'hang_answer',
  office: number,
): ModelCommand => ({
  check: () => true,
  toString: () => `killedAt(account ${account}, ${kind} at ${point}, office ${office})`,
  async run(model, world) {
    const server = serverAt(world, serversHere)
    await step(world, model, { accounts: [account] }, async () => {
      const flow = await startFlow(world, model, account, server)
      if (!flow) return
      breakAt(server, point, kind)
      flow.offices.push(officeOf(world, office))
      flow.callback = await decideOn(world, flow, 'allow', office)
      world.workers.set(flow.id, server)
      openCallback(world, model, flow, flow.callback, server)
      await world.calm()
      await world.crash(server)
      world.wasIll = true
    })
  },
})

/** What is asked of Sikka here is an account's, whatever it does: so one account's trouble is no other's. */
export async function sikkaIs<Result>(
  world: World,
  switches: Parameters<World['standIns']['sikka']['setScenario']>[0],
  work: () => Promise<Result>,
): Promise<Result> {
  world.standIns.sikka.setScenario({ ...switches, rateLimitResetSeconds: 0 })
  world.isScripted = true
  return work()
}
