import { expect, it } from 'vitest'
import { rowNamesIn } from './row-names.ts'

// The cases have titles of their own: a row named in a title would count as tested here.
it.each([
  { what: 'no row', text: 'a practice connects', names: [] },
  { what: 'one row in front', text: 'F29: is tried again', names: ['F29'] },
  { what: 'one row in brackets at the end', text: 'changes nothing (AT12)', names: ['AT12'] },
  { what: 'several rows', text: 'AT26, F42 and I3: the right one', names: ['AT26', 'F42', 'I3'] },
  { what: 'a row said twice, once', text: 'F1 > F1: expires', names: ['F1'] },
  { what: 'a range by hyphen', text: 'F72-F74: killed', names: ['F72', 'F73', 'F74'] },
  { what: 'a range by hyphen, the family once', text: 'F72-74: killed', names: ['F72', 'F73', 'F74'] },
  { what: 'a range in words', text: 'I1 to I3 hold', names: ['I1', 'I2', 'I3'] },
  { what: 'a range among others', text: 'AT1, F5 to F6, I5', names: ['AT1', 'F5', 'F6', 'I5'] },
  { what: 'a range that runs backwards, as written', text: 'F9-F7', names: ['F9-F7'] },
  { what: 'two families, which are no range', text: 'AT1-F3', names: ['AT1'] },
  { what: 'a number that is no row of ours, as written', text: 'F007', names: ['F007'] },
  { what: 'no check', text: 'C31, C58: once', names: [] },
  { what: 'no error code', text: 'API2001 has its status', names: [] },
  { what: 'no part of a word', text: 'SHAT1 F1x xF1 x-F1 DEF2', names: [] },
  { what: 'no number without its family', text: 'F 5, 30 of 50', names: [] },
])('a title is read: $what', ({ text, names }) => {
  expect(rowNamesIn(text)).toEqual(names)
})
