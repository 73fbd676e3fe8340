/**
 * Words of the page that are broken where they have no hyphen, or lie outside the window. Names and ids are as long as
 * they are. Runs in the page.
 */
export function brokenWords(): string[] {
  const found: string[] = []
  const texts = document.createTreeWalker(document.body, NodeFilter.SHOW_TEXT)
  const range = document.createRange()
  for (let text = texts.nextNode() as Text | null; text; text = texts.nextNode() as Text | null) {
    const parent = text.parentElement
    if (!parent || parent.closest('bdi, code, textarea, .visually-hidden')) continue
    // A step's name that is heard and not seen.
    if (getComputedStyle(parent).color === 'rgba(0, 0, 0, 0)') continue
    for (const { 0: word, index } of text.data.matchAll(/[^\s-]+/g)) {
      range.setStart(text, index)
      range.setEnd(text, index + word.length)
      const boxes = [...range.getClientRects()].filter(({ width }) => width > 1)
      const isOut = boxes.some(({ left, right }) => left < -1 || right > window.innerWidth + 1)
      if (isOut || new Set(boxes.map(({ top }) => Math.round(top))).size > 1) found.push(word)
    }
  }
  return found
}
