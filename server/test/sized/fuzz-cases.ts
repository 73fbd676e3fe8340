import * as fc from 'fast-check'

/** Of each kind, in `pnpm test:slow`; `pnpm test:fuzz` has 35,000, `FUZZ_CASES` any other number. */
export const casesOfSlowRun = Number(process.env['FUZZ_CASES'] ?? 4_000)

/** How fast-check makes so many cases. A failing one prints what repeats it: `FUZZ_SEED=… FUZZ_PATH=…`. */
export const parametersFor = (cases: number) => ({
  numRuns: cases,
  ...(process.env['FUZZ_SEED'] === undefined ? {} : { seed: Number(process.env['FUZZ_SEED']) }),
  ...(process.env['FUZZ_PATH'] === undefined ? {} : { path: process.env['FUZZ_PATH'] }),
})

/** Longest time for an answer, milliseconds. */
const longest = 1_000

/** Does it, and once more where it took too long: a busy machine is slow once, what a case makes slow is so again. */
export async function inTime<Result>(work: () => Promise<Result>): Promise<{ result: Result; isSlow: boolean }> {
  const first = await timed(work)
  return first.took < longest ? { ...first, isSlow: false } : { ...first, isSlow: (await timed(work)).took >= longest }
}

async function timed<Result>(work: () => Promise<Result>): Promise<{ result: Result; took: number }> {
  const startedAt = performance.now()
  const result = await work()
  return { result, took: performance.now() - startedAt }
}

/** What nobody outside should ever read: words of our own inside. */
export const inner = /node_modules|\.ts:\d|prisma|postgres|secretsmanager|arn:aws|SELECT |pms_|stack|ECONN|at async/i

/** Text as a person, a mistake or an attacker writes it. */
export const text = fc.oneof(
  fc.string({ unit: 'binary', maxLength: 40 }),
  fc.string({ maxLength: 40 }),
  fc.constantFrom(
    '',
    'null',
    'undefined',
    '0',
    '-1',
    '1e309',
    'NaN',
    '__proto__',
    'constructor',
    '../../etc/passwd',
    '//evil.example',
    '/\\evil.example',
    'https:evil.example',
    "' OR 1=1 --",
    '%00',
    '%E0%A4%A',
    '\u0000',
    '\ud800',
    '\r\nset-cookie: planted=1',
    '<img src=x onerror=alert(1)>',
    '{{7*7}}',
    '\u202e',
  ),
  fc.integer({ min: 100, max: 9_000 }).map((length) => 'x'.repeat(length)),
)

/** A value of a header: what HTTP lets through. */
export const headerValue = text.map((value) => value.replace(/[^\t\x20-\x7e\x80-\xff]/g, '').slice(0, 3_000))
