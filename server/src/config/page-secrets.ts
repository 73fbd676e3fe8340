import { readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import type { Config } from './environment.ts'
import { StartError } from './start-error.ts'
import { variablesToldToPage } from './told-to-page.ts'

/** Shorter values, characters, may be in a page by chance; no real key is so short. */
const shortest = 12

/** What Vite builds into a page as it is, by its name. */
const builtIn = /^VITE_/
const secretName = /KEY|SECRET|TOKEN|PASSWORD|CREDENTIAL/i

/**
 * No secret of the server may be where a browser can read it: in the built page, in what `/config.json` tells, or in
 * a variable that the next build puts into the page (C21).
 * @throws {StartError} naming the variable and the place, never a value
 */
export function checkPageHoldsNoSecret(
  config: Config,
  environment: Record<string, string | undefined>,
  pageFolder: string,
): void {
  const secrets = secretsOf(config, environment)
  const heldBy = (text: string | Buffer) => secrets.find(({ value }) => text.includes(value))?.name
  const found: string[] = []
  const look = (place: string, text: string | Buffer): void => {
    const name = heldBy(text)
    if (name !== undefined) found.push(`  ${place} holds the value of ${name}`)
  }
  for (const file of filesIn(pageFolder)) look(`the built page (${file})`, readFileSync(join(pageFolder, file)))
  for (const name of variablesToldToPage) look(`${name}, which the page is told,`, config[name] ?? '')
  for (const [name, value] of Object.entries(environment)) {
    if (value === undefined || !builtIn.test(name)) continue
    if (secretName.test(name)) found.push(`  ${name} is built into the page, and its name says that it is a secret`)
    else look(`${name}, which is built into the page,`, value)
  }
  if (found.length > 0) {
    throw new StartError(
      `The server does not start while everyone who opens the page can read its secrets:\n${found.join('\n')}\n` +
        'Take the secret out, build the page again (pnpm build), and replace the secret: it has to count as known.',
    )
  }
}

/** A secret of the server's environment that is long enough to be looked for. */
export interface KnownSecret {
  name: string
  value: string
}

export function secretsOf(config: Config, environment: Record<string, string | undefined>): KnownSecret[] {
  const password = decodeURIComponent(new URL(config.DATABASE_URL.reveal()).password)
  const awsSecrets = ['AWS_SECRET_ACCESS_KEY', 'AWS_SESSION_TOKEN'].map((name) => ({ name, value: environment[name] }))
  return [
    { name: 'SIKKA_APP_KEY', value: config.SIKKA_APP_KEY.reveal() },
    ...config.STATE_SECRET.map((key) => ({ name: 'STATE_SECRET', value: key.reveal() })),
    { name: 'DATABASE_URL', value: password },
    ...awsSecrets,
  ].filter((secret): secret is KnownSecret => (secret.value?.length ?? 0) >= shortest)
}

/** All files below a folder that is there, by their paths in it; the missing page is somebody else's to report. */
function filesIn(folder: string): string[] {
  try {
    const entries = readdirSync(folder, { withFileTypes: true, recursive: true })
    return entries.flatMap((entry) =>
      entry.isFile() ? [join(entry.parentPath, entry.name).slice(folder.length + 1)] : [],
    )
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return []
    throw error
  }
}
