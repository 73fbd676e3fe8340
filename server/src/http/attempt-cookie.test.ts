import { expect, it } from 'vitest'
import { Redacted } from '../config/redacted.ts'
import { attemptCookies } from './attempt-cookie.ts'

const binding = { shortId: 'abcd', token: new Redacted('token_demo') }

it('AT19: over TLS is this host’s alone, and never without TLS', () => {
  const { nameOf, header } = attemptCookies({ secure: true })
  expect(nameOf('abcd')).toBe('__Host-pms_attempt_abcd')
  expect(header(binding)).toBe(
    '__Host-pms_attempt_abcd=token_demo; Path=/; Max-Age=600; HttpOnly; SameSite=Lax; Secure',
  )
})

it('on http at localhost does without what a browser takes over TLS only', () => {
  const { nameOf, header } = attemptCookies({ secure: false })
  expect(nameOf('abcd')).toBe('pms_attempt_abcd')
  expect(header(binding)).toBe('pms_attempt_abcd=token_demo; Path=/; Max-Age=600; HttpOnly; SameSite=Lax')
})
