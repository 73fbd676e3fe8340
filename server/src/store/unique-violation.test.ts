import { Prisma } from '@pms/prisma/client'
import { expect, it } from 'vitest'
import { isUniqueViolation } from './unique-violation.ts'

const prismaError = (code: string, meta?: Record<string, unknown>) =>
  new Prisma.PrismaClientKnownRequestError('demo', { code, clientVersion: 'demo', ...(meta ? { meta } : {}) })

it.each([
  ['Prisma’s own statement', prismaError('P2002'), true],
  ['a raw statement', prismaError('P2010', { driverAdapterError: { cause: { originalCode: '23505' } } }), true],
  ['a row that is not there', prismaError('P2025'), false],
  ['a raw statement that broke another rule', prismaError('P2010', { cause: { originalCode: '23503' } }), false],
  ['another error', new Error('P2002'), false],
])('a unique index refused: %s', (_, error, isOne) => {
  expect(isUniqueViolation(error)).toBe(isOne)
})
