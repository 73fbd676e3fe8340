/** What users do: start, allow, deny, come back again, choose, disconnect. */
import {
  scenarios,
  afterAllow,
  afterChoice,
  listedUnnamed,
  type Flow,
  type Model,
  type ScenarioName,
} from '../model.ts'
import { demand } from '../invariants.ts'
import type { Server } from '../servers.ts'
import { cameTo, idOf, step, type ModelCommand } from '../step.ts'
import type { World } from '../world.ts'

const callbackPath = '/pms/sikka/oauth/callback'

/** A flow by a number that is taken round and round, so that any number names one. */
export function flowAt(flows: readonly Flow[], index: number): Flow | undefined {
  return flows[index % Math.max(1, flows.length)]
}

export function serverAt(world: World, index: number): Server {
  const server = world.servers[index]
  if (!server) throw new Error(`There is no server ${index}`)
  return server
}

/** Offices are a run's own, so that no run meets another's at Sikka. */
export const officeOf = (world: World, office: number): string => `D8${String(world.run).padStart(6, '0')}${office}`

/** @returns undefined when it was refused, as it may be after trouble */
export async function startFlow(
  world: World,
  model: Model,
  account: number,
  server: Server,
): Promise<Flow | undefined> {
  const person = world.people[account]
  if (!person) throw new Error('There is no such account')
  const mayFail = world.isIll() || world.wasIll
  const asked = world.ask(server, person.id, async () => {
    const { attemptId: id, authorizationUrl } = await world.as(person, server).client.pms.startConnection.mutate()
    const flow: Flow = {
      id,
      account,
      authorizationUrl,
      callback: undefined,
      location: undefined,
      choices: [],
      listed: [],
      replaces: undefined,
      offices: [],
    }
    model.flows.push(flow)
    return flow
  })
  await world.calm()
  if (!asked.answer) demand(mayFail, 'MODEL an attempt could not be started', () => String(asked.error))
  return asked.answer
}

/** Sikka's page: what was decided there. The browser is on its way back then. */
export async function decideOn(
  world: World,
  flow: Flow,
  decision: 'allow' | 'deny',
  office = 0,
  scenario: ScenarioName = 'plain',
): Promise<string> {
  const page = new URL(flow.authorizationUrl)
  const switches = { ...scenarios[scenario], officeId: officeOf(world, office) }
  const form = new URLSearchParams([
    ...page.searchParams,
    ['decision', decision],
    ...Object.entries(switches).map(([name, value]) => [`scenario.${name}`, value]),
  ])
  const response = await fetch(new URL(page.pathname, page), { method: 'POST', body: form, redirect: 'manual' })
  return response.headers.get('location') ?? ''
}

/** The callback, in some browser, at some server. */
export function openCallback(
  world: World,
  model: Model,
  flow: Flow,
  callback: string,
  server: Server,
  browser = world.people[flow.account]?.browser,
) {
  const url = new URL(callback)
  const target = new URL(`${callbackPath}${url.search}`, server.origin)
  return world.ask(server, idOf(world, flow.account), async () => {
    const response = await (browser ?? globalThis).fetch(target, { redirect: 'manual' })
    const location = response.headers.get('location') ?? ''
    if (response.status !== 303) model.violations.push(`A callback was answered ${response.status}`)
    return location
  })
}

/** Opens it for the first time in its own browser, and looks at what comes of it. */
async function returnTo(
  world: World,
  model: Model,
  flow: Flow,
  server: Server,
  office: number,
  scenario: ScenarioName,
): Promise<void> {
  const account = { index: flow.account, id: idOf(world, flow.account) }
  const expected = afterAllow(model, account, officeOf(world, office), scenario)
  flow.listed = listedUnnamed(officeOf(world, office), scenario)
  const { seen, isCertain } = await step(world, model, { accounts: [flow.account] }, async () => {
    flow.offices.push(officeOf(world, office))
    flow.callback = await decideOn(world, flow, 'allow', office, scenario)
    world.workers.set(flow.id, server)
    const asked = openCallback(world, model, flow, flow.callback, server)
    await world.calm()
    flow.location = asked.answer
  })
  if (isCertain) cameTo(world, seen, flow.id, expected)
}

export const connect = (account: number, at: number, office: number, scenario: ScenarioName): ModelCommand => ({
  check: () => true,
  toString: () => `connect(account ${account}, server ${at}, office ${office}, ${scenario})`,
  async run(model, world) {
    let flow: Flow | undefined
    await step(world, model, { accounts: [account] }, async () => {
      flow = await startFlow(world, model, account, serverAt(world, at))
    })
    if (flow) await returnTo(world, model, flow, serverAt(world, at), office, scenario)
  },
})

