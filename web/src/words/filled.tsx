import { createElement, Fragment, type ReactNode } from 'react'

/**
 * A text whose `{names}` are filled in. What comes from outside is to be given as an element that isolates it, since
 * the direction of its letters must not reach the words around it.
 */
export function Filled({ text, with: values }: { text: string; with: Readonly<Record<string, ReactNode>> }) {
  // Every second part is a name.
  const parts = text.split(/\{(\w+)\}/).map((part, index) => (index % 2 === 0 ? part : values[part]))
  return createElement(Fragment, undefined, ...parts)
}

/** The same for plain text. */
export function fill(text: string, values: Readonly<Record<string, string>>): string {
  return text.replace(/\{(\w+)\}/g, (whole, name: string) => values[name] ?? whole)
}
