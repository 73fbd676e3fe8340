import { mkdtempSync, mkdirSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import { CheckStatus } from '@stryker-mutator/api/check'
import type { Mutant } from '@stryker-mutator/api/core'
import { afterAll, expect, it } from 'vitest'
import { chooseSample, SampleChecker } from './sample.ts'

const root = mkdtempSync(join(tmpdir(), 'pms-sample-'))
afterAll(() => rmSync(root, { recursive: true }))

let files = 0

/** A file of a room with so many conditions, and the mutants of them; `above` lines stand before the first. */
function mutantsOf(room: string, conditions: number, { above = 0, folder = `copy${files++}` } = {}): Mutant[] {
  const fileName = join(root, folder, 'server/src', room, 'file.ts')
  mkdirSync(dirname(fileName), { recursive: true })
  const lines = Array.from({ length: conditions }, (_, index) => `  a === ${index}`)
  writeFileSync(fileName, [...Array<string>(above).fill('//'), ...lines].join('\n'))
  return lines.map((line, index) => ({
    id: `${room} ${index}`,
    fileName,
    mutatorName: 'ConditionalExpression',
    replacement: 'true',
    location: {
      start: { line: above + index, column: 2 },
      end: { line: above + index, column: line.length },
    },
  }))
}

it('chooses as many of each room, all of a small one, the same ones for the same seed', () => {
  const mutants = [...mutantsOf('store', 100), ...mutantsOf('jobs', 5)]
  const chosen = chooseSample(mutants, 'a seed', 60)
  expect([...chosen].filter((id) => id.startsWith('store'))).toHaveLength(60)
  expect([...chosen].filter((id) => id.startsWith('jobs'))).toHaveLength(5)
  expect(chooseSample(mutants, 'a seed', 60)).toEqual(chosen)
  expect(chooseSample(mutants, 'another seed', 60)).not.toEqual(chosen)
})

it('keeps its choice when lines are added above, and in another folder', () => {
  const before = chooseSample(mutantsOf('store', 100), 'a seed', 60)
  expect(chooseSample(mutantsOf('store', 100, { above: 7 }), 'a seed', 60)).toEqual(before)
})

function checker(explained: readonly object[], perRoom = 50): SampleChecker {
  const file = join(root, `explained${files++}.json`)
  writeFileSync(file, JSON.stringify(explained))
  return new SampleChecker({ sample: { seed: 'a seed', perRoom, mostExplained: 0.03, explained: file } })
}

const explain = (text: string) => ({ file: 'store/file.ts', text, replacement: 'true', why: 'nobody can tell' })

it('lets the chosen through, and says of every other why not', async () => {
  const mutants = mutantsOf('store', 50)
  const results = await checker([explain('a === 3')]).check(mutants)
  expect(results['store 3']).toEqual({ status: CheckStatus.CompileError, reason: 'nobody can tell' })
  expect(results['store 4']).toEqual({ status: CheckStatus.Passed })
  const few = Object.values(await checker([], 20).check(mutants))
  expect(few.filter(({ status }) => status === CheckStatus.Passed)).toHaveLength(20)
  expect(few).toContainEqual({ status: CheckStatus.CompileError, reason: 'not in the sample' })
})

it('fails when more is explained than may be', async () => {
  const explained = [0, 1].map((index) => explain(`a === ${index}`))
  await expect(checker(explained).check(mutantsOf('store', 50))).rejects.toThrow('2 of 50 mutants are explained')
})
