import axe from 'axe-core'
import type { Page } from 'playwright-core'

/** Fonts are there, and what fades in has done so; what turns for ever goes on. */
async function atRest(): Promise<void> {
  await document.fonts.ready
  const finite = document.getAnimations().filter(({ effect }) => effect?.getTiming().iterations !== Infinity)
  // One whose element goes away is over, too.
  await Promise.allSettled(finite.map(({ finished }) => finished))
}

/** What axe has against the page that is shown. */
export async function violations(page: Page): Promise<string[]> {
  await page.evaluate(atRest)
  await page.evaluate(axe.source)
  const found = await page.evaluate(async () => {
    const { axe: checker } = window as unknown as { axe: typeof axe }
    return (await checker.run(document, { runOnly: ['wcag2a', 'wcag2aa', 'wcag21aa', 'wcag22aa', 'best-practice'] }))
      .violations
  })
  return found.flatMap(({ id, nodes }) => nodes.map(({ html }) => `${id}: ${html}`))
}
