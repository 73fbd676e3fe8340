/** The steps before and after the connection, and what else is fetched once the page is there. */
export { InstallPage } from './setup/install-page.tsx'
export { ReviewPage } from './setup/review-page.tsx'
export { StartPage } from './setup/start-page.tsx'
export { guardDoubleClicks } from './ui/double-click-guard.ts'
