import { readFile } from 'node:fs/promises'
import { describe, expect, it } from 'vitest'
import { families, readRows, type Family } from './rows.ts'

const page = `
Words, and a table of something else:

| code | is      |
| ---- | ------- |
| F9   | no row  |

| AT  | attack | what must happen |
| --- | ------ | ---------------- |
| AT1 | one    | refused          |

| F     | fault | what must happen |
| ----- | ----- | ---------------- |
| F1    | first | \`401\`            |
| F2    | more  | nothing          |
| F3    | more  | nothing          |

Further faults:

| F   | fault | what must happen |
| --- | :---: | ---------------- |
| F4  | last  | nothing          |

| left out | why         |
| -------- | ----------- |
| F4       | not used    |
`

describe('the list of rows', () => {
  it('is read from the tables of the families', () => {
    const { rows } = readRows(page)
    expect(rows.map(({ name, family, what }) => [name, family, what])).toEqual([
      ['AT1', 'AT', 'one'],
      ['F1', 'F', 'first'],
      ['F2', 'F', 'more'],
      ['F3', 'F', 'more'],
      ['F4', 'F', 'last'],
    ])
  })

  it('has the reasons of what is left out', () => {
    expect([...readRows(page).leftOut]).toEqual([['F4', 'not used']])
  })

  it.each([
    ['a row that is passed over', ['| F1    | first | `401`            |\n', ''], 'F2 stands where F1 is expected.'],
    ['a row that comes twice', ['| F4  | last ', '| F3  | last '], 'F3 stands where F4 is expected.'],
    ['a row of another family', ['| AT1 | one', '| F1  | one'], 'F1 stands where AT1 is expected.'],
    ['a line without a row', ['| F4  | last ', '| four| last '], 'No row of F: | four | last | nothing |'],
    ['a reason that is not given', ['not used', '        '], 'No row, or no reason: | F4 |  |'],
  ] as const)('is refused with %s', (_, [from, to], message) => {
    expect(page).toContain(from)
    expect(() => readRows(page.replace(from, to))).toThrow(message)
  })

  it('of the documents is complete', async () => {
    const { rows } = readRows(await readFile(new URL('../../../docs/attacks-and-faults.md', import.meta.url), 'utf8'))
    const count = (family: Family) => rows.filter((row) => row.family === family).length
    expect(families.map(count)).toEqual([40, 120, 17, 15, 25, 12, 19])
  })
})
