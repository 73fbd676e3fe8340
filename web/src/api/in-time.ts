/**
 * Acts with a signal that fires with the given one, and after so many milliseconds. `AbortSignal.any` and `.timeout`
 * are newer than the page's oldest browsers (P7).
 */
export async function inTime<Value>(
  milliseconds: number,
  signal: AbortSignal,
  act: (signal: AbortSignal) => Promise<Value>,
): Promise<Value> {
  const ending = new AbortController()
  const end = (): void => ending.abort(signal.reason)
  const timer = setTimeout(() => ending.abort(new DOMException('No answer in time', 'TimeoutError')), milliseconds)
  if (signal.aborted) end()
  else signal.addEventListener('abort', end, { once: true })
  try {
    return await act(ending.signal)
  } finally {
    clearTimeout(timer)
    signal.removeEventListener('abort', end)
  }
}
