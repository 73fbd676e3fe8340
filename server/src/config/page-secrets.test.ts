import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { readEnvironment } from './environment.ts'
import { checkPageHoldsNoSecret } from './page-secrets.ts'

const sikkaKey = 'made-up application key'
const password = 'made-up pass word'
const stateSecrets = ['first', 'second'].map((text) => Buffer.from(text.padEnd(32, '.')).toString('base64'))
const variables = {
  APP_BASE_URL: 'https://app.example.com',
  DATABASE_URL: Object.assign(new URL('postgresql://db.example.com/pms'), { username: 'pms', password }).href,
  SIKKA_APP_ID: 'app',
  SIKKA_APP_KEY: sikkaKey,
  SIKKA_REDIRECT_URI: 'https://app.example.com/pms/sikka/oauth/callback',
  AWS_REGION: 'us-east-1',
  AWS_SECRET_ACCESS_KEY: 'made-up access key',
  AWS_SESSION_TOKEN: 'made-up session token',
  AUTH_ISSUER: 'https://auth.example.com',
  AUTH_CLIENT_ID: 'client',
  STATE_SECRET: stateSecrets.join(),
}
let folder: string

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'page-'))
  await mkdir(join(folder, 'assets'))
  await writeFile(join(folder, 'index.html'), '<!doctype html>')
})
afterAll(() => rm(folder, { recursive: true }))

const check = (more: Record<string, string> = {}) => {
  const environment = { ...variables, ...more }
  checkPageHoldsNoSecret(readEnvironment(environment), environment, folder)
}

/** What is said, when it does not start. */
const refusal = (more: Record<string, string> = {}): string => {
  try {
    check(more)
  } catch (error) {
    const said = String(error)
    for (const secret of [sikkaKey, password, ...stateSecrets, 'made-up access key']) expect(said).not.toContain(secret)
    return said
  }
  return 'it starts'
}

describe('C21: a secret that everyone can read', () => {
  it('is none where there is none, and where no page is built', () => {
    expect(check).not.toThrow()
    expect(() => checkPageHoldsNoSecret(readEnvironment(variables), variables, join(folder, 'none'))).not.toThrow()
  })

  it.each([
    ['SIKKA_APP_KEY', sikkaKey],
    ['DATABASE_URL', password],
    ['STATE_SECRET', stateSecrets[0] ?? ''],
    ['STATE_SECRET', stateSecrets[1] ?? ''],
    ['AWS_SECRET_ACCESS_KEY', 'made-up access key'],
    ['AWS_SESSION_TOKEN', 'made-up session token'],
  ])('in a file of the built page keeps the server from starting: %s', async (name, value) => {
    const file = join(folder, 'assets', 'index.js')
    await writeFile(file, `const k="${value}"`)
    expect(refusal()).toContain(`the built page (assets/index.js) holds the value of ${name}`)
    await rm(file)
    expect(refusal()).toBe('it starts')
  })

  it.each<[Record<string, string>, string]>([
    [
      { SIKKA_APP_KEY: 'made-up-key-in-a-link', SPU_DOWNLOAD_URL: 'https://www.example.com/?k=made-up-key-in-a-link' },
      'SPU_DOWNLOAD_URL, which the page is told, holds the value of SIKKA_APP_KEY',
    ],
    [
      { SIKKA_APP_KEY: 'made-up-key@example.com', SUPPORT_EMAIL: 'made-up-key@example.com' },
      'SUPPORT_EMAIL, which the page is told, holds the value of SIKKA_APP_KEY',
    ],
    [
      { SIKKA_APP_KEY: 'made-up-key-in-a-link', NEXT_STEP_URL: 'https://www.example.com/?k=made-up-key-in-a-link' },
      'NEXT_STEP_URL, which the page is told, holds the value of SIKKA_APP_KEY',
    ],
    [{ AUTH_CLIENT_ID: sikkaKey }, 'AUTH_CLIENT_ID, which the page is told, holds the value of SIKKA_APP_KEY'],
    [{ VITE_SIKKA_APP_KEY: 'x' }, 'VITE_SIKKA_APP_KEY is built into the page, and its name says that it is a secret'],
    [{ VITE_TITLE: `(${sikkaKey})` }, 'VITE_TITLE, which is built into the page, holds the value of SIKKA_APP_KEY'],
  ])('in a setting that the page is told keeps the server from starting: %j', (more, said) => {
    expect(refusal(more)).toContain(said)
  })

  it('is told with all others, and with what to do', () => {
    expect(refusal({ AUTH_CLIENT_ID: sikkaKey, VITE_PASSWORD: 'x' })).toBe(
      [
        'StartError: The server does not start while everyone who opens the page can read its secrets:',
        '  AUTH_CLIENT_ID, which the page is told, holds the value of SIKKA_APP_KEY',
        '  VITE_PASSWORD is built into the page, and its name says that it is a secret',
        'Take the secret out, build the page again (pnpm build), and replace the secret: it has to count as known.',
      ].join('\n'),
    )
  })

  it('is told of from twelve characters on', () => {
    expect(refusal({ SIKKA_APP_KEY: 'made-up key!', VITE_TITLE: 'made-up key!' })).toContain('SIKKA_APP_KEY')
    expect(refusal({ SIKKA_APP_KEY: 'made-up key', VITE_TITLE: 'made-up key' })).toBe('it starts')
  })

  it('is not looked for where no name is of the page, and not without a value', () => {
    expect(refusal({ NO_VITE_KEY: sikkaKey })).toBe('it starts')
    const environment = { ...variables, VITE_TITLE: undefined, AWS_SESSION_TOKEN: undefined }
    expect(() => checkPageHoldsNoSecret(readEnvironment(environment), environment, folder)).not.toThrow()
  })

  it('counts as there while the page cannot be read', () => {
    const file = join(folder, 'index.html')
    expect(() => checkPageHoldsNoSecret(readEnvironment(variables), variables, file)).toThrow('ENOTDIR')
  })

  it('is not found in what is too short to be one, and not in other variables', () => {
    expect(refusal({ SIKKA_APP_KEY: 'doctype', VITE_TITLE: 'Setup', OTHER_KEY: sikkaKey })).toBe('it starts')
  })
})
