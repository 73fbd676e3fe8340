import * as z from 'zod/mini'

/** `GET /config.json`: what the page needs to know at run time, so that one build serves every environment. No secret. */
export const PageConfig = z.strictObject({
  /** OpenID Connect authority to sign in at */
  authority: z.url(),
  clientId: z.string().check(z.minLength(1)),
})
export type PageConfig = z.infer<typeof PageConfig>
