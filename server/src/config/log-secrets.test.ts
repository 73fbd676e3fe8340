import { expect, it } from 'vitest'
import { withoutSecrets } from './log-secrets.ts'

const clean = withoutSecrets([
  { name: 'SIKKA_APP_KEY', value: 'made "up" key/+' },
  { name: 'STATE_SECRET', value: 'another made-up one' },
])

it.each([
  ['as it is', 'made "up" key/+', '[redacted SIKKA_APP_KEY]'],
  ['in JSON', 'made \\"up\\" key/+', '[redacted SIKKA_APP_KEY]'],
  ['in an address', encodeURIComponent('made "up" key/+'), '[redacted SIKKA_APP_KEY]'],
  ['twice', 'another made-up one, another made-up one', '[redacted STATE_SECRET], [redacted STATE_SECRET]'],
  ['not at all', 'nothing', 'nothing'],
])('F111: a line of the log with a secret %s has none', (_, held, left) => {
  expect(clean(`{"msg":"it is ${held}"}\n`)).toBe(`{"msg":"it is ${left}"}\n`)
})
