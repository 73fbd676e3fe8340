/** Longest pause of a double click, milliseconds, and how far its second click may be from the first, CSS pixels. */
const longestPause = 500
const farthest = 30

/**
 * The second click of a double click never acts on a control that the first one brought under the pointer, and a key that
 * is held down acts once: its repetitions do not press what it has opened or focused.
 * @returns how to end it
 */
export function guardDoubleClicks(): () => void {
  let first: { control: Element | null; event: MouseEvent } | undefined

  function onClick(event: MouseEvent): void {
    const control = controlOf(event)
    // A key or a screen reader clicks without a count.
    const isSecond =
      first !== undefined &&
      event.detail > 0 &&
      control !== first.control &&
      event.timeStamp - first.event.timeStamp < longestPause &&
      Math.hypot(event.clientX - first.event.clientX, event.clientY - first.event.clientY) < farthest
    if (control && isSecond) {
      event.preventDefault()
      event.stopImmediatePropagation()
    }
    // Whoever goes on clicking goes on meaning the first.
    first = event.detail > 0 ? { control: isSecond && first ? first.control : control, event } : undefined
  }

  function onKeyDown(event: KeyboardEvent): void {
    if (event.repeat && (event.key === 'Enter' || event.key === ' ') && controlOf(event)) event.preventDefault()
  }

  document.addEventListener('click', onClick, true)
  document.addEventListener('keydown', onKeyDown, true)
  return () => {
    document.removeEventListener('click', onClick, true)
    document.removeEventListener('keydown', onKeyDown, true)
  }
}

function controlOf({ target }: Event): Element | null {
  return target instanceof Element ? target.closest('button, a, summary') : null
}
