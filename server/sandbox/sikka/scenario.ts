import * as z from 'zod'
import { errorCodes, errorShapes } from './errors.ts'

const milliseconds = z.int().min(0).max(600_000)
const scriptedError = z.enum(['none', ...errorCodes]).default('none')
const goodExpiresIn = ['seconds_text', 'number_text', 'number', 'missing'] as const
const badExpiresIn = ['zero', 'negative', 'garbage', 'empty_text', 'null', 'exponent'] as const
/** Good ones that are written otherwise than asked or documented, and bad ones. */
const oddAnswers = ['created', 'gzip', 'deflate', 'brotli', 'latin1', 'byte_order_mark'] as const
const badAnswers = ['api2005', 'unknown_code', 'html', 'empty', 'truncated', 'wrong_type', 'redirect', 'hang'] as const
const largeAnswers = ['huge', 'gzip_bomb', 'many_parts'] as const
const answers = ['ok', ...oddAnswers, ...badAnswers, ...largeAnswers] as const

/**
 * How the stand-in behaves: one switch for every difference and every unknown of the Sikka API
 * (sikka-api, Unknown). A switch's description is also its hint on the authorization page.
 */
export const Scenario = z.strictObject({
  application: z
    .enum(['accepted', 'unknown', 'not_allowed'])
    .default('accepted')
    .describe(
      'Whether Sikka knows the application and its key (else API2003), and lets it use the API (else API2004).',
    ),
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
  issuedTo: z
    .enum(['present', 'absent', 'unreadable'])
    .default('present')
    .describe('Whether the keys say which office issued them; unreadable is an object.'),
  absentValues: z
    .enum(['left_out', 'empty_text'])
    .default('left_out')
    .describe('What is absent (issued_to, refresh_key, practice_id) is left out, or "".'),
  whiteSpace: z
    .enum(['none', 'around'])
    .default('none')
    .describe('Request, refresh and secret keys come with a blank before them and a line break behind them.'),
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
    .enum(['one', 'none', 'several', 'duplicated', 'many', 'others_only', 'many_others', 'same_name'])
    .default('one')
    .describe(
      'What is listed: this practice; nothing; as the third of three; twice; as one of many; only two others; only many others; as one of nine offices of one name.',
    ),
  manyOffices: z.int().min(2).max(5_000).default(60).describe('How many offices are many.'),
  places: z
    .enum(['first_and_second', 'second_only', 'unnumbered'])
    .default('first_and_second')
    .describe('Each office has practices 1 and, with show=all, 1-1; practice 2 alone, with show=all; or no number.'),
  pages: z
    .enum(['honest', 'at_most_50', 'offset_ignored', 'endless', 'gap'])
    .default('honest')
    .describe('Pages are as asked; of 50 at most; always the first; without an end; or the second one is empty.'),
  totalCount: z
    .enum(['right', 'missing', 'of_page', 'too_high'])
    .default('right')
    .describe('How total_count counts: the list, not at all, the page, or 50 too many.'),
  practicesAfter: z.int().min(0).max(1000).default(0).describe('So many lists of an authorization are empty first.'),
  empty: z
    .enum(['204', 'list', '401', 'api2005', 'nothing', 'array', 'items_null'])
    .default('204')
    .describe('An empty list is HTTP 204, a list of none, API2007, or 200 with API2005, no body, [] or items: null.'),
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
  revocationAnswer: z
    .enum(['ok', 'unknown_code', 'error_status', 'html'])
    .default('ok')
    .describe('A deletion is answered 200 with an unknown code, http_code 500 or a page, and the key lives.'),
  dataSync: z
    .enum(['refresh', 'not_refresh', 'not refresh'])
    .default('refresh')
    .describe('Whether the practice had contact within a day; no is written in two ways.'),
  healthError: scriptedError.describe('The health calls, data_sync_status and health_check, fail with this error.'),
  errorFor: z
    .enum(['every_call', 'first_call'])
    .default('every_call')
    .describe('How long a chosen error or answer lasts.'),
  errorShape: z.enum(errorShapes).default('sikka').describe('How every error is worded.'),
  rateLimitResetSeconds: z.int().min(0).max(3600).default(1).describe('X-Rate-Limit-Reset of a 429, seconds.'),
  planCalls: z.int().min(0).max(10_000).default(0).describe('Calls in a window, told in X-Rate-Limit-*; 0: no limit.'),
  planWindowSeconds: z.int().min(1).max(3600).default(60).describe('Length of that window, seconds.'),
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
