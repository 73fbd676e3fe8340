import * as z from 'zod'
import { errorCodes, errorShapes } from './errors.ts'

const milliseconds = z.int().min(0).max(600_000)
const scriptedError = z.enum(['none', ...errorCodes]).default('none')
const goodExpiresIn = ['seconds_text', 'number_text', 'number', 'missing'] as const
const badExpiresIn = ['zero', 'negative', 'garbage', 'empty_text', 'null', 'exponent'] as const
const answers = ['ok', 'html', 'empty', 'truncated', 'wrong_type', 'redirect', 'hang', 'huge', 'gzip_bomb'] as const

/**
 * How the stand-in behaves: one switch for every difference and every unknown of the Sikka API
 * (sikka-api, Unknown). A switch's description is also its hint on the authorization page.
 */
export const Scenario = z.strictObject({
  code: z
    .enum(['accept', 'refuse'])
    .default('accept')
    .describe('The exchange takes a good code, or refuses it (API1020).'),
  replayedCode: z
    .enum(['refused', 'refused_and_revokes'])
    .default('refused')
    .describe('A code that comes again is refused (API1026); its first keys may die of it.'),
  exchangeKeys: z
    .enum(['new', 'running'])
    .default('new')
    .describe('An exchange brings new keys, or once more those of the office that are still running.'),
  exchangeDelayMs: milliseconds.default(0).describe('Milliseconds between the exchange done and its answer.'),
  exchangeError: scriptedError.describe('The exchange fails with this error; the code stays unspent.'),
  exchangeAnswer: z
    .enum([...answers, 'missing_request_key'])
    .default('ok')
    .describe('What a successful exchange is answered with. The code is spent in every case.'),
  issuedTo: z.enum(['present', 'absent']).default('present').describe('Whether the keys say which office issued them.'),
  tokenType: z.enum(['absent', 'bearer']).default('absent').describe('Whether the keys come with token_type "Bearer".'),
  lifetimeSeconds: z.int().min(1).max(400_000_000).default(86_400).describe('Life of a request key, seconds.'),
  expiresIn: z
    .enum([...goodExpiresIn, ...badExpiresIn])
    .default('seconds_text')
    .describe('How expires_in is written: "86400 second(s)", "86400", 86400, not at all, or wrong.'),
  endTime: z
    .enum(['future', 'past'])
    .default('future')
    .describe('Whether end_time, which has no zone, lies in the past.'),
  refreshKey: z
    .enum(['rotates', 'stays', 'missing'])
    .default('rotates')
    .describe('A new request key brings a new refresh key, the same one, or none.'),
  oldRefreshKey: z.enum(['dies', 'lives']).default('dies').describe('What becomes of a refresh key that was rotated.'),
  newKeyKillsOld: z.boolean().default(false).describe('A new request key ends the older ones of its office.'),
  refreshError: scriptedError.describe('The refresh_key grant fails with this error.'),
  secretKeyError: scriptedError.describe('The request_key grant (office id and secret key) fails with this error.'),
  authorization: z
    .enum(['stands', 'withdrawn'])
    .default('stands')
    .describe('A practice that withdrew its authorization answers every key and grant with API2007.'),
  list: z
    .enum(['user', 'application'])
    .default('user')
    .describe('The list holds what the user authorized, or every office of the application.'),
  practices: z
    .enum(['one', 'none', 'several', 'duplicated', 'many', 'others_only', 'same_name'])
    .default('one')
    .describe(
      'What is listed: this practice; nothing; as the third of three; twice; as one of 60; only others; as one of nine offices of one name.',
    ),
  practicesAfter: z.int().min(0).max(1000).default(0).describe('So many lists of an authorization are empty first.'),
  empty: z
    .enum(['204', 'list', '401'])
    .default('204')
    .describe('An empty list is HTTP 204, a list of none, or API2007.'),
  practicesDelayMs: milliseconds.default(0).describe('Milliseconds before the list is answered.'),
  practicesError: scriptedError.describe('The list fails with this error.'),
  practicesAnswer: z.enum(answers).default('ok').describe('What the list is answered with.'),
  envelope: z.enum(['object', 'array']).default('object').describe('The list comes plain, or wrapped in an array.'),
  pmsField: z
    .enum(['practice_management_system', 'pms_type'])
    .default('practice_management_system')
    .describe('The name of the field that says Dentrix: documented, or of the brief.'),
  officeIdForm: z
    .enum(['text', 'number', 'padded', 'lower_case', 'missing'])
    .default('text')
    .describe('How the list writes office_id; as a number only when officeId is digits.'),
  secretKey: z
    .enum(['stays', 'changes', 'absent'])
    .default('stays')
    .describe('The list shows the same secret key every time, a new one every time, or none.'),
  revocationError: scriptedError.describe('Deleting a request key or refresh key fails with this error.'),
  dataSync: z
    .enum(['refresh', 'not_refresh'])
    .default('refresh')
    .describe('Whether the practice had contact within a day.'),
  errorFor: z.enum(['every_call', 'first_call']).default('every_call').describe('How long a chosen error lasts.'),
  errorShape: z.enum(errorShapes).default('sikka').describe('How every error is worded.'),
  rateLimitResetSeconds: z.int().min(0).max(3600).default(1).describe('X-Rate-Limit-Reset of a 429, seconds.'),
  return: z
    .enum(['code', 'nothing', 'other_error'])
    .default('code')
    .describe('Allow sends back a code, neither code nor error, or error=server_error.'),
  denial: z
    .enum(['error_and_state', 'with_description', 'without_state'])
    .default('error_and_state')
    .describe('What goes with error=access_denied.'),
  stateEcho: z.enum(['unchanged', 'dropped', 'altered']).default('unchanged').describe('What becomes of state.'),
  practiceName: z.string().max(20_000).nullable().default(null).describe('Name of the practice, instead of its own.'),
  officeId: z
    .string()
    .min(1)
    .max(64)
    .nullable()
    .default(null)
    .describe('Office id of the practice, instead of its own.'),
})
export type Scenario = z.infer<typeof Scenario>
export type SwitchName = keyof Scenario
export const switchNames = Object.keys(Scenario.shape) as SwitchName[]

/** What a scenario lacks, by switch; an unknown switch is named too. */
export function scenarioProblems(error: z.ZodError): { switch: string; problem: string }[] {
  return error.issues.flatMap((issue) => {
    const names = issue.code === 'unrecognized_keys' ? issue.keys : [issue.path.join('.')]
    const problem = issue.code === 'unrecognized_keys' ? 'There is no such switch' : issue.message
    return names.map((name) => ({ switch: name, problem }))
  })
}

/** The switches that hold where nobody chose others on the authorization page. */
export interface GlobalScenario {
  readonly current: Scenario
  /**
   * Sets some switches, the others stay.
   * @throws {z.ZodError} on an unknown switch or value; nothing is changed then
   */
  patch(part: unknown): Scenario
  /** Sets the whole; a switch that is not named gets its default. @throws {z.ZodError} as `patch` */
  replace(whole: unknown): Scenario
}

export function globalScenario(): GlobalScenario {
  let current = Scenario.parse({})
  return {
    get current() {
      return current
    },
    patch: (part) => (current = Scenario.parse({ ...current, ...z.record(z.string(), z.unknown()).parse(part) })),
    replace: (whole) => (current = Scenario.parse(whole)),
  }
}
