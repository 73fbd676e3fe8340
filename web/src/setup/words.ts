import type { ConnectionStep } from '@pms/shared/connection-status'
import type { ConnectionErrorCode } from '@pms/shared/errors'
import type { SetupErrorCode } from '@pms/shared/setup-redirect'

/** The words of the setup (contract, section 8). English is the source of every other language. */
export const setupWords = {
  title: 'Connect your practice',
  heading: 'Connect your practice management system',
  lead: 'Your AI agent works with the schedule and the patients in your own system. Sikka makes the connection.',

  loading: { heading: 'Loading your setup...' },
  unreachable: {
    heading: 'We cannot reach our server right now',
    detail: 'We keep trying. There is nothing you need to do.',
  },
  broken: {
    heading: 'Something went wrong',
    detail: 'We could not find out the state of your connection. Please try again or contact support.',
    button: 'Try again',
  },

  notConnected: {
    heading: 'Install SPU, then connect',
    detail: 'Is SPU (Sikka Practice Utility) installed already? Then connect right away.',
    steps: [
      'On the computer that runs your practice management system, usually the office server, download SPU (Sikka Practice Utility) from Sikka.',
      'Run the installer and choose your practice management system when SPU asks for it.',
      'Leave the computer on until SPU has finished its first upload. That can take a few hours.',
      'Come back to this page, choose Connect via Sikka and allow the access.',
    ],
    button: 'Connect via Sikka',
  },

  redirecting: {
    heading: 'Taking you to Sikka...',
    detail: "Choose Allow on Sikka's page. You come back to this page automatically.",
  },

  connecting: {
    heading: 'Connecting to your practice management system...',
    detail: 'This usually takes less than a minute. It continues even if you close this page.',
    states: { done: 'done', current: 'in progress', next: 'not yet' },
  },
  steps: {
    authorized: { doing: 'Authorizing access', done: 'Access authorized' },
    keys_received: { doing: 'Receiving the keys', done: 'Keys received' },
    practice_found: { doing: 'Finding your practice', done: 'Practice found' },
  } satisfies Record<ConnectionStep, { doing: string; done: string }>,
  lastStep: 'Saving the connection',

  connected: {
    successfully: 'Successfully connected to',
    yourPractice: 'your practice',
    agentCan: 'Your AI agent can now:',
    abilities: ['Book appointments', 'Check availability', 'Access patient information'],
    button: 'Continue to Review',
  },

  choosing: {
    heading: 'Which practice do you want to connect?',
    detail: 'Your authorization at Sikka covers more than one. The question stays open for ten minutes.',
    legend: 'Practices',
    replaces: { before: 'The one you choose replaces', after: ', which is connected now.' },
    button: 'Connect this practice',
    notListed: 'Is yours not in the list? Then start again, or contact support.',
    again: 'Start again',
  },
  replacing: {
    heading: { before: 'Replace', between: 'with', after: '?' },
    detail:
      'An account has one connected practice. Your AI agent would work with the new one from then on, and no longer with the other. The question stays open for ten minutes.',
    yes: 'Yes, replace it',
    keep: 'No, keep',
    keepMeans: 'If you keep it, nothing changes, and you can start again with another practice.',
  },

  disconnect: {
    open: 'Disconnect',
    heading: { before: 'Disconnect', after: '?' },
    detail:
      'Your AI agent stops working with this practice at once: it can no longer book appointments, check availability or access patient information. Its keys are revoked and deleted. You can connect again at any time.',
    yes: 'Yes, disconnect',
    no: 'Keep the connection',
    done: 'Your practice is disconnected, and your AI agent no longer has access to it.',
  },

  failed: { button: 'Try again', reference: 'Reference for support:' },
  stillConnected: 'is still connected. This attempt has changed nothing.',
  lost: {
    before: 'The connection to',
    after: 'has stopped working.',
    advice: 'Connect again to restore it.',
    button: 'Reconnect',
  },

  timedOut: {
    detail:
      'The result is not known yet, and your practice may still be connected. We keep checking, and this page changes as soon as there is news.',
    button: 'Check again',
    checking: 'Checking...',
    checkedAt: 'There is no result yet. Checked at',
  },

  noticeBeside: {
    connecting: 'Another connection is in progress and continues.',
    connected: 'Your practice is still connected.',
  },

  trouble: {
    offline: 'You are offline. We continue as soon as your internet connection is back.',
    unreachable:
      'We cannot reach our server right now. We keep trying, and the connection itself continues without this page.',
    busy: 'Our server asks us to wait a moment. We continue automatically.',
  },

  problem: {
    tooMany: 'There were too many attempts in a short time.',
    gone: 'This question is no longer open: it has ended, or was answered in another window. You can start again.',
  },
  startProblem: {
    unreachable: 'We could not reach our server, so nothing was started. Check your internet connection and try again.',
    unavailable: 'We cannot start a connection right now. Please try again in a few minutes.',
    other: 'Something went wrong, and nothing was started. Please try again or contact support.',
  },
  chooseProblem: {
    unreachable: 'We could not reach our server. Check your internet connection and try again.',
    unavailable: 'We cannot take your answer right now. Please try again in a moment.',
    other: 'Something went wrong. Please try again or contact support.',
  },
  disconnectProblem: {
    unreachable: 'We could not reach our server. Check your internet connection and try again.',
    unavailable: 'We cannot disconnect right now. Please try again in a moment.',
    other: 'Something went wrong. Please try again or contact support.',
  },

  tryAgainIn: (minutes: number) =>
    minutes <= 1 ? 'Please try again in a minute.' : `Please try again in ${minutes} minutes.`,

  review: {
    title: 'Review',
    heading: 'Review your setup',
    connectedTo: 'Practice',
    pmsType: 'Practice management system',
    since: 'Connected since',
    unknown: 'Not known',
    goesOn: 'Your practice management system is connected. The setup of your AI agent continues here.',
    unreachable: 'We cannot reach our server right now. We keep trying.',
  },
} as const

