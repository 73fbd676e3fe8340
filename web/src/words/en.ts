import { connectionErrorText, lostText, timeoutText, type ConnectionErrorCode } from '@pms/shared/errors'
import type { SetupErrorCode } from '@pms/shared/setup-redirect'

/**
 * The words of the page (contract, section 8), the source of every other language. What stands in braces is filled
 * in by `Filled`.
 */
const ourSide = 'The problem is on our side, and nothing has changed. Please try again in a few minutes.'
const refused = 'Sikka no longer accepts our access to your practice. Connect it again to restore your AI agent.'
const lost = 'Our access to your practice was lost. Connect it again to restore your AI agent.'
const denied = "Access was denied on Sikka's page, so nothing has changed. Choose Allow there to connect."

const failureAdvice = {
  ACCESS_DENIED: denied,
  CODE_REJECTED: 'Sikka did not accept the authorization, so nothing has changed.',
  CONFLICT: 'A practice can be connected to one account only. Sign in with that account, or contact support.',
  NO_PRACTICE: 'Sikka does not list your practice yet. Check that SPU is installed and has finished its first upload.',
  SEVERAL_PRACTICES:
    'Sikka does not say which practice is yours, and its list does not show it. Please contact support.',
  OFFICE_UNPROVEN:
    'Sikka did not confirm which practice is yours, so none was connected. Please contact support with the reference below.',
  PROVIDER_ERROR: 'Sikka reported a problem, so nothing has changed.',
  PROVIDER_UNAVAILABLE: 'Sikka does not answer at the moment. Please try again in a few minutes.',
  BAD_RESPONSE: 'Sikka answered in a way that we do not understand, so nothing has changed.',
  CONFIG: ourSide,
  STORAGE_UNAVAILABLE: ourSide,
  EXPIRED: 'The attempt was not finished within ten minutes, so it has ended.',
  DECLINED: 'The practice that was offered is not connected, and nothing has changed.',
  REPLACED: 'A newer attempt was started in its place.',
  DISCONNECTED: 'The practice was disconnected while this attempt was in progress.',
  INTERRUPTED: 'The connection was interrupted before it was finished.',
  RECONNECT_REQUIRED: refused,
  KEYS_UNREADABLE: lost,
  INTERNAL: ourSide,
  access_denied: denied,
  invalid_state: 'The answer from Sikka did not belong to an attempt started in this browser, so it was not used.',
  expired_state: "Access was not allowed on Sikka's page within ten minutes, so the attempt has ended.",
  invalid_request: 'The answer from Sikka was not complete, so it was not used.',
  temporarily_unavailable: 'Our server was busy just then. If the connection still goes through, this page shows it.',
  too_many_requests:
    'Too many people came back from Sikka at once, so this answer was not used. Wait a minute, then try again.',
} satisfies Record<ConnectionErrorCode | SetupErrorCode, string>

