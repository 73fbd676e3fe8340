import type { Context } from 'hono'
import type { Cloud } from './cloud.ts'
import type { Practice } from './practices.ts'
import { leaveOut, spaced } from './written.ts'
import type { Scenario } from './scenario.ts'

/** One item of `authorized_practices`, as documented but for what the scenario changes (F43, F44). */
export function practiceItem(
  cloud: Cloud,
  c: Context,
  scenario: Scenario,
  practice: Practice,
  practiceId: string,
): Record<string, unknown> {
  const { officeId, practiceName, pmsType, city = 'Nowhere' } = practice
  const item: Record<string, unknown> = {
    href: new URL(`/v4/authorized_practices/${officeId}`, c.req.url).href,
    office_id: officeIdIn(scenario.officeIdForm, officeId),
    secret_key: spaced(scenario, cloud.ledger.secretKeyOf(officeId)),
    practice_id: practiceId,
    practice_name: practiceName,
    [scenario.pmsField]: pmsType,
    practice_management_system_version: '1.0',
    practice_management_system_refresh_date: '2026-01-02T03:04:05',
    practice_management_system_refresh_date_time_zone: 'Eastern Standard Time',
    domain: 'Dental',
    address: '1 Sandbox Street',
    city,
    state: '',
    zip: '00000',
    email: '',
    data_insert_date: '2026-01-02T03:04:05',
    data_synchronization_date: '2026-01-02T03:04:05',
  }
  if (scenario.officeIdForm === 'missing') delete item['office_id']
  if (scenario.secretKey === 'absent') delete item['secret_key']
  if (scenario.places === 'unnumbered') leaveOut(scenario, item, 'practice_id')
  return item
}

/** The id as the list writes it. */
export function officeIdIn(form: Scenario['officeIdForm'], officeId: string): string | number {
  switch (form) {
    case 'number':
      return /^\d{1,15}$/.test(officeId) ? Number(officeId) : officeId
    case 'padded':
      return `  ${officeId} `
    case 'lower_case':
      return officeId.toLowerCase()
    case 'text':
    case 'missing':
      return officeId
  }
}
