import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { type Identity, users } from './start.ts'
import { temporaryIdentity } from './testing/identity.ts'
import { clientId, locationOf, pageOf, pageOrigin } from './testing/page.ts'

let identity: Identity
beforeAll(async () => {
  identity = await temporaryIdentity()
})
afterAll(() => identity[Symbol.asyncDispose]())

const subjectOf = (idToken: string) =>
  (JSON.parse(Buffer.from(idToken.split('.')[1] ?? '', 'base64url').toString()) as { sub: string }).sub

describe('signing out', () => {
  it('returns to the page at once, with its state', async () => {
    const page = pageOf(identity)
    const { id_token: hint } = await page.signIn('alex')
    const answer = await page.signOut({
      id_token_hint: hint,
      post_logout_redirect_uri: `${pageOrigin}/`,
      state: 'the page’s',
    })
    expect(answer.status).toBe(303)
    expect(locationOf(answer).href).toBe(`${pageOrigin}/?state=the+page%E2%80%99s`)
  })

  it('takes Cognito’s parameters, and both kinds together', async () => {
    const cognitos = { client_id: clientId, logout_uri: `${pageOrigin}/` }
    const page = pageOf(identity)
    await page.signIn('alex')
    expect(locationOf(await page.signOut(cognitos)).href).toBe(`${pageOrigin}/`)
    const { id_token: hint } = await page.signIn('alex')
    const both = { ...cognitos, id_token_hint: hint, post_logout_redirect_uri: `${pageOrigin}/` }
    expect(locationOf(await page.signOut(both)).href).toBe(`${pageOrigin}/`)
  })

  it('has the next sign-in ask again, so that another person can be chosen', async () => {
    const page = pageOf(identity)
    const first = await page.signIn('alex')
    await page.signOut({ client_id: clientId, logout_uri: `${pageOrigin}/` })
    const { response } = await page.startSignIn()
    expect(locationOf(response).pathname).toMatch(/^\/sign-in\//)
    const second = await page.signIn('robin')
    expect([subjectOf(first.id_token), subjectOf(second.id_token)]).toEqual([users.alex.subject, users.robin.subject])
  })

  it('ends the refresh token', async () => {
    const page = pageOf(identity)
    const { refresh_token: token } = await page.signIn('alex')
    await page.signOut({ client_id: clientId, logout_uri: `${pageOrigin}/` })
    expect((await page.refresh(token)).status).toBe(400)
  })

  it('works for a browser that is not signed in, and without a place to return to', async () => {
    const page = pageOf(identity)
    expect(locationOf(await page.signOut({ client_id: clientId, logout_uri: `${pageOrigin}/` })).href).toBe(
      `${pageOrigin}/`,
    )
    const answer = await page.signOut({})
    expect(answer.status).toBe(200)
    expect(await answer.text()).toContain('Signed out')
  })

  it.each(['https://evil.example/', `${pageOrigin}/elsewhere`])('does not send anybody to %s', async (target) => {
    const page = pageOf(identity)
    await page.signIn('alex')
    const answer = await page.signOut({ client_id: clientId, post_logout_redirect_uri: target })
    expect(answer.status).toBe(400)
    expect(answer.headers.get('location')).toBeNull()
    expect((await page.startSignIn()).response.headers.get('location')).toContain('code=')
  })
})
