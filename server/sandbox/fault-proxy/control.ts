import { Hono } from 'hono'
import * as z from 'zod'
import { Fault } from './fault.ts'
import type { FaultProxy } from './start.ts'

const partNames = ['database', 'sikka', 'secretsManager'] as const
type PartName = (typeof partNames)[number]

/** The proxies by what is behind them; a part without one cannot be broken. */
export type Parts = Readonly<Record<PartName, Pick<FaultProxy, 'fault' | 'set' | 'heal'> | undefined>>

/** Sets faults over HTTP, at `/sandbox/faults`; DELETE there heals all of them. Every success is answered with the faults that hold now. */
export function faultControl(parts: Parts): Hono {
  const faults = () => Object.fromEntries(partNames.map((name) => [name, parts[name]?.fault ?? null]))
  return new Hono()
    .get('/sandbox/faults', (c) => c.json(faults()))
    .put('/sandbox/faults/:part', async (c) => {
      const proxy = proxyOf(parts, c.req.param('part'))
      if (!proxy) return c.json(unknownPart(parts), 404)
      const fault = Fault.safeParse(await c.req.json().catch(() => undefined))
      if (!fault.success) return c.json({ error: 'bad_fault', problem: z.prettifyError(fault.error) }, 400)
      proxy.set(fault.data)
      return c.json(faults())
    })
    .delete('/sandbox/faults', (c) => {
      for (const name of partNames) parts[name]?.heal()
      return c.json(faults())
    })
    .delete('/sandbox/faults/:part', (c) => {
      const proxy = proxyOf(parts, c.req.param('part'))
      if (!proxy) return c.json(unknownPart(parts), 404)
      proxy.heal()
      return c.json(faults())
    })
}

function proxyOf(parts: Parts, asked: string): Parts[PartName] {
  const name = partNames.find((part) => part === asked)
  return name && parts[name]
}

function unknownPart(parts: Parts): { error: string; parts: PartName[] } {
  return { error: 'unknown_part', parts: partNames.filter((name) => parts[name]) }
}
