import { users } from './users.ts'

const style = `
  :root { color-scheme: light dark }
  body { margin: 0; min-height: 100vh; display: grid; place-items: center; background: #f5f7f8; color: #1b262f;
    font: 1rem/1.5 system-ui, sans-serif }
  main { box-sizing: border-box; width: min(26rem, 100vw - 2rem); padding: 2rem; background: #fff;
    border: 1px solid #d8dfe4; border-radius: .75rem }
  .sandbox { margin: 0 0 1.5rem; padding: .5rem .75rem; background: #fdf3dc; color: #7a5200; border-radius: .5rem }
  h1 { margin: 0 0 .5rem; font-size: 1.5rem; line-height: 1.25 }
  button { display: block; width: 100%; margin-top: .75rem; padding: .75rem 1rem; font: inherit; text-align: start;
    color: #fff; background: #0b6464; border: 0; border-radius: .5rem; cursor: pointer }
  button:hover { background: #084d4d }
  button:focus-visible { outline: 3px solid #7b8a96; outline-offset: 2px }
  small { display: block }
  @media (prefers-color-scheme: dark) {
    body { background: #12181d; color: #e7ecf0 }
    main { background: #1a2229; border-color: #2f3b45 }
    .sandbox { background: #332a15; color: #f0c46c }
    button { color: #06211f; background: #5ec5bd }
    button:hover { background: #83d8d1 }
  }
`

/** Headers of every page: nothing is loaded, no script runs, no frame shows it. */
export const pageHeaders = {
  'content-type': 'text/html; charset=utf-8',
  'cache-control': 'no-store',
  'content-security-policy': "default-src 'none'; style-src 'unsafe-inline'; base-uri 'none'; frame-ancestors 'none'",
  'x-content-type-options': 'nosniff',
} as const

/** One button a person; no password. `action` is where the choice goes, as the form field `user`. */
export function signInPage(action: string): string {
  const buttons = Object.entries(users).map(
    ([key, { name, email }]) =>
      `<button name="user" value="${escape(key)}">Continue as ${escape(name)} <small>${escape(email)}</small></button>`,
  )
  return page(
    'Sign in',
    `<p>Choose who you are. No password is needed.</p>
    <form method="post" action="${escape(action)}">${buttons.join('\n')}</form>`,
  )
}

/** For what the browser cannot be sent back with. */
export function messagePage(title: string, text: string): string {
  return page(title, `<p>${escape(text)}</p>`)
}

function page(title: string, content: string): string {
  return `<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<title>${escape(title)} (sandbox)</title>
<style>${style}</style>
</head>
<body>
<main>
<p class="sandbox"><strong>SANDBOX</strong>: made-up people on this machine, nothing real.</p>
<h1>${escape(title)}</h1>
${content}
</main>
</body>
</html>
`
}

function escape(text: string): string {
  return text.replace(/[&<>"']/g, (character) => `&#${character.charCodeAt(0)};`)
}
