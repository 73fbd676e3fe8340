import { mkdtempDisposable, readdir, readFile, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { expect, test } from 'vitest'
import { officeIds, outcome, record, sikkaForTest } from './test-application.ts'

function emptyFolder() {
  return mkdtempDisposable(join(tmpdir(), 'sikka-'))
}

test('authorized offices, keys and what was chosen for them outlive a restart; codes and the scenario do not', async () => {
  await using folder = await emptyFolder()
  const options = { folder: folder.path }
  const before = await sikkaForTest(options)
  const keys = await before.connect({ practice: 'D00002', pms_type: 'Dentrix', 'scenario.pmsField': 'pms_type' })
  const deleted = await before.connect({ practice: 'D00003' })
  await before.call('/v4/request_key', { 'request-key': deleted.requestKey }, 'DELETE')
  const { items } = (await (await before.practices(keys.requestKey)).json()) as { items: object[] }
  const unspent = await before.authorize()
  before.setScenario({ code: 'refuse' })
  await before.close()

  await using after = await sikkaForTest(options)
  expect(after.scenario.code).toBe('accept')
  const list = await record(await after.practices(keys.requestKey))
  expect(list['items']).toMatchObject([
    { ...items[0], href: expect.any(String) as string, office_id: 'D00002', pms_type: 'Dentrix' },
  ])
  expect(await outcome(await after.practices(deleted.requestKey))).toBe('400 API1025')
  const secretKey = (items[0] as { secret_key: string }).secret_key
  const bySecretKey = { grant_type: 'request_key', office_id: 'D00002', secret_key: secretKey }
  expect(await outcome(await after.grant(bySecretKey))).toBe('200 ok')
  expect(await outcome(await after.grant({ grant_type: 'refresh_key', refresh_key: keys.refreshKey }))).toBe('200 ok')
  expect(await outcome(await after.exchange(unspent))).toBe('400 API1020')

  after.setScenario({ list: 'application' })
  const { requestKey } = await after.connect()
  expect(await officeIds(await after.practices(requestKey))).toEqual(['D00901', 'D00002', 'D00003', 'D00001', 'D00902'])
})

test('an answered exchange is on disk: nothing is lost to a kill right after it', async () => {
  await using folder = await emptyFolder()
  await using sikka = await sikkaForTest({ folder: folder.path })
  const keys = await Promise.all(Array.from({ length: 20 }, () => sikka.connect()))
  const onDisk = await readFile(join(folder.path, 'sikka.json'), 'utf8')
  for (const { requestKey, refreshKey } of keys) {
    expect(onDisk).toContain(requestKey)
    expect(onDisk).toContain(refreshKey)
  }
  expect(await readdir(folder.path), 'no half-written file is left').toEqual(['sikka.json'])
})

test('keys that ended long ago are forgotten at a start', async () => {
  await using folder = await emptyFolder()
  const at = (time: string) => ({ folder: folder.path, now: () => new Date(time) })
  const before = await sikkaForTest(at('2026-01-01T00:00:00Z'))
  const { requestKey } = await before.connect()
  await before.close()
  const soon = await sikkaForTest(at('2026-01-09T00:00:00Z'))
  expect(await outcome(await soon.practices(requestKey))).toBe('400 API1025')
  await soon.close()
  await using late = await sikkaForTest(at('2026-06-01T00:00:00Z'))
  expect(await outcome(await late.practices(requestKey))).toBe('400 API1026')
})

test('a file that the stand-in did not write stops the start, by name', async () => {
  await using folder = await emptyFolder()
  await writeFile(join(folder.path, 'sikka.json'), '{"authorizations": 7}')
  await expect(sikkaForTest({ folder: folder.path })).rejects.toThrow(/sikka\.json is not what the sandbox wrote/)
})
