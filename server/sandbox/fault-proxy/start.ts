import { openDoor } from './door.ts'
import { Fault } from './fault.ts'
import { openLine, type Line, type Target } from './line.ts'
import { presentFault } from './present-fault.ts'
import { treatmentOf } from './treatment.ts'

/** A running proxy, which breaks lines when told to. */
export interface FaultProxy extends AsyncDisposable {
  readonly port: number
  /** `http://127.0.0.1:<port>`, for a target that speaks HTTP */
  readonly origin: string
  /** the present fault, also when it has struck as often as it may */
  readonly fault: Fault | null
  /**
   * From now on lines behave so. Replaces an earlier fault: what that one withheld is judged anew.
   * @throws {z.ZodError} on what is no fault; nothing is changed then
   */
  set(fault: Fault): void
  /** No fault: what was withheld is passed on now, in order, and connections are taken again, on the same port. */
  heal(): void
  /**
   * Resolves when the present fault, or one that is set later, holds or breaks a line; at once if it has done so.
   * An answer has to have begun before it is held or broken: the target is then done, or at work, with the request.
   */
  struck(): Promise<void>
  /** how many lines the present fault has struck; `cut` strikes once, all of them */
  readonly strikes: number
  /** Stops at once; open lines are destroyed, also those that are held. */
  close(): Promise<void>
}

/**
 * Starts a TCP proxy in front of the target, without a fault.
 * @param options.host default 127.0.0.1
 * @param options.port default 0: any free one
 * @throws when the address is taken
 */
export async function startFaultProxy(options: { target: Target; host?: string; port?: number }): Promise<FaultProxy> {
  const { target, host = '127.0.0.1', port = 0 } = options
  const lines = new Set<Line>()
  const waiting: (() => void)[] = []
  const onStrike = () => {
    for (const resolve of waiting.splice(0)) resolve()
  }
  let present = presentFault(null, onStrike)
  let closing: Promise<unknown> | undefined

  const door = await openDoor(host, port, (near) => {
    const line = openLine(near, target, treatmentOf(present))
    lines.add(line)
    void line.closed.then(() => lines.delete(line))
  })

  function change(fault: Fault | null): void {
    if (closing) return
    present = presentFault(fault, onStrike)
    if (fault?.kind === 'cut') {
      cut()
      present.strike()
      return
    }
    door.open()
    for (const line of lines) line.treat(treatmentOf(present))
  }

  function cut(): void {
    door.shut()
    for (const line of lines) line.destroy()
  }

  async function close(): Promise<void> {
    cut()
    await (closing ??= Promise.all([...lines].map((line) => line.closed)))
  }

  return {
    port: door.port,
    origin: `http://${host}:${door.port}`,
    get fault() {
      return present.fault
    },
    get strikes() {
      return present.strikes
    },
    set: (fault) => change(Fault.parse(fault)),
    heal: () => change(null),
    struck: () => (present.strikes > 0 ? Promise.resolve() : new Promise((resolve) => void waiting.push(resolve))),
    close,
    [Symbol.asyncDispose]: close,
  }
}
