import { once } from 'node:events'
import { expect, test } from 'vitest'
import { reset } from './reset.ts'
import { bench } from './testing/bench.ts'
import { readToEnd } from './testing/tcp-target.ts'

test('is seen as a reset by the other side', async () => {
  await using line = await bench()
  reset(line.target)
  expect((await readToEnd(line.client)).reset).toBe(true)
})

test('closes a socket that is being ended, too', async () => {
  await using line = await bench()
  line.target.end()
  const closed = once(line.target, 'close')
  reset(line.target)
  await closed
  expect(line.target.errored).toBeNull()
})
