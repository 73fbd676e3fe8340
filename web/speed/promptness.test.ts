import { expect, it } from 'vitest'
import { stage } from '../e2e/stage.ts'
import { isHeldStatus } from '../e2e/visitor.ts'

const on = stage()

it('a change is on screen within 200 ms of its commit', async () => {
  const { page } = on.visitor
  await on.comeBackConnecting()
  await page.waitForRequest(isHeldStatus)
  const shownAt = page.evaluate(
    (text) =>
      new Promise<number>((resolve) => {
        const look = (): void => {
          if (document.querySelector('h2')?.textContent?.startsWith(text))
            requestAnimationFrame(() => resolve(Date.now()))
          else requestAnimationFrame(look)
        }
        look()
      }),
    'Successfully connected',
  )
  on.system.lines.sikka.heal()
  const shown = await shownAt
  // One machine, one clock.
  const { finishedAt } = await on.system.db.pmsConnectionAttempt.findFirstOrThrow({ where: { status: 'COMPLETED' } })
  expect(shown - Number(finishedAt)).toBeLessThan(200)
})
