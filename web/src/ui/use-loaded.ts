import { useEffect, useState } from 'react'

/**
 * A part of the page that is fetched once this is drawn; undefined until it is there. Not by `lazy`, which shows its
 * fallback for 300 ms at least, also when the part is there already.
 * @param load the same function each time
 * @throws {Error} when it cannot be fetched and `needed`
 */
export function useLoaded<Part extends object>(load: () => Promise<Part>, needed: boolean): Part | undefined {
  const [part, setPart] = useState<Part | Error>()
  useEffect(() => {
    load().then(setPart, (error: unknown) =>
      setPart(new Error('A part of the page cannot be loaded', { cause: error })),
    )
  }, [load])
  if (!(part instanceof Error)) return part
  if (needed) throw part
  return undefined
}
