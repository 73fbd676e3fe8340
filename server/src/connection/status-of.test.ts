import { connectionErrorText } from '@pms/shared/errors'
import { describe, expect, it } from 'vitest'
import type { StatusFacts } from '../store/status.ts'
import { statusOf } from './status-of.ts'

const now = new Date('2026-03-01T12:00:00.000Z')
const after = (seconds: number) => new Date(now.getTime() + seconds * 1000)
const attemptId = '0190b6a0-0000-7000-8000-000000000001'

function facts(changes: Partial<StatusFacts> = {}): StatusFacts {
  return {
    now,
    integrationStatus: null,
    metadata: null,
    lastError: null,
    connectedAt: null,
    attemptId: null,
    attemptStatus: null,
    errorCode: null,
    expiresAt: null,
    deadline: null,
    workUntil: null,
    choices: null,
    ...changes,
  }
}

const active = {
  integrationStatus: 'ACTIVE',
  metadata: { secretArn: 'arn:demo', practiceName: 'Happy Dental Clinic', pmsType: 'Dentrix' },
  connectedAt: after(-3600),
} as const

const working = (status: 'CODE_RECEIVED' | 'EXCHANGING' | 'KEYS_RECEIVED' | 'STORING', deadline = after(55)) =>
  ({
    attemptId,
    attemptStatus: status,
    expiresAt: after(300),
    deadline,
    workUntil: new Date(deadline.getTime() + 10_000),
  }) as const

const choosing = {
  attemptId,
  attemptStatus: 'CHOOSING',
  deadline: after(600),
  choices: {
    replaces: { officeId: 'D00002', practiceName: 'Maple Street Dental' },
    offered: [{ id: 'choice-1', officeId: 'D00001', practiceName: 'Happy Dental Clinic', pmsType: 'Dentrix' }],
  },
} as const

describe('the status of an account', () => {
  it('is pending without a row', () => {
    expect(statusOf(facts())).toEqual({
      said: { isConnected: false, status: 'pending', revision: expect.any(String) },
      at: now.getTime(),
      timestamp: now.toISOString(),
      changesAt: Infinity,
    })
  })

  it('is pending with an INACTIVE integration', () => {
    expect(statusOf(facts({ ...active, integrationStatus: 'INACTIVE' })).said).toMatchObject({ status: 'pending' })
  })

  it('is connected with an ACTIVE integration, and says with what and since when', () => {
    const { said: answer } = statusOf(facts(active))
    expect(answer).toMatchObject({
      isConnected: true,
      status: 'connected',
      provider: 'SIKKA',
      practiceName: 'Happy Dental Clinic',
      pmsType: 'Dentrix',
      connectedAt: '2026-03-01T11:00:00.000Z',
    })
    expect(answer).not.toHaveProperty('attemptId')
    expect(JSON.stringify(answer)).not.toContain('arn:')
  })

  it('is failed with an ERROR integration, in the words of the code', () => {
    const { said: answer } = statusOf(facts({ ...active, integrationStatus: 'ERROR', lastError: 'PROVIDER_ERROR' }))
    expect(answer).toMatchObject({ isConnected: false, status: 'failed', error: connectionErrorText.PROVIDER_ERROR })
  })

  it('is connecting while an attempt is in progress, even when a row says ACTIVE', () => {
    expect(statusOf(facts({ ...active, ...working('CODE_RECEIVED') })).said).toMatchObject({
      isConnected: false,
      status: 'connecting',
      attemptId,
      step: 'authorized',
      deadline: after(55).toISOString(),
    })
  })
})

