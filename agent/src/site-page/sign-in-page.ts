import { html } from 'hono/html'
import { NOTHING, type Markup } from './page-frame.ts'

/** Names are kept in the journal; longer ones are no names. */
export const NAME_CHARS_MAX = 40
export const PIN_CHARS_MAX = 64

/** Asks for a name and the site's PIN; `trouble` says why the last try was not taken. */
export function signInPage(trouble: string | undefined): Markup {
  return html`<h1>Sign in</h1>
    ${trouble === undefined ? NOTHING : html`<p class="trouble" role="alert">${trouble}</p>`}
    <form method="post" action="/sign-in">
      <label for="name">Your name</label>
      <input id="name" name="name" required maxlength="${NAME_CHARS_MAX}" autocomplete="name" />
      <label for="pin">PIN of this site</label>
      <input
        id="pin"
        name="pin"
        type="password"
        inputmode="numeric"
        required
        maxlength="${PIN_CHARS_MAX}"
        autocomplete="off"
      />
      <button class="main">Sign in</button>
    </form>
    <p>The PIN is with whoever sent you. It works without the hub.</p>`
}

export const closedPage = (): Markup =>
  html`<h1>Closed</h1>
    <p>No PIN has been set on this appliance, so nobody can sign in here.</p>`
