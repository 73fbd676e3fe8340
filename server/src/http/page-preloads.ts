import { languageOf } from '@pms/shared/languages'
import { signInCallbackPath } from '@pms/shared/setup-redirect'
import * as z from 'zod'

/** The build's files by their source (Vite, `build.manifest`). */
const Manifest = z.record(z.string(), z.object({ file: z.string(), imports: z.array(z.string()).optional() }))

/** Sources of the page that only some visits need. */
const words = { en: 'src/words/en.ts', 'fr-CA': 'src/words/fr-ca.ts' } as const
const signInLibrary = 'src/api/sign-in-library.ts'

/** The words the page starts with, unless the user chose a language there. Browsers send the preferred one first. */
export function wordsFor(acceptLanguage = ''): string {
  return words[
    languageOf(
      null,
      acceptLanguage.split(',').map((wish) => wish.split(';')[0]?.trim() ?? ''),
    )
  ]
}

/**
 * Lists the files that this visit needs but `index.html` cannot name, so that the browser requests them with the
 * document, not after the page's script runs (P19).
 * @param manifest JSON text
 * @returns a `Link` header (RFC 8288)
 */
export function preloads(manifest: string, path: string, acceptLanguage: string | undefined): string {
  const chunks = Manifest.parse(JSON.parse(manifest))
  const wanted = new Set([wordsFor(acceptLanguage), ...(path === signInCallbackPath ? [signInLibrary] : [])])
  // A Set's iterator also visits elements added during the iteration.
  for (const source of wanted) for (const needed of chunks[source]?.imports ?? []) wanted.add(needed)
  const files = [...wanted].flatMap((source) => chunks[source]?.file ?? [])
  return files.map((file) => `</${file}>; rel=modulepreload`).join(', ')
}