describe('the status of an attempt', () => {
  it.each([
    ['CODE_RECEIVED', 'authorized'],
    ['EXCHANGING', 'authorized'],
    ['KEYS_RECEIVED', 'keys_received'],
    ['STORING', 'practice_found'],
  ] as const)('%s shows the step %s', (status, step) => {
    expect(statusOf(facts(working(status))).said.step).toBe(step)
  })

  it('is pending until its user comes back, and changes by itself when the ten minutes are over', () => {
    const status = statusOf(facts({ attemptId, attemptStatus: 'CREATED', expiresAt: after(600) }))
    expect(status.said).toMatchObject({ status: 'pending', attemptId })
    expect(status.changesAt - status.at).toBe(600_000)
  })

  it.each([0, -1])('is failed as EXPIRED %s seconds from the end of its ten minutes', (seconds) => {
    const { said: answer } = statusOf(facts({ attemptId, attemptStatus: 'CREATED', expiresAt: after(seconds) }))
    expect(answer).toMatchObject({ status: 'failed', errorCode: 'EXPIRED' })
  })

  it('is failed as INTERRUPTED when nobody can end it any more, and not a second before', () => {
    const inTime = statusOf(facts(working('STORING', after(-9))))
    expect(inTime.said.status).toBe('connecting')
    expect(inTime.changesAt - inTime.at).toBe(1_000)
    const dead = statusOf(facts(working('STORING', after(-10))))
    expect(dead.said).toMatchObject({ status: 'failed', errorCode: 'INTERRUPTED' })
  })

  it('offers choices, and what one would replace', () => {
    const { said: answer, at, changesAt } = statusOf(facts(choosing))
    expect(answer).toMatchObject({
      status: 'connecting',
      step: 'keys_received',
      deadline: after(600).toISOString(),
      choices: [{ id: 'choice-1', practiceName: 'Happy Dental Clinic', pmsType: 'Dentrix', officeId: 'D00001' }],
      replaces: 'Maple Street Dental',
    })
    expect(changesAt - at).toBe(600_000)
    expect(JSON.stringify(answer)).not.toMatch(/D00002/)
  })

  it('P15: tells offices of one name apart, as far as the server that stored them knew', () => {
    const [office] = choosing.choices.offered
    const whereabouts = { city: 'Ottawa', state: 'ON', places: 2 }
    const offered = [office, { ...office, id: 'choice-2', officeId: 'D00003', ...whereabouts }]
    const { said } = statusOf(facts({ ...choosing, choices: { offered } }))
    expect(said.choices).toEqual([
      { id: 'choice-1', practiceName: 'Happy Dental Clinic', pmsType: 'Dentrix', officeId: 'D00001' },
      { id: 'choice-2', practiceName: 'Happy Dental Clinic', pmsType: 'Dentrix', officeId: 'D00003', ...whereabouts },
    ])
  })

  it.each([0, -1])('is failed as EXPIRED when nothing was chosen %s seconds from the end', (seconds) => {
    const { said: answer } = statusOf(facts({ ...choosing, deadline: after(seconds) }))
    expect(answer).toMatchObject({ status: 'failed', errorCode: 'EXPIRED' })
    expect(answer).not.toHaveProperty('choices')
  })

  it('F87: goes on when a newer version has written a status that is not known here', () => {
    const unknown = { ...working('STORING'), attemptStatus: 'PAUSED' as 'STORING' }
    const told = statusOf(facts(unknown))
    expect(told.said).toMatchObject({ status: 'connecting', attemptId })
    expect(told.changesAt).toBe(unknown.workUntil.getTime())
    // Once that time has passed, no further change is expected.
    expect(statusOf(facts({ ...unknown, workUntil: now })).changesAt).toBe(Infinity)
  })

  it('F87: is failed in general words when a newer version has written a reason that is not known here', () => {
    const unknown = { attemptId, attemptStatus: 'FAILED' as const, errorCode: 'NEWER' as 'CONFIG' }
    expect(statusOf(facts(unknown)).said).toMatchObject({ errorCode: 'INTERNAL', error: connectionErrorText.INTERNAL })
  })

  it('is what the integration says once it is completed', () => {
    expect(statusOf(facts({ ...active, attemptId, attemptStatus: 'COMPLETED' })).said).toMatchObject({
      status: 'connected',
      attemptId,
    })
  })

  it('is failed in its own words while the account stays connected', () => {
    const { said: answer } = statusOf(
      facts({ ...active, attemptId, attemptStatus: 'FAILED', errorCode: 'CODE_REJECTED' }),
    )
    expect(answer).toMatchObject({
      isConnected: false,
      status: 'failed',
      errorCode: 'CODE_REJECTED',
      error: 'Authorization failed. Please try again or contact support.',
    })
    expect(statusOf(facts(active)).said.isConnected).toBe(true)
  })
})

describe('the revision', () => {
  it('stays while nothing but the time changes', () => {
    const first = statusOf(facts(active))
    const later = statusOf(facts({ ...active, now: after(60) }))
    expect(later.at - first.at).toBe(60_000)
    expect(later.said.revision).toBe(first.said.revision)
  })

  it('differs when anything that is said differs', () => {
    const revisions = [
      facts(),
      facts(active),
      facts({ ...active, metadata: { ...active.metadata, practiceName: 'Maple Street Dental' } }),
      facts(working('CODE_RECEIVED')),
      facts(working('KEYS_RECEIVED')),
      facts({ attemptId, attemptStatus: 'FAILED', errorCode: 'CONFLICT' }),
      facts({ attemptId, attemptStatus: 'FAILED', errorCode: 'CONFIG' }),
    ].map((each) => statusOf(each).said.revision)
    expect(new Set(revisions).size).toBe(revisions.length)
  })
})
