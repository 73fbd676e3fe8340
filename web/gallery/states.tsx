import type { ConnectionHistory } from '@pms/shared/connection-history'
import type { ConnectionStatus } from '@pms/shared/connection-status'
import { connectionErrorCodes } from '@pms/shared/errors'
import type { ReactNode } from 'react'
import type { ApiFailure } from '../src/api/api-failure.ts'
import { SignIn, SignInProblem } from '../src/api/sign-in-screens.tsx'
import { LoadingSetup } from '../src/setup/loading-setup.tsx'
import { DisconnectQuestion } from '../src/setup/disconnect-question.tsx'
import { HistoryList } from '../src/setup/history-list.tsx'
import { InstallScreen } from '../src/setup/install-screen.tsx'
import { OffersContext, type Offers } from '../src/setup/offers.ts'
import { ReviewScreen } from '../src/setup/review-screen.tsx'
import { SetupScreen, type SetupScreenProps } from '../src/setup/setup-screen.tsx'
import type { SetupState } from '../src/setup/setup-view.ts'
import { BusyPage } from '../src/ui/busy-page.tsx'
import { NotFoundPage } from '../src/ui/not-found-page.tsx'
import { PageFrame } from '../src/ui/page-frame.tsx'
import Toaster from '../src/ui/toaster.tsx'
import { useStepWords } from '../src/words/step-words.ts'
import { useWords } from '../src/words/use-words.tsx'

const attemptId = '00000000-0000-4000-8000-000000000001'
const practice = { practiceName: 'Happy Dental Clinic', pmsType: 'Dentrix' }
const choice = (index: number, practiceName: string) => ({ id: String(index), practiceName, pmsType: 'Eaglesoft' })

/** As long as a name may be, without a place to break, with markup and with letters that run the other way. */
const hostile = {
  practiceName: `<b>Clinic</b> \u05e9\u05d9\u05e0\u05d9\u05d9\u05dd ${'W'.repeat(90)} & Sons`,
  pmsType: '"><script>',
}

const allOffers: Offers = {
  supportEmail: 'support@example.com',
  supportUrl: 'https://www.example.com/help',
  spuDownloadUrl: 'https://www.example.com/spu',
  nextStepUrl: 'https://www.example.com/agent',
}

const nothing = (): void => undefined
const nothingAtOnce = async (): Promise<void> => undefined
const limited: ApiFailure = { code: 'TOO_MANY_REQUESTS', requestId: 'request-demo-0001', retryAfter: 240_000 }
const unanswered: ApiFailure = { code: undefined, requestId: undefined, retryAfter: 0 }
const idle = { busy: false, done: false, failure: undefined, disconnect: nothing, reset: nothing }

function setup(state: SetupState, more: Partial<SetupScreenProps> = {}): ReactNode {
  return (
    <Framed>
      <SetupScreen
        state={state}
        trouble={undefined}
        start={{ begin: nothing, redirecting: false, failure: undefined }}
        ending={idle}
        installed
        checkAgain={async () => true}
        {...more}
      />
    </Framed>
  )
}

function Framed({ children, offers = allOffers }: { children: ReactNode; offers?: Offers }) {
  return (
    <PageFrame person="alex@example.com" onSignOut={async () => undefined}>
      <OffersContext value={offers}>{children}</OffersContext>
    </PageFrame>
  )
}

const connected: ConnectionStatus = {
  isConnected: true,
  status: 'connected',
  provider: 'SIKKA',
  ...practice,
  connectedAt: '2026-03-02T14:05:00.000Z',
  revision: 'r1',
  timestamp: '2026-11-21T09:00:00.000Z',
}

