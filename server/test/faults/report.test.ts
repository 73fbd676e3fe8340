import { describe, expect, it } from 'vitest'
import { reportText } from './report-text.ts'
import { isComplete, reportOf, type Test } from './report.ts'
import type { Row, Rows } from './rows.ts'

const row = (name: string): Row => ({ name, family: name.startsWith('AT') ? 'AT' : 'F', what: `the fault ${name}` })
const list = (leftOut: [string, string][] = []): Rows => ({
  rows: ['AT1', 'F1', 'F2', 'F3'].map(row),
  leftOut: new Map(leftOut),
})
const test = (title: string, ofStandIn = false): Test => ({ title, file: 'some.test.ts', ofStandIn })
const states = (rows: Rows, tests: Test[]) =>
  Object.fromEntries(
    reportOf(rows, tests)
      .families.flatMap((family) => family.rows)
      .map(({ name, state }) => [name, state]),
  )

describe('a row', () => {
  it('is tested when a title or one around it names it', () => {
    expect(states(list(), [test('AT1, F3: two > in one')])).toEqual({
      AT1: 'tested',
      F1: 'missing',
      F2: 'missing',
      F3: 'tested',
    })
  })

  it('is not tested as a part of a range', () => {
    expect(states(list(), [test('F1 to F3: all')])).toMatchObject({ F1: 'missing', F2: 'missing', F3: 'missing' })
  })

  it('is not tested by a test of a stand-in', () => {
    expect(states(list(), [test('F2: can be provoked', true)])).toMatchObject({ F2: 'missing' })
  })

  it('is left out with a reason', () => {
    expect(states(list([['F2', 'not used']]), [])).toMatchObject({ F2: 'left out' })
  })
})

describe('a report', () => {
  const every = [test('AT1, F1, F2, F3: all')]

  it('is complete when every row has a test or a reason', () => {
    expect(isComplete(reportOf(list(), every))).toBe(true)
    expect(isComplete(reportOf(list([['F3', 'not used']]), [test('AT1, F1, F2: all')]))).toBe(true)
    expect(isComplete(reportOf(list(), [test('AT1, F1, F2: all')]))).toBe(false)
  })

  it.each([
    [
      'a reason that is out of date',
      list([['F3', 'not used']]),
      every,
      'F3 is left out with a reason, and has a test: some.test.ts: AT1, F1, F2, F3: all',
    ],
    ['a reason for no row', list([['F9', 'not used']]), every, 'F9 is left out with a reason, and is no row.'],
    ['a range', list(), [...every, test('F1 to F3: all')], 'F1 to F3 is no row: some.test.ts: F1 to F3: all'],
    ['a title with no row', list(), [...every, test('F4: one')], 'F4 is no row: some.test.ts: F4: one'],
    [
      'a stand-in’s title with no row',
      list(),
      [...every, test('F4: one', true)],
      'F4 is no row: some.test.ts: F4: one',
    ],
  ])('is not complete with %s', (_, rows, tests, problem) => {
    const report = reportOf(rows, tests)
    expect(report.problems).toEqual([problem])
    expect(isComplete(report)).toBe(false)
  })

  it('is printed as a table and a line for each family, and what else is wrong', () => {
    const tests = [test('AT1: once'), test('AT1: twice'), test('F1: once'), test('F2: can be', true), test('F4: typo')]
    expect(reportText(reportOf(list([['F3', 'not used']]), tests))).toBe(`
AT1    2 tests  the fault AT1
AT: 1 of 1 have a test

F1     1 test  the fault F1
F2    missing  the fault F2 (1 test of stand-ins)
F3   left out  the fault F3
               because not used
F: 1 of 3 have a test; 1 left out with a reason; 1 missing: F2

F4 is no row: some.test.ts: F4: typo
`)
  })
})