export const words = {
  product: 'Parlae',
  frame: {
    skip: 'Skip to the content',
    signOut: 'Sign out',
    loading: 'Loading...',
  },

  signIn: {
    title: 'Sign in',
    heading: 'Sign in to set up your AI agent',
    detail: 'Use the account of your practice.',
    button: 'Sign in',
    endedHeading: 'You have been signed out',
    endedDetail: 'Sign in again to continue where you left off. A connection in progress continues in the meantime.',
    leaving: 'Taking you to the sign-in page...',
    arriving: 'Signing you in...',
    signingOut: 'Signing you out...',
  },
  signInProblem: {
    title: 'Sign-in problem',
    refused: 'The sign-in was not completed',
    refusedDetail: 'Nothing has changed. Please try to sign in again.',
    unreachable: 'The sign-in service cannot be reached',
    unreachableDetail: 'This is most likely a short interruption. Check your internet connection and try again.',
    retry: 'Try again',
  },
  configProblem: {
    title: 'Page not ready',
    heading: 'This page could not be loaded completely',
    detail: 'We could not reach our server. Check your internet connection and try again in a moment.',
    retry: 'Try again',
  },
  storageProblem: {
    title: 'Storage is blocked',
    heading: 'Your browser does not let this page store data',
    detail:
      'Without it you cannot sign in. Allow cookies and site data for this address in the settings of your browser, then reload the page.',
  },
  crash: {
    title: 'Something went wrong',
    heading: 'Something went wrong on this page',
    detail: 'Your connection is not affected by this. Reload the page to continue.',
    button: 'Reload the page',
  },
  notFound: {
    title: 'Page not found',
    heading: 'This page does not exist',
    detail: 'The address may be misspelled, or the page may have moved.',
    link: 'Go to the setup',
  },

  wizard: {
    label: 'Steps of the setup',
    position: 'Step {step} of {steps}',
    steps: { install: 'Install SPU', connect: 'Connect', review: 'Review' },
    done: 'done',
  },

  setup: {
    title: 'Connect your practice',
    heading: 'Connect your practice management system',
    lead: 'Your AI agent works with the schedule and the patients in your own system. Sikka makes the connection.',
  },

  loading: { heading: 'Loading your setup...' },
  unreachable: { heading: 'Your setup cannot be shown right now' },
  broken: {
    heading: 'Something went wrong',
    detail: 'We could not find out the state of your connection. Please try again or contact support.',
    button: 'Try again',
  },

  notConnected: {
    heading: 'Install SPU, then connect',
    detail: 'Is SPU (Sikka Practice Utility) installed already? Then connect right away.',
    readyHeading: 'Ready to connect',
    readyDetail: 'Allow the access on Sikka’s page. You are then returned here automatically.',
    steps: [
      'On the computer that runs your practice management system, usually the office server, download SPU (Sikka Practice Utility) from Sikka.',
      'Run the installer and choose your practice management system when SPU asks for it.',
      'Leave the computer on until SPU has finished its first upload. That can take a few hours.',
      'Come back to this page, choose Connect via Sikka and allow the access.',
    ],
    toInstall: 'How to install SPU',
    button: 'Connect via Sikka',
  },

  redirecting: {
    heading: 'Taking you to Sikka...',
    detail: "Choose Allow on Sikka's page. You are then returned here automatically.",
  },

  connecting: {
    heading: 'Connecting to your practice management system...',
    detail: 'This usually takes less than a minute. It continues even if you close this page.',
    states: { done: 'done', current: 'in progress', next: 'not yet' },
    steps: {
      authorized: { doing: 'Authorizing access', done: 'Access authorized' },
      keys_received: { doing: 'Receiving the keys', done: 'Keys received' },
      practice_found: { doing: 'Finding your practice', done: 'Practice found' },
      stored: { doing: 'Saving the connection', done: 'Connection saved' },
    },
  },

  connected: {
    heading: 'Successfully connected to {practice}',
    yourPractice: 'your practice',
    since: 'Connected since {time}',
    agentCan: 'Your AI agent can now:',
    abilities: ['Book appointments', 'Check availability', 'Access patient information'],
    button: 'Continue to Review',
  },

  choosing: {
    heading: 'Which practice do you want to connect?',
    detail: 'Your authorization at Sikka covers more than one. You have ten minutes to choose.',
    single: 'Sikka lists this practice without confirming that it is yours. You have ten minutes to answer.',
    legend: 'Practices',
    search: 'Search by name, city, system or office ID',
    found: '{count} of {all} practices shown',
    places: '{count} places',
    office: 'Office ID {id}',
    replaces: 'The one you choose replaces {practice}, which is connected now.',
    button: 'Connect this practice',
    notListed: 'Is yours not in the list? Then start again, or contact support.',
    again: 'Start again',
  },
  replacing: {
    heading: 'Replace {old} with {new}?',
    detail:
      'An account has one connected practice. Your AI agent would work with the new one from then on, and no longer with the other. You have ten minutes to decide.',
    yes: 'Yes, replace it',
    keep: 'No, keep {practice}',
    keepMeans: 'If you keep it, nothing changes, and you can start again with another practice.',
  },

  disconnect: {
    open: 'Disconnect',
    heading: 'Disconnect {practice}?',
    detail:
      'Your AI agent stops working with this practice at once: it can no longer book appointments, check availability or access patient information. Its keys are revoked and deleted. You can connect again at any time.',
    yes: 'Yes, disconnect',
    doing: 'Disconnecting...',
    no: 'Keep the connection',
    done: 'Your practice is disconnected, and your AI agent no longer has access to it.',
  },

  failed: {
    headings: {
      ...connectionErrorText,
      access_denied: connectionErrorText.ACCESS_DENIED,
      invalid_state: connectionErrorText.INTERNAL,
      expired_state: connectionErrorText.INTERNAL,
      invalid_request: connectionErrorText.INTERNAL,
      temporarily_unavailable: connectionErrorText.INTERNAL,
      too_many_requests: connectionErrorText.INTERNAL,
    } satisfies Record<ConnectionErrorCode | SetupErrorCode, string>,
    advice: failureAdvice,
    button: 'Try again',
    reference: 'Reference for support:',
    checkSpu: 'Check the installation of SPU',
  },
  copying: {
    button: 'Copy',
    reference: 'Copy the reference',
    copied: 'Copied.',
    refused: 'Your browser did not allow copying. The reference is selected, to be copied with the keyboard.',
  },
  support: {
    label: 'Support:',
    page: 'Support page',
    none: 'To reach support, ask the person who gave you access to this page.',
  },
  stillConnected: '{practice} is still connected. This attempt has changed nothing.',
  lost: {
    heading: lostText,
    advice: 'Connect again to restore it.',
    reasons: { RECONNECT_REQUIRED: refused, KEYS_UNREADABLE: lost },
    button: 'Reconnect',
  },

  timedOut: {
    heading: timeoutText,
    detail:
      'The result is not known yet, and your practice may still be connected. We keep checking, and this page changes as soon as there is news.',
    button: 'Check again',
    checking: 'Checking...',
    checkedAt: 'There is no result yet. Checked at {time}.',
  },

  noticeBeside: {
    connecting: 'Another connection is in progress and continues.',
    connected: 'Your practice is still connected.',
  },

  trouble: {
    offline: 'You are offline. We continue as soon as your internet connection is back.',
    unreachable:
      'We cannot reach our server right now. We keep trying, and a connection in progress continues without this page.',
    busy: 'Our server asks us to wait a moment. We continue automatically.',
  },

  problem: {
    sending: 'Sending your answer...',
    tooMany: 'There were too many attempts in a short time.',
    gone: 'This question is no longer open: it has ended, or was answered in another window. You can start again.',
    inAMinute: 'Please try again in a minute.',
    inMinutes: 'Please try again in {minutes} minutes.',
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

  history: {
    heading: 'What has happened so far',
    none: 'Nothing has happened yet.',
    more: 'Show earlier events',
    loading: 'Loading...',
    failed: 'The history cannot be loaded right now.',
    retry: 'Try again',
    events: {
      started: 'Connection started',
      authorized: 'Access allowed at Sikka',
      denied: 'Access denied at Sikka',
      refused: 'An answer from Sikka was not used',
      chosen: 'Practice chosen',
      connected: 'Practice connected',
      failed: 'Connection failed',
      expired: 'Not finished in time',
      cancelled: 'Attempt ended',
      refreshed: 'Access renewed automatically',
      reconnect_required: 'Connection stopped working',
      disconnected: 'Practice disconnected',
    },
    from: 'Something new has happened',
  },

  toasts: {
    label: 'Notices',
    close: 'Close this notice',
    connected: '{practice} is connected.',
    disconnected: 'Your practice is disconnected.',
  },
} as const
