import { expect, test } from 'vitest'
import { sikkaForTest } from './test-application.ts'

const told = (answer: Response) => [
  answer.status,
  answer.headers.get('x-rate-limit-limit'),
  answer.headers.get('x-rate-limit-remaining'),
]

test('a plan counts the calls of the application, tells what is left, and answers 429 to more', async () => {
  await using sikka = await sikkaForTest()
  sikka.setScenario({ planCalls: 2, planWindowSeconds: 60 })
  const code = await sikka.authorize()
  expect(told(await sikka.call('/v4/data_sync_status', {}))).toEqual([400, '2', '1'])
  const last = await sikka.call('/v4/data_sync_status', {})
  expect(told(last)).toEqual([400, '2', '0'])
  expect(Number(last.headers.get('x-rate-limit-reset'))).toBeGreaterThan(50)
  expect(told(await sikka.exchange(code))).toEqual([429, '2', '0'])
  expect(sikka.calls).toMatchObject({ overPlan: 1, requestKey: { authorization_code: 0 } })
  sikka.resetScenario()
  expect(told(await sikka.exchange(code)), 'it was not spent').toEqual([200, null, null])
})
