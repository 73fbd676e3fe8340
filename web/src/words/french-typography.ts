/** A catalogue, or a part of one. */
type Texts = string | readonly Texts[] | { readonly [name: string]: Texts }

/**
 * Sets French texts by the rules: no-break spaces before `:` `;` `!` `?` `»` and after `«`, so that no line begins or
 * ends with them, and an ellipsis of one character. Done here rather than typed, since nobody sees which space it is.
 */
export function setFrench<Part extends Texts>(part: Part): Part {
  return set(part) as Part
}

function set(part: Texts): Texts {
  if (typeof part === 'string') {
    return part
      .replaceAll('...', '…')
      .replace(/[ \u00a0\u202f]*([:;!?»])/g, '\u00a0$1')
      .replace(/«[ \u00a0\u202f]*/g, '«\u00a0')
  }
  if (Array.isArray(part)) return part.map(set)
  return Object.fromEntries(Object.entries(part).map(([name, text]) => [name, set(text)]))
}