/** A connection for whoever has none, so that what is to be done with one can be done. */
export const haveConnection = (account: number, at: number, office: number): ModelCommand => ({
  check: (model) => model.accounts[account]?.status !== 'ACTIVE' && !model.isIll,
  toString: () => `haveConnection(account ${account}, server ${at}, office ${office})`,
  run: (model, world) => connect(account, at, office, 'plain').run(model, world),
})

export const start = (account: number, at: number): ModelCommand => ({
  check: () => true,
  toString: () => `start(account ${account}, server ${at})`,
  async run(model, world) {
    await step(world, model, { accounts: [account] }, () => startFlow(world, model, account, serverAt(world, at)))
  },
})

const isOpen = (model: Model, { id }: Flow): boolean =>
  model.memory.seen?.attempts.some((attempt) => attempt.id === id && attempt.status === 'CREATED' && !attempt.isOver) ??
  false

/** The flow that was started and has not come back. */
const openFlow = (model: Model, index: number): Flow | undefined =>
  flowAt(
    model.flows.filter((flow) => flow.callback === undefined && isOpen(model, flow)),
    index,
  )

export const allow = (index: number, at: number, office: number, scenario: ScenarioName): ModelCommand => ({
  check: (model) => openFlow(model, index) !== undefined,
  toString: () => `allow(open flow ${index}, server ${at}, office ${office}, ${scenario})`,
  async run(model, world) {
    const flow = openFlow(model, index)
    if (flow) await returnTo(world, model, flow, serverAt(world, at), office, scenario)
  },
})

export const deny = (index: number, at: number): ModelCommand => ({
  check: (model) => openFlow(model, index) !== undefined,
  toString: () => `deny(open flow ${index}, server ${at})`,
  async run(model, world) {
    const flow = openFlow(model, index)
    if (!flow) return
    const { seen, isCertain } = await step(world, model, { accounts: [flow.account] }, async () => {
      flow.callback = await decideOn(world, flow, 'deny')
      const asked = openCallback(world, model, flow, flow.callback, serverAt(world, at))
      await world.calm()
      flow.location = asked.answer
    })
    if (isCertain) cameTo(world, seen, flow.id, { status: 'CANCELLED', errorCode: 'ACCESS_DENIED' })
  },
})

export const choose = (index: number, choice: number, at: number): ModelCommand => ({
  check: (model) => model.flows.some(({ choices }) => choices.length > 0),
  toString: () => `choose(choosing flow ${index}, choice ${choice}, server ${at})`,
  async run(model, world) {
    const flow = flowAt(
      model.flows.filter(({ choices }) => choices.length > 0),
      index,
    )
    const chosen = flow?.choices[choice % Math.max(1, flow.choices.length)]
    const person = flow && world.people[flow.account]
    if (!flow || !chosen || !person) return
    const expected = afterChoice(model, flow, person.id, chosen.officeId)
    const isOver = model.memory.seen?.attempts.find(({ id }) => id === flow.id)?.isOver ?? false
    const server = serverAt(world, at)
    const { seen, isCertain } = await step(world, model, { accounts: [flow.account] }, async () => {
      const input = { attemptId: flow.id, choiceId: chosen.id }
      flow.offices.push(chosen.officeId)
      if (!isOver) world.workers.set(flow.id, server)
      world.ask(server, person.id, () => world.as(person, server).client.pms.choosePractice.mutate(input))
      return Promise.resolve()
    })
    if (isCertain && !isOver) cameTo(world, seen, flow.id, expected)
    if (isOver) {
      const attempt = seen.attempts.find(({ id }) => id === flow.id)
      demand(attempt?.status === 'CHOOSING', 'MODEL a choice was made too late', () => attempt)
    }
  },
})

export const disconnect = (account: number, at: number): ModelCommand => ({
  check: () => true,
  toString: () => `disconnect(account ${account}, server ${at})`,
  async run(model, world) {
    const person = world.people[account]
    if (!person) return
    const server = serverAt(world, at)
    const { seen, isCertain } = await step(world, model, { accounts: [account] }, async () => {
      world.ask(server, person.id, () => world.as(person, server).client.pms.disconnect.mutate())
      return Promise.resolve()
    })
    if (!isCertain) return
    const connected = seen.integrations.filter((row) => row.accountId === person.id && row.status !== 'INACTIVE')
    demand(connected.length === 0, 'MODEL a disconnected practice is connected', () => connected)
    const left = seen.attempts.filter((each) => each.accountId === person.id && each.status === 'CHOOSING')
    demand(left.length === 0, 'MODEL a disconnected account still chooses', () => left)
  },
})