const ourSide = 'The problem is on our side, and nothing has changed. Please try again in a few minutes.'

const reconnect = {
  refused: 'Sikka no longer accepts our access to your practice. Connect it again to restore your AI agent.',
  lost: 'Our access to your practice was lost. Connect it again to restore your AI agent.',
} as const

/** Why a connection that was there has stopped working. */
export const lostAdvice: Partial<Record<ConnectionErrorCode, string>> = {
  RECONNECT_REQUIRED: reconnect.refused,
  KEYS_UNREADABLE: reconnect.lost,
}

/** What a failure means for the practice, and what to do about it. */
export const failureAdvice: Record<ConnectionErrorCode | SetupErrorCode, string> = {
  ACCESS_DENIED: "Access was denied on Sikka's page, so nothing has changed.",
  CODE_REJECTED: 'Sikka did not accept the authorization, so nothing has changed.',
  CONFLICT: 'A practice can be connected to one account only. Sign in with that account, or contact support.',
  NO_PRACTICE: 'Sikka does not list your practice yet. Check that SPU is installed and has finished its first upload.',
  SEVERAL_PRACTICES:
    'Sikka does not say which practice is yours, and its list does not show it. Please contact support.',
  PROVIDER_ERROR: 'Sikka reported a problem, so nothing has changed.',
  PROVIDER_UNAVAILABLE: 'Sikka does not answer at the moment. Please try again in a few minutes.',
  BAD_RESPONSE: 'Sikka answered in a way that we do not understand, so nothing has changed.',
  CONFIG: ourSide,
  STORAGE_UNAVAILABLE: ourSide,
  EXPIRED: 'The attempt was not finished within ten minutes, so it has ended.',
  INTERRUPTED: 'The connection was interrupted before it was finished.',
  RECONNECT_REQUIRED: reconnect.refused,
  KEYS_UNREADABLE: reconnect.lost,
  INTERNAL: ourSide,
  access_denied: "Access was denied on Sikka's page, so nothing has changed.",
  invalid_state: 'The answer from Sikka did not belong to an attempt started in this browser, so it was not used.',
  expired_state: "Access was not allowed on Sikka's page within ten minutes, so the attempt has ended.",
  invalid_request: 'The answer from Sikka was not complete, so it was not used.',
  temporarily_unavailable: 'Our server was busy just then. If the connection still goes through, this page shows it.',
}
