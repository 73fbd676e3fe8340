import { type ChildProcess, spawn } from 'node:child_process'
import { once } from 'node:events'
import { text } from 'node:stream/consumers'
import { fileURLToPath } from 'node:url'
import { describe, expect, it } from 'vitest'

const withDatabase = fileURLToPath(new URL('with-database.ts', import.meta.url))
const pgUrl = import.meta.resolve('pg')

describe('a command with a database', () => {
  it('has one in DATABASE_URL, and its exit code is the result', async () => {
    const program = `
      import pg from ${JSON.stringify(pgUrl)}
      const client = new pg.Client({ connectionString: process.env.DATABASE_URL })
      await client.connect()
      console.log((await client.query('SELECT current_database() AS name')).rows[0].name)
      await client.end()
      process.exit(7)`
    const run = start(['--input-type=module', '--eval', program])
    expect(await text(run.stdout)).toBe('pms\n')
    expect(await codeOf(run)).toBe(7)
  })

  it('keeps the one that is set already', async () => {
    const run = start(['--eval', 'console.log(process.env.DATABASE_URL)'], { DATABASE_URL: 'postgresql://mine' })
    expect(await text(run.stdout)).toBe('postgresql://mine\n')
    expect(await codeOf(run)).toBe(0)
  })

  it.each(['SIGTERM', 'SIGINT'] as const)('is sent %s, and ends in its own way', async (signal) => {
    const program = `
      process.on('${signal}', () => process.exit(5))
      setInterval(() => undefined, 1000)
      console.log('ready')`
    const run = start(['--eval', program])
    await once(run.stdout, 'data')
    run.kill(signal)
    expect(await codeOf(run)).toBe(5)
  })

  it('says what is missing when there is none', async () => {
    const run = spawn(process.execPath, [withDatabase], { stdio: ['ignore', 'ignore', 'pipe'] })
    expect(await text(run.stderr)).toContain('Usage:')
    expect(await codeOf(run)).toBe(2)
  })
})

function start(args: string[], environment: Record<string, string> = {}) {
  const { DATABASE_URL: _outer, ...env } = process.env
  return spawn(process.execPath, [withDatabase, process.execPath, ...args], {
    env: { ...env, ...environment },
    stdio: ['ignore', 'pipe', 'inherit'],
  })
}

async function codeOf(run: ChildProcess): Promise<number | null> {
  if (run.exitCode === null) await once(run, 'exit')
  return run.exitCode
}
