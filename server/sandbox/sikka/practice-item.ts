import type { Context } from 'hono'
import type { Cloud } from './cloud.ts'
import type { Practice } from './practices.ts'
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
    secret_key: cloud.ledger.secretKeyOf(officeId),
    practice_id: practiceId,
    practice_name: practiceName,
    [scenario.pmsField]: pmsType,
    practice_management_system_version: '1.0',
    domain: 'Dental',
    address_line1: '1 Sandbox Street',
    address_line2: '',
    city,
    state: '',
    zip: '00000',
    data_insert_date: '2026-01-02T03:04:05',
    data_last_update_date: '2026-01-02T03:04:05',
  }
  if (scenario.officeIdForm === 'missing') delete item['office_id']
  if (scenario.secretKey === 'absent') delete item['secret_key']
  return item
}

function officeIdIn(form: Scenario['officeIdForm'], officeId: string): string | number {
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
