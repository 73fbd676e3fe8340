import { expect } from 'vitest'
import { cookieBrowser, type CookieBrowser } from './browser.ts'
import { secretsIn } from './log-lines.ts'
import type { StandIns } from './stand-ins.ts'

/** Whatever servers answer, and what the browsers that hear it know and nobody else has to. */
export interface Overheard {
  /** whatever was answered, headers too; of a start without what it is there to tell */
  answers: string[]
  /** states, nonces, cookies and tokens */
  own: Set<string>
  /** A browser whose every answer from this server is written down. */
  browser: (origin: string) => CookieBrowser
  /** Keys, codes, and what is `own`, in any form that they may be told in. */
  toldIn: (text: string) => string[]
}

export function overhear(): Overheard {
  const answers: string[] = []
  const own = new Set<string>()
  return {
    answers,
    own,
    browser(origin) {
      const browser = cookieBrowser()
      return {
        ...browser,
        fetch: async (input, init) => {
          const response = await browser.fetch(input, init)
          const url = input instanceof Request ? input.url : input.toString()
          if (!url.startsWith(origin)) return response
          const headers = [...response.headers].filter(([name]) => name !== 'set-cookie')
          let told = `${response.status} ${JSON.stringify(headers)} ${await response.clone().text()}`
          for (const cookie of response.headers.getSetCookie()) own.add(/=([^;]*)/.exec(cookie)?.[1] ?? '')
          const state = /[?&]state=([^"&]+)/.exec(told)?.[1]
          if (url.includes('startConnection') && state) {
            own.add(state)
            own.add(nonceOf(state))
            told = told.replace(state, '')
          }
          answers.push(told)
          return response
        },
      }
    },
    toldIn(text) {
      const ofBrowsers = [...own].filter((secret) => formsOf(secret).some((form) => text.includes(form)))
      return [...secretsIn(text), ...ofBrowsers]
    },
  }
}

function nonceOf(state: string): string {
  const [payload = ''] = decodeURIComponent(state).split('.')
  return (JSON.parse(Buffer.from(payload, 'base64url').toString()) as { nonce: string }).nonce
}

/** Also as it is in an address, in base64, and as the database stores bytes. */
export function formsOf(secret: string): string[] {
  const bytes = [Buffer.from(secret), Buffer.from(secret, 'base64url')]
  return [
    secret,
    decodeURIComponent(secret),
    encodeURIComponent(secret),
    Buffer.from(secret).toString('base64').replace(/=+$/, ''),
    ...bytes.map((each) => each.toString('hex')),
  ].filter((form) => form.length >= 12)
}

/** Every row of every table, of the jobs' too, as text. */
export async function allRows({ db }: Pick<StandIns, 'db'>): Promise<string> {
  const tables = await db.$queryRaw<{ name: string }[]>`
    SELECT format('%I.%I', table_schema, table_name) AS name FROM information_schema.tables
    WHERE table_schema IN ('public', 'pgboss') AND table_type = 'BASE TABLE'`
  expect(tables.map(({ name }) => name)).toEqual(
    expect.arrayContaining(['public.pms_audit_events', 'public.pms_integrations', 'public.pms_limits', 'pgboss.job']),
  )
  const rows = await Promise.all(
    tables.map(({ name }) => db.$queryRawUnsafe(`SELECT row_to_json(t)::text AS row FROM ${name} t`)),
  )
  return JSON.stringify(rows)
}
