import type { ConnectionStatus } from '@pms/shared/connection-status'
import { expect } from 'vitest'
import type { CookieBrowser } from './browser.ts'
import type { Person } from './person.ts'

/** Presses Allow or Deny on Sikka's page. @returns where Sikka sends the browser: the callback */
export async function decide(
  browser: CookieBrowser,
  authorizationUrl: string,
  { decision = 'allow', practice = 'D00001' }: { decision?: 'allow' | 'deny'; practice?: string } = {},
): Promise<string> {
  const page = new URL(authorizationUrl)
  const form = new URLSearchParams([...page.searchParams, ['practice', practice], ['decision', decision]])
  const response = await browser.fetch(new URL(page.pathname, page), { method: 'POST', body: form })
  expect(response.status).toBe(303)
  return response.headers.get('location') ?? ''
}

/** Opens an address. @returns what came back, with where it sends the browser as a path */
export async function open(browser: CookieBrowser, url: string, init: RequestInit = {}) {
  const response = await browser.fetch(url, init)
  const location = response.headers.get('location')
  const path = location === null ? undefined : location.slice(new URL(url).origin.length)
  return { status: response.status, location, path, response }
}

/** Asks for an attempt, as the page does, until it is no longer in progress, or the user has to choose. */
export async function outcomeOf({ client }: Person, attemptId: string): Promise<ConnectionStatus> {
  let status = await client.pms.connectionStatus.query({ attemptId })
  while (status.status === 'connecting' && !status.choices) {
    status = await client.pms.connectionStatus.query({ attemptId, after: status.revision, waitSeconds: 20 })
  }
  return status
}

/** What a status becomes that somebody else has just changed: it is told as soon as they have heard of it. */
export async function changed({ client }: Person, { attemptId = '', revision }: ConnectionStatus) {
  return client.pms.connectionStatus.query({ attemptId, after: revision, waitSeconds: 20 })
}

/** The whole way: the button, Allow, the callback, and the outcome. */
export async function connect(person: Person, practice = 'D00001') {
  const started = await person.client.pms.startConnection.mutate()
  const callback = await decide(person.browser, started.authorizationUrl, { practice })
  const returned = await open(person.browser, callback)
  return { ...started, callback, returned, outcome: await outcomeOf(person, started.attemptId) }
}

/** Makes the choice with that name, and waits for what comes of it. */
export async function choose(
  person: Person,
  status: ConnectionStatus,
  practiceName: string,
): Promise<ConnectionStatus> {
  const choice = status.choices?.find((each) => each.practiceName === practiceName)
  expect(choice, `no choice ${practiceName} in ${JSON.stringify(status)}`).toBeDefined()
  const attemptId = status.attemptId ?? ''
  await person.client.pms.choosePractice.mutate({ attemptId, choiceId: choice?.id ?? '' })
  return outcomeOf(person, attemptId)
}
