import type { Authorization } from './ledger.ts'
import { zoneless } from './request-key-answer.ts'
import type { Scenario } from './scenario.ts'

const hour = 60 * 60 * 1000

/** When the practice's data was last inserted: an hour ago, or two days. */
function lastContact({ dataSync }: Scenario, now: Date): Date {
  return new Date(now.getTime() - (dataSync === 'refresh' ? 1 : 48) * hour)
}

/** An item of `data_sync_status`: no secret, and times without a zone (sikka-api, Revocation and health). */
export function syncItem(office: Authorization, scenario: Scenario, now: Date): Record<string, unknown> {
  const contact = zoneless(lastContact(scenario, now))
  return {
    office_id: office.officeId,
    practice_id: '1',
    practice_name: office.practiceName,
    practice_management_system: office.pmsType,
    status: scenario.dataSync,
    data_insert_date: contact,
    practice_management_system_refresh_date: contact,
    practice_management_system_refresh_date_time_zone: 'Eastern Standard Time',
  }
}

/** An item of `health_check`. */
export function healthItem(office: Authorization, scenario: Scenario, now: Date): Record<string, unknown> {
  const isWell = scenario.dataSync === 'refresh'
  return {
    office_id: office.officeId,
    practice_id: '1',
    practice_name: office.practiceName,
    spc_version: '1.0.0',
    refresh_time: americanTime(lastContact(scenario, now)),
    spc_error_flag: isWell ? '0' : '1',
    spc_error_description: isWell ? '' : 'No contact for 24 hours',
    is_inactive: 'false',
  }
}

/** `10/3/2023 11:36:12 PM` */
function americanTime(time: Date): string {
  const date = `${time.getUTCMonth() + 1}/${time.getUTCDate()}/${time.getUTCFullYear()}`
  const [minutes, seconds] = [time.getUTCMinutes(), time.getUTCSeconds()].map((each) => String(each).padStart(2, '0'))
  return `${date} ${time.getUTCHours() % 12 || 12}:${minutes}:${seconds} ${time.getUTCHours() < 12 ? 'AM' : 'PM'}`
}
