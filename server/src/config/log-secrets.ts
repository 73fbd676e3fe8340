import type { KnownSecret } from './page-secrets.ts'

/**
 * A hook of pino: takes the server's own secrets out of each line, also where a driver or a library has written one into
 * an error's message (F111).
 * @returns the line with `[redacted NAME]` in place of a variable's value
 */
export function withoutSecrets(secrets: readonly KnownSecret[]): (line: string) => string {
  const written = secrets.flatMap(({ name, value }) => {
    const forms = [value, JSON.stringify(value).slice(1, -1), encodeURIComponent(value)]
    return [...new Set(forms)].map((form) => ({ form, shown: `[redacted ${name}]` }))
  })
  return (line) => {
    let clean = line
    for (const { form, shown } of written) if (clean.includes(form)) clean = clean.replaceAll(form, shown)
    return clean
  }
}
