import { expect, test } from 'vitest'
import { personName } from './person-name.ts'

test.each([
  [{ sub: 's', email: 'ana@practice.example', 'cognito:username': 'ana' }, 'ana@practice.example'],
  [{ sub: 's', 'cognito:username': 'ana' }, 'ana'],
  [{ sub: 's', email: '', name: 'Ana' }, 'Ana'],
  [{ sub: 's', email: 7 }, 's'],
  [undefined, ''],
])('%j is called %j', (profile, name) => {
  expect(personName(profile)).toBe(name)
})
