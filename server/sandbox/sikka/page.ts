import { html } from 'hono/html'

const style = html`<style>
  :root {
    color-scheme: light dark;
    font:
      1rem/1.5 system-ui,
      sans-serif;
  }
  body {
    max-width: 38rem;
    margin: 0 auto;
    padding: 1rem;
  }
  .sandbox {
    border: 3px solid #b45309;
    border-radius: 0.5rem;
    padding: 0.5rem 1rem;
  }
  label {
    display: block;
    margin-top: 1rem;
    font-weight: 600;
  }
  select,
  input,
  button {
    font: inherit;
    padding: 0.5rem;
    max-width: 100%;
    box-sizing: border-box;
  }
  select,
  input {
    width: 100%;
  }
  button {
    margin: 1.5rem 0.5rem 0 0;
    padding: 0.5rem 2rem;
  }
  details {
    margin-top: 1.5rem;
  }
  small {
    display: block;
    overflow-wrap: anywhere;
  }
</style>`

/** HTML in which everything inserted is escaped. */
export type Markup = ReturnType<typeof html>

/** A page that says above all that it is the sandbox's. */
export function page(title: string, content: Markup): Markup {
  return html`<!doctype html>
    <html lang="en">
      <head>
        <meta charset="utf-8" />
        <meta name="viewport" content="width=device-width" />
        <title>${title} (sandbox)</title>
        ${style}
      </head>
      <body>
        <main>
          <p class="sandbox">
            <strong>This is a SANDBOX standing in for Sikka.</strong> No real practice is behind it, and nothing here
            reaches Sikka.
          </p>
          <h1>${title}</h1>
          ${content}
        </main>
      </body>
    </html>`
}

/** For a person who opens the stand-in's address. */
export function indexPage(): Markup {
  return page(
    'A stand-in for Sikka',
    html`<p>
      An application sends a practice to its authorization page. Its controls are
      <a href="/sandbox/scenario">the scenario</a> (GET, PUT, PATCH, DELETE) and
      <a href="/sandbox/calls">what it was asked for</a> (GET, DELETE).
    </p>`,
  )
}

/** Where a request cannot be answered with a redirect. */
export function errorPage(sentence: string): Markup {
  return page('This request cannot be answered', html`<p role="alert">${sentence}</p>`)
}
