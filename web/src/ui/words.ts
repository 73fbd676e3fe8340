/** The words around the setup: sign-in, frame, problems. English is the source of every other language. */
export const frameWords = {
  product: 'Parlae',
  signOut: 'Sign out',
  loading: 'Loading...',
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
} as const
