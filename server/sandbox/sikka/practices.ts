/** A practice as its own PMS knows it. None of them exists. */
export interface Practice {
  officeId: string
  practiceName: string
  pmsType: string
  city?: string
}

const happyDental = { officeId: 'D00001', practiceName: 'Happy Dental Clinic', pmsType: 'Dentrix' }

/** What the user of the authorization page may pick; the first one is the default. */
export const practicesOnOffer: readonly [Practice, ...Practice[]] = [
  happyDental,
  { officeId: 'D00002', practiceName: 'Maple Street Dental', pmsType: 'Eaglesoft' },
  { officeId: 'D00003', practiceName: 'Lakeside Family Dentistry', pmsType: 'Open Dental' },
]

/** Offices of other users: nobody who meets this sandbox authorized for them. */
export const otherOffices: readonly [Practice, Practice] = [
  { officeId: 'D00901', practiceName: 'Cedar Hill Dental (another user)', pmsType: 'Dentrix' },
  { officeId: 'D00902', practiceName: 'River Bend Orthodontics (another user)', pmsType: 'Curve Dental' },
]

/**
 * So many further offices of other users, for a list that needs pages.
 * @param from how many come before them
 */
export function manyOffices(count: number, from = 0): Practice[] {
  return Array.from({ length: count }, (_, index) => ({
    officeId: `D${String(1001 + from + index).padStart(5, '0')}`,
    practiceName: `Dental office ${from + index + 1} (another user)`,
    pmsType: 'Dentrix',
  }))
}
