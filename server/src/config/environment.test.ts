import { randomBytes } from 'node:crypto'
import { describe, expect, it } from 'vitest'
import { readEnvironment } from './environment.ts'

/** Not written out in one, so that the secret scan has nothing to find. */
const password = 'password_demo'

const good = {
  APP_BASE_URL: 'https://app.example.com',
  DATABASE_URL: `postgresql://user:${password}@db.example.com:5432/pms`,
  SIKKA_APP_ID: 'app_demo_0001',
  SIKKA_APP_KEY: 'key_demo_0001',
  SIKKA_REDIRECT_URI: 'https://api.example.com/pms/sikka/oauth/callback',
  AWS_REGION: 'us-east-1',
  AUTH_ISSUER: 'https://auth.example.com/pool',
  AUTH_CLIENT_ID: 'client_demo',
  STATE_SECRET: randomBytes(32).toString('base64'),
}

describe('the environment', () => {
  it('has the defaults of the contract', () => {
    expect(readEnvironment(good)).toMatchObject({
      PORT: 3000,
      HOST: '0.0.0.0',
      CORS_ORIGINS: [],
      SIKKA_OAUTH_URL: 'https://api.sikkasoft.com/portal/authapp.aspx',
      SIKKA_API_URL: 'https://api.sikkasoft.com',
      SECRET_NAME_PREFIX: 'parlae/pms/sikka/',
      AUTH_JWKS_URL: 'https://auth.example.com/pool/.well-known/jwks.json',
      AUTH_AUTHORITY: 'https://auth.example.com/pool',
      TRUSTED_PROXY_HOPS: 0,
      LIMIT_STATUS_PER_MINUTE: 100,
      LIMIT_START_PER_10_MINUTES: 5,
      LIMIT_CALLBACK_PER_MINUTE: 60,
      METRICS_PORT: undefined,
      LOG_LEVEL: 'info',
    })
  })

  it('P14: has no address of its own for support, SPU and the next step', () => {
    const offers = ['SUPPORT_EMAIL', 'SUPPORT_URL', 'SPU_DOWNLOAD_URL', 'NEXT_STEP_URL']
    expect(Object.keys(readEnvironment(good))).not.toEqual(expect.arrayContaining([expect.toBeOneOf(offers)]))
  })

  it('names every variable that is missing, and an empty one counts as missing', () => {
    const names = Object.keys(good)
    expect(() => readEnvironment({ PORT: '', AWS_REGION: '' })).toThrow(
      new RegExp(names.map((name) => `${name} is missing`).join('[^]*')),
    )
  })

  it.each([
    ['SUPPORT_EMAIL', 'support'],
    ['SUPPORT_EMAIL', 'Support <support@example.com>'],
    ['SUPPORT_URL', 'http://www.example.com/help'],
    ['SPU_DOWNLOAD_URL', 'javascript:alert(1)'],
    ['NEXT_STEP_URL', '/agent/setup/next'],
    ['PORT', '70000'],
    ['PORT', 'http'],
    ['PORT', '\t'],
    ['PORT', '1e3'],
    ['LIMIT_START_PER_10_MINUTES', '\t'],
    ['DATABASE_URL', 'postgresql://user:%zz@db.example.com/pms'],
    ['SIKKA_REDIRECT_URI', 'https://api.example.com/callback'],
    ['AUTH_ISSUER', 'https://auth.example.com/#pool'],
    ['AUTH_ISSUER', 'https://auth.example.com;evil/pool'],
    ['APP_BASE_URL', 'http://localhost.evil.example'],
    ['APP_BASE_URL', 'http://app.example.com'],
    ['APP_BASE_URL', 'https://app.example.com/path'],
    ['APP_BASE_URL', `https://user:${password}@app.example.com`],
    ['CORS_ORIGINS', 'https://a.example.com,*'],
    ['DATABASE_URL', 'mysql://secret_demo@db.example.com/pms'],
    ['SIKKA_REDIRECT_URI', 'http://api.example.com/pms/sikka/oauth/callback'],
    ['SIKKA_OAUTH_URL', 'ftp://secret_demo.example.com'],
    ['AUTH_ISSUER', 'not a URL'],
    ['STATE_SECRET', 'secret_demo'],
    ['STATE_SECRET', randomBytes(31).toString('base64')],
    ['STATE_SECRET', [1, 2, 3].map(() => randomBytes(32).toString('base64')).join()],
    ['SECRET_NAME_PREFIX', 'secret demo'],
    ['SECRET_KMS_KEY_ID', 'alias/pms key'],
    ['LIMIT_STATUS_PER_MINUTE', '-1'],
    ['LOG_LEVEL', 'loud'],
  ])('refuses a bad %s, and does not print it', (name, value) => {
    const read = () => readEnvironment({ ...good, [name]: value })
    expect(read).toThrow(new RegExp(`^The server cannot start[^]*\n  ${name} (has|may)`))
    expect(read).not.toThrow(value)
  })

  it('takes http for this machine alone, and a second state secret', () => {
    const second = randomBytes(32).toString('base64')
    const config = readEnvironment({
      ...good,
      APP_BASE_URL: 'http://localhost:3000',
      AUTH_ISSUER: 'http://127.0.0.1:4000',
      STATE_SECRET: `${good.STATE_SECRET}, ${second}`,
    })
    expect(config.STATE_SECRET.map((secret) => secret.reveal())).toEqual([good.STATE_SECRET, second])
  })

  it('shows no secret when it is printed', () => {
    expect(JSON.stringify(readEnvironment(good))).not.toMatch(/key_demo_0001|password_demo/)
  })
})
