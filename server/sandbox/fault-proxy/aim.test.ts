import { expect, test } from 'vitest'
import { aimAt } from './aim.ts'

const says = (hit: ReturnType<typeof aimAt>, chunks: (string | Buffer)[]) =>
  chunks.map((chunk) => hit(Buffer.from(chunk as string)))

test('without a pattern every line is hit before it says anything', () => {
  expect(aimAt(undefined)()).toBe(true)
})

test('is hit by the first chunk that matches, and stays so', () => {
  const hit = aimAt('COMMIT')
  expect(hit()).toBe(false)
  expect(says(hit, ['BEGIN', 'COMMIT', 'x'.repeat(40_000), 'SELECT 1'])).toEqual([false, true, true, true])
  expect(hit()).toBe(true)
})

test('a split does not matter', () => {
  expect(says(aimAt('INSERT INTO note'), ['INS', 'ERT IN', 'TO note'])).toEqual([false, false, true])
})

test('kilobytes before the split do not matter either', () => {
  expect(says(aimAt('COMMIT'), ['x'.repeat(100_000), `${'x'.repeat(5_000)}COM`, 'MIT'])).toEqual([false, false, true])
})

test('what lies too far back is forgotten', () => {
  expect(says(aimAt('COM.*MIT'), ['COM', 'x'.repeat(40_000), 'MIT'])).toEqual([false, false, false])
})

test('a chunk is read as latin1, so that any byte can be named', () => {
  expect(says(aimAt('\\x00\\xff\\x80'), [Buffer.from([0, 0xff]), Buffer.from([0x80])])).toEqual([false, true])
})

test('the beginning is that of all, or of a chunk', () => {
  expect(says(aimAt('^GET /b'), ['GET /a', 'GET /b'])).toEqual([false, true])
})
