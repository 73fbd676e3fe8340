/** What nobody should be able to do: I5. And the same callback again, which changes nothing either. */
import { cookieBrowser } from '../../harness/browser.ts'
import { demand } from '../invariants.ts'
import type { Flow, Model } from '../model.ts'
import { step, type ModelCommand } from '../step.ts'
import type { World } from '../world.ts'
import { decideOn, flowAt, officeOf, openCallback, serverAt } from './flow.ts'

const returned = (model: Model): Flow[] => model.flows.filter(({ callback }) => callback !== undefined)

/** What the callback is answered, without a trace of it but an event that it was refused. */
async function openInVain(
  world: World,
  model: Model,
  flow: Flow,
  callback: string,
  at: number,
  browser: Parameters<typeof openCallback>[5],
): Promise<string | undefined> {
  let location: string | undefined
  await step(world, model, { accounts: [], isUnverified: true }, async () => {
    const asked = openCallback(world, model, flow, callback, serverAt(world, at), browser)
    await world.calm()
    location = asked.answer
  })
  return location
}

const errorOf = (location: string): string | null => new URL(location, 'http://localhost').searchParams.get('error')

const kinds = ['no_cookie', 'other_person', 'altered_state', 'other_state'] as const
export type Intrusion = (typeof kinds)[number]
export const intrusions = kinds

/** A good code, but not in the browser that has started; or with a state that is not the server's. */
export const intrude = (index: number, at: number, kind: Intrusion): ModelCommand => ({
  check: (model) => model.flows.length > 0,
  toString: () => `intrude(flow ${index}, server ${at}, ${kind})`,
  async run(model, world) {
    const flow = flowAt(model.flows, index)
    if (!flow) return
    const other = world.people[(flow.account + 1) % world.people.length]
    const callback = new URL(await decideOn(world, flow, 'allow', 9))
    const state = callback.searchParams.get('state') ?? ''
    if (kind === 'altered_state') callback.searchParams.set('state', forged(state, other?.id ?? ''))
    if (kind === 'other_state') callback.searchParams.set('state', reversed(state))
    const browser = kind === 'no_cookie' ? cookieBrowser() : kind === 'other_person' ? other?.browser : undefined
    const location = await openInVain(world, model, flow, callback.href, at, browser)
    if (location === undefined) return
    const code = errorOf(location)
    const isRefused =
      code === 'invalid_state' ||
      (code === 'expired_state' && browser !== undefined) ||
      code === 'temporarily_unavailable'
    demand(isRefused, 'I5 an untrusted callback was not refused', () => ({ kind, location }))
  },
})

/** A state with a signature that nobody has made. */
function reversed(state: string): string {
  const [payload = '', mac = ''] = state.split('.')
  return `${payload}.${mac.split('').toReversed().join('')}`
}

/** The same state's signature below another account's name. */
function forged(state: string, accountId: string): string {
  const [payload = '', mac = ''] = state.split('.')
  const read = JSON.parse(Buffer.from(payload, 'base64url').toString()) as object
  return `${Buffer.from(JSON.stringify({ ...read, accountId })).toString('base64url')}.${mac}`
}

/** The same callback in the same browser, or the same state with another good code (AT14). */
export const again = (index: number, at: number, withOtherCode: boolean): ModelCommand => ({
  check: (model) => returned(model).length > 0,
  toString: () => `again(returned flow ${index}, server ${at}${withOtherCode ? ', with another code' : ''})`,
  async run(model, world) {
    const flow = flowAt(returned(model), index)
    if (!flow?.callback) return
    // Held on its way at first, it may be the first to be claimed.
    const attempt = model.memory.seen?.attempts.find(({ id }) => id === flow.id)
    const isClaimed = attempt?.status !== 'CREATED'
    if (withOtherCode) flow.offices.push(officeOf(world, 9))
    const callback = withOtherCode ? await decideOn(world, flow, 'allow', 9) : flow.callback
    let location: string | undefined
    await step(world, model, { accounts: isClaimed ? [] : [flow.account], isUnverified: isClaimed }, async () => {
      if (!isClaimed) world.workers.set(flow.id, serverAt(world, at))
      const asked = openCallback(world, model, flow, callback, serverAt(world, at))
      await world.calm()
      location = asked.answer
    })
    if (!isClaimed || location === undefined || flow.location === undefined) return
    const mayDiffer = [location, flow.location].some((each) => errorOf(each) === 'temporarily_unavailable')
    demand(mayDiffer || location === flow.location, 'AT14 a repeated callback was answered otherwise', () => ({
      first: flow.location,
      now: location,
      attempt,
    }))
  },
})
