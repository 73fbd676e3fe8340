import { expect, it } from 'vitest'
import { givenChromium } from './chromium.ts'

it('uses the packaged Chromium on Linux x64, and CHROMIUM_PATH anywhere', () => {
  expect(givenChromium({ env: {}, platform: 'linux', arch: 'x64' })).toBeUndefined()
  expect(givenChromium({ env: { CHROMIUM_PATH: '/opt/chrome' }, platform: 'darwin', arch: 'arm64' })).toBe(
    '/opt/chrome',
  )
})

it('elsewhere says what to set', () => {
  expect(() => givenChromium({ env: {}, platform: 'darwin', arch: 'arm64' })).toThrow(
    /darwin on arm64. Set CHROMIUM_PATH/,
  )
})
