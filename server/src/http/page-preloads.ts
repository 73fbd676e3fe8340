import { signInCallbackPath } from '@pms/shared/setup-redirect'
import * as z from 'zod'

/** What the build says of its files, by the source that each is made of (Vite, `build.manifest`). */
const Manifest = z.record(z.string(), z.object({ file: z.string(), imports: z.array(z.string()).optional() }))

/** Parts of the page that not every visit needs, by their source. */
const words = { en: 'src/words/en.ts', fr: 'src/words/fr-ca.ts' } as const
const signInLibrary = 'src/api/sign-in-library.ts'

/**
 * The first of the browser's languages that the page speaks, in any of its regions, else English: what the page itself
 * begins with, unless another one was chosen in that browser. Browsers send the one they like best first.
 */
export function wordsFor(acceptLanguage = ''): string {
  const wished = acceptLanguage.split(',').map((tag) => tag.trim().toLowerCase().split(/[-;]/)[0])
  const spoken = wished.find((language) => language === 'en' || language === 'fr') ?? 'en'
  return words[spoken]
}

/**
 * Names the files that this visit needs and `index.html` cannot name, so that the browser asks for them together with
 * the others, instead of only when the page's script runs (P19).
 * @param manifest JSON text
 * @returns a `Link` header (RFC 8288)
 */
export function preloads(manifest: string, path: string, acceptLanguage: string | undefined): string {
  const chunks = Manifest.parse(JSON.parse(manifest))
  const wanted = new Set([wordsFor(acceptLanguage), ...(path === signInCallbackPath ? [signInLibrary] : [])])
  // Iterating over a set also visits what is added on the way.
  for (const source of wanted) for (const needed of chunks[source]?.imports ?? []) wanted.add(needed)
  const files = [...wanted].flatMap((source) => chunks[source]?.file ?? [])
  return files.map((file) => `</${file}>; rel=modulepreload`).join(', ')
}
