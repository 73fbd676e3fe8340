import { expect, it } from 'vitest'
import { httpUpstream } from '../src/sikka/testing/upstream.ts'
import { alarmsIn, forbidSecrets } from './harness/log-lines.ts'
import { startSystem } from './harness/system.ts'
import { connect } from './harness/visit.ts'

/** Credentials as a container gets them: from an address of its own, and for a while. */
async function credentialsFor(seconds: number) {
  let given = 0
  let endsAt = 0
  let isDown = false
  const endpoint = await httpUpstream((response) => {
    if (isDown) return void response.writeHead(400, { 'content-type': 'application/json' }).end('{}')
    given++
    endsAt = Date.now() + seconds * 1000
    const credentials = {
      AccessKeyId: `access_key_demo_${given}`,
      SecretAccessKey: 'secret_access_key_demo',
      Token: 'session_token_demo',
      Expiration: new Date(endsAt).toISOString(),
    }
    return void response.writeHead(200, { 'content-type': 'application/json' }).end(JSON.stringify(credentials))
  })
  return {
    environment: {
      AWS_ACCESS_KEY_ID: '',
      AWS_SECRET_ACCESS_KEY: '',
      AWS_CONFIG_FILE: '/nowhere',
      AWS_SHARED_CREDENTIALS_FILE: '/nowhere',
      AWS_CONTAINER_CREDENTIALS_FULL_URI: `${endpoint.origin}/credentials`,
    },
    given: () => given,
    areOver: () => Date.now() > endsAt,
    setDown: (down: boolean) => void (isDown = down),
    [Symbol.asyncDispose]: () => endpoint[Symbol.asyncDispose](),
  }
}

it('F61: credentials that end soon are fetched anew; where there are none any more it is our alarm, until there are', async () => {
  await using credentials = await credentialsFor(2)
  await using system = await startSystem({ environment: credentials.environment })
  const person = await system.newPerson()
  expect((await connect(person)).outcome).toMatchObject({ status: 'connected' })
  const first = credentials.given()
  expect(first).toBeGreaterThan(0)
  expect((await connect(person)).outcome).toMatchObject({ status: 'connected' })
  expect(credentials.given()).toBeGreaterThan(first)
  await system.finishWork()

  credentials.setDown(true)
  await system.until(async () => credentials.areOver())
  const before = system.secretsManager.calls()
  expect((await connect(person)).outcome).toMatchObject({ status: 'failed', errorCode: 'CONFIG' })
  expect(system.secretsManager.calls()).toEqual(before)
  expect(alarmsIn(system.log)).toContainEqual(
    expect.objectContaining({ msg: 'practice not connected', errorCode: 'CONFIG' }),
  )
  expect(await person.client.pms.connectionStatus.query()).toMatchObject({ status: 'connected' })

  credentials.setDown(false)
  expect((await connect(person)).outcome).toMatchObject({ status: 'connected' })
  forbidSecrets(system.log)
  expect(system.log.join('\n')).not.toMatch(/access_key_demo|session_token_demo/)
})