const at = (minute: number) => new Date(Date.UTC(2026, 10, 21, 9, minute)).toISOString()
const events: ConnectionHistory['events'] = [
  { id: '9', at: at(54), event: 'cancelled', attemptId, errorCode: 'REPLACED' },
  { id: '8', at: at(52), event: 'cancelled', attemptId },
  { id: '7', at: at(50), event: 'connected', attemptId },
  { id: '6', at: at(49), event: 'authorized', attemptId },
  { id: '5', at: at(48), event: 'started', attemptId },
  { id: '4', at: at(40), event: 'failed', attemptId, errorCode: 'NO_PRACTICE' },
  { id: '3', at: at(30), event: 'denied', attemptId, errorCode: 'ACCESS_DENIED' },
  { id: '2', at: at(20), event: 'refreshed' },
  { id: '1', at: at(10), event: 'reconnect_required', errorCode: 'RECONNECT_REQUIRED' },
]

const steps = [undefined, 'authorized', 'keys_received', 'practice_found'] as const

/** Every state of the page, by a name of its own. */
export const states: Readonly<Record<string, () => ReactNode>> = {
  'signed out': () => <SignIn ended={false} onSignIn={nothing} />,
  'signed out in between': () => <SignIn ended onSignIn={nothing} />,
  'sign-in refused': () => <SignInProblem isPassing={false} onRetry={nothing} />,
  'sign-in unreachable': () => <SignInProblem isPassing onRetry={nothing} />,
  'page loading': () => <BusyPage />,
  'address unknown': () => <NotFoundPage />,
  start: () => (
    <Framed>
      <LoadingSetup />
    </Framed>
  ),

  install: () => (
    <Framed>
      <InstallScreen installed={false} connected={false} onInstalled={nothing} />
    </Framed>
  ),
  'install, no download offered': () => (
    <Framed offers={{}}>
      <InstallScreen installed={false} connected={false} onInstalled={nothing} />
    </Framed>
  ),
  'install, connected already': () => (
    <Framed>
      <InstallScreen installed connected onInstalled={nothing} />
    </Framed>
  ),

  loading: () => setup({ kind: 'loading' }),
  unreachable: () => setup({ kind: 'unreachable', trouble: 'unreachable' }),
  'unreachable, offline': () => setup({ kind: 'unreachable', trouble: 'offline' }),
  'unreachable, too many requests': () => setup({ kind: 'unreachable', trouble: 'busy' }),
  broken: () => setup({ kind: 'broken', requestId: 'request-demo-0001' }),
  'not connected, SPU not said to be installed': () => setup({ kind: 'not-connected' }, { installed: false }),
  'not connected': () => setup({ kind: 'not-connected' }),
  'not connected, too many starts': () =>
    setup({ kind: 'not-connected' }, { start: { begin: nothing, redirecting: false, failure: limited } }),
  disconnected: () => setup({ kind: 'not-connected' }, { ending: { ...idle, done: true } }),
  redirecting: () => setup({ kind: 'redirecting' }),

  ...Object.fromEntries(
    steps.map((step) => [`connecting: ${step ?? 'begun'}`, () => setup({ kind: 'connecting', step })]),
  ),
  'connecting, refused beside': () => setup({ kind: 'connecting', step: 'authorized', refused: 'invalid_state' }),
  'connecting, offline': () => setup({ kind: 'connecting', step: 'authorized' }, { trouble: 'offline' }),
  'connecting, asked to wait': () => setup({ kind: 'connecting', step: 'authorized' }, { trouble: 'busy' }),
  'timed out': () => setup({ kind: 'timed-out', attemptId }),
  choosing: () =>
    setup({
      kind: 'choosing',
      attemptId,
      choices: [choice(1, 'Happy Dental Clinic'), choice(2, 'Lakeside Orthodontics'), choice(3, hostile.practiceName)],
      replaces: 'Old Town Dental',
    }),
  'choosing, one name many times': () =>
    setup({
      kind: 'choosing',
      attemptId,
      choices: [
        { ...choice(1, practice.practiceName), city: 'Ottawa', state: 'ON', officeId: 'D00001' },
        ...Array.from({ length: 8 }, (_, index) => ({
          ...choice(index + 2, index === 3 ? hostile.practiceName : practice.practiceName),
          city: index === 4 ? 'Saint-Louis-du-Ha! Ha!' : `City ${index + 1}`,
          state: 'QC',
          places: index + 2,
          officeId: `D0100${index}`,
        })),
      ],
      replaces: undefined,
    }),
  'choosing, a single one': () =>
    setup({ kind: 'choosing', attemptId, choices: [choice(1, 'Happy Dental Clinic')], replaces: undefined }),
  replacing: () =>
    setup({
      kind: 'replacing',
      attemptId,
      choice: choice(1, 'Lakeside Orthodontics'),
      replaces: 'Happy Dental Clinic',
    }),

  connected: () => setup({ kind: 'connected', practice, connectedAt: at(0) }),
  'connected, hostile name': () => setup({ kind: 'connected', practice: hostile, connectedAt: undefined }),
  'connected, refused beside': () =>
    setup({ kind: 'connected', practice, connectedAt: at(0), refused: 'access_denied' }),
  'connected, offline': () => setup({ kind: 'connected', practice, connectedAt: at(0) }, { trouble: 'offline' }),
  ...Object.fromEntries(
    Object.entries({
      'disconnect?': idle,
      'disconnect? in progress': { ...idle, busy: true },
      'disconnect? not done': { ...idle, failure: unanswered },
    }).map(([name, ending]) => [
      name,
      () => (
        <>
          {setup({ kind: 'connected', practice, connectedAt: at(0) })}
          <DisconnectQuestion practice={practice} ending={ending} onClose={nothing} />
        </>
      ),
    ]),
  ),

  ...Object.fromEntries(
    connectionErrorCodes.map((code) => [
      `failed: ${code}`,
      () =>
        setup({
          kind: 'failed',
          code,
          attemptId,
        }),
    ]),
  ),
  lost: () =>
    setup({
      kind: 'failed',
      code: 'RECONNECT_REQUIRED',
      attemptId: undefined,
      lost: { ...practice, code: 'RECONNECT_REQUIRED' },
    }),
  'lost, hostile name': () =>
    setup({ kind: 'failed', code: 'INTERNAL', attemptId: undefined, lost: { ...hostile, code: 'INTERNAL' } }),
  'failed, and lost before': () =>
    setup({ kind: 'failed', code: 'ACCESS_DENIED', attemptId, lost: { ...practice, code: 'RECONNECT_REQUIRED' } }),
  'declined, still connected': () => setup({ kind: 'failed', code: 'DECLINED', attemptId, stillConnected: practice }),
  'failed, still connected': () =>
    setup({ kind: 'failed', code: 'ACCESS_DENIED', attemptId, stillConnected: practice }),

  review: () => (
    <Framed>
      <ReviewScreen status={connected} onRetry={nothingAtOnce} />
    </Framed>
  ),
  'review, no next step': () => (
    <Framed offers={{}}>
      <ReviewScreen status={connected} onRetry={nothingAtOnce} />
    </Framed>
  ),
  'review, loading': () => (
    <Framed>
      <ReviewScreen status={undefined} onRetry={nothingAtOnce} />
    </Framed>
  ),
  'review, unreachable': () => (
    <Framed>
      <ReviewScreen status={undefined} trouble="busy" onRetry={nothingAtOnce} />
    </Framed>
  ),
  'review, offline': () => (
    <Framed>
      <ReviewScreen status={connected} trouble="offline" onRetry={nothingAtOnce} />
    </Framed>
  ),
  history: () => (
    <Framed>
      <h1>History</h1>
      <HistoryList events={events} />
    </Framed>
  ),
  toasts: () => <SomeToasts />,
}

function SomeToasts() {
  const { install } = useStepWords()
  const { trouble } = useWords()
  return (
    <>
      {setup({ kind: 'connected', practice, connectedAt: at(0) })}
      <Toaster
        messages={[
          { id: 1, text: install.copied, tone: 'good' },
          { id: 2, text: trouble.offline, tone: 'warning' },
        ]}
      />
    </>
  )
}
