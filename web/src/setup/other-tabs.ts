import type { ConnectionStatus } from '@pms/shared/connection-status'
import { useEffect, useEffectEvent, useMemo, useRef } from 'react'

/** The other tabs of this browser that wait for the same status. */
export interface OtherTabs {
  /** Lets them know an answer. */
  tell(answer: ConnectionStatus): void
  /** Waits until no other tab's request is held, then acts: all tabs together hold one request. */
  inTurn<T>(signal: AbortSignal, act: () => Promise<T>): Promise<T>
}

/** What tabs have in common that wait for the same status: the person, and what is asked about. */
export function statusTopic(person: string, attemptId: string | undefined): string {
  return `pms-status ${person} ${attemptId ?? 'account'}`
}

/** Lets all tabs know an answer that none of them has asked for. */
export function tellTabs(topic: string, answer: ConnectionStatus): void {
  const channel = openChannel(topic)
  // oxlint-disable-next-line unicorn/require-post-message-target-origin -- a channel has none
  channel?.postMessage(answer)
  channel?.close()
}

/** undefined where the browser forbids it: then each tab asks for itself (P18). */
function openChannel(topic: string): BroadcastChannel | undefined {
  try {
    return new BroadcastChannel(topic)
  } catch {
    return undefined
  }
}

/** Acts when no other tab does; at once where the browser has no locks or forbids them. */
async function takeTurn<Value>(topic: string, signal: AbortSignal, act: () => Promise<Value>): Promise<Value> {
  let began = false
  const begin = (): Promise<Value> => {
    began = true
    return act()
  }
  try {
    return await navigator.locks.request(topic, { signal }, begin)
  } catch (error) {
    if (began || signal.aborted) throw error
    return begin()
  }
}

/**
 * @param topic what the tabs have in common: the person and what is asked about
 * @param onHeard called with each answer that another tab got
 */
export function useOtherTabs(topic: string, onHeard: (answer: ConnectionStatus) => void): OtherTabs {
  const channel = useRef<BroadcastChannel | undefined>(undefined)
  const hear = useEffectEvent((answer: ConnectionStatus) => onHeard(answer))

  useEffect(() => {
    const opened = openChannel(topic)
    let isOpen = true
    opened?.addEventListener('message', ({ data }: MessageEvent<unknown>) => {
      void readAnswer(data).then((answer) => isOpen && answer && hear(answer))
    })
    channel.current = opened
    return () => {
      isOpen = false
      channel.current = undefined
      opened?.close()
    }
  }, [topic])

  return useMemo(
    () => ({
      tell: (answer) => channel.current?.postMessage(answer),
      inTurn: (signal, act) => takeTurn(topic, signal, act),
    }),
    [topic],
  )
}

/** A tab with an older or newer build of the page may speak differently. The schema is fetched when one speaks. */
async function readAnswer(message: unknown): Promise<ConnectionStatus | undefined> {
  const schemas = await import('@pms/shared/connection-status').catch(() => undefined)
  return schemas?.ConnectionStatus.safeParse(message).data
}
