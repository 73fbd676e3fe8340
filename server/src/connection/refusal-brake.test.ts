import { describe, expect, it } from 'vitest'
import { refusalBrake, TooManyRefused } from './refusal-brake.ts'

function brakeForTest() {
  let now = 0
  const brake = refusalBrake({ now: () => now })
  return { ...brake, pass: (hours: number) => void (now += hours * 60 * 60 * 1000) }
}
const flipped = (brake: ReturnType<typeof brakeForTest>, ...accounts: string[]) =>
  accounts.map((account) => brake.mayFlip(account))

describe('A10: refusals in a row', () => {
  it('A10: of five accounts are theirs; the sixth is not believed, however often it is asked', () => {
    const brake = brakeForTest()
    expect(flipped(brake, 'a', 'b', 'c', 'd', 'e', 'f', 'g', 'f')).toEqual([
      true,
      true,
      true,
      true,
      true,
      false,
      false,
      false,
    ])
  })

  it('A10: of one account count once', () => {
    const brake = brakeForTest()
    expect(flipped(brake, 'a', 'a', 'a', 'a', 'a', 'a', 'b')).not.toContain(false)
  })

  it('A10: count from zero once a practice is accepted', () => {
    const brake = brakeForTest()
    flipped(brake, 'a', 'b', 'c', 'd', 'e')
    brake.accepted()
    expect(flipped(brake, 'f', 'g', 'h', 'i', 'j', 'k')).toEqual([true, true, true, true, true, false])
  })

  it('A10: go on to be held while they are tried again, and are forgotten after a day without any', () => {
    const brake = brakeForTest()
    flipped(brake, 'a', 'b', 'c', 'd', 'e')
    for (let hours = 0; hours < 48; hours++) {
      brake.pass(1)
      expect(brake.mayFlip('f')).toBe(false)
    }
    brake.pass(25)
    expect(brake.mayFlip('f')).toBe(true)
  })
})

it('A10: a refusal that is not believed says what to check', () => {
  expect(new TooManyRefused().message).toBe(
    'The keys of more than 5 practices in a row were refused: check SIKKA_APP_ID, SIKKA_APP_KEY',
  )
})
