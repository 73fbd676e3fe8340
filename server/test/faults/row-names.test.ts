import { expect, it } from 'vitest'
import { rowNamesIn } from './row-names.ts'

// The cases have titles of their own: a row named in a title would count as tested here.
it.each([
  { what: 'no row', text: 'a practice connects', names: [] },
  { what: 'one row in front', text: 'F29: is tried again', names: ['F29'] },
  { what: 'one row in brackets at the end', text: 'changes nothing (AT12)', names: ['AT12'] },
  { what: 'several rows', text: 'AT26, F42 and I3: the right one', names: ['AT26', 'F42', 'I3'] },
  { what: 'a row said twice, once', text: 'F1 > F1: expires', names: ['F1'] },
  { what: 'a range by hyphen, as written', text: 'F72-F74: killed', names: ['F72-F74'] },
  { what: 'a range by hyphen, the family once, as written', text: 'F72-74: killed', names: ['F72-74'] },
  { what: 'a range in words, as written', text: 'I1 to I3 hold', names: ['I1 to I3'] },
  { what: 'a range among others, as written', text: 'AT1, F5 to F6, I5', names: ['AT1', 'F5 to F6', 'I5'] },
  { what: 'two families joined, as written', text: 'AT1-F3', names: ['AT1-F3'] },
  { what: 'a row with a short name in front', text: 'T7: one job of a kind', names: ['T7'] },
  { what: 'short names among others', text: 'S1, AT33 and P12, C3: bounded', names: ['AT33', 'S1', 'P12'] },
  { what: 'a short name in front of a part', text: 'an answer > A4: gzip > S2: cut', names: ['A4', 'S2'] },
  { what: 'a range of short names, as written', text: 'T1 to T3: all', names: ['T1 to T3'] },
  { what: 'no short name elsewhere', text: 'P2002 of S3, T1 (A4) and %E0%A4%A: none', names: [] },
  { what: 'no percent code', text: '?code=%F1&state=%A4: refused', names: [] },
  { what: 'a number that is no row of ours, as written', text: 'F007', names: ['F007'] },
  { what: 'no check', text: 'C31, C58: once', names: [] },
  { what: 'no error code', text: 'API2001 has its status', names: [] },
  { what: 'no part of a word', text: 'SHAT1 F1x xF1 x-F1 DEF2', names: [] },
  { what: 'no number without its family', text: 'F 5, 30 of 50', names: [] },
])('a title is read: $what', ({ text, names }) => {
  expect(rowNamesIn(text)).toEqual(names)
})
