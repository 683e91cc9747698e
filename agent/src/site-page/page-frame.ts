/** What every page has around it: the site's top with the state of the hub link, and the notice. */
import { html } from 'hono/html'
import type { Session } from './sessions.ts'
import type { SiteSummary } from './site-view.ts'

export type Markup = ReturnType<typeof html>

/** Where the markup of a page without something in it goes. */
export const NOTHING = ''

export interface PageFrame {
  readonly title: string
  readonly site: SiteSummary
  readonly session: Session | undefined
  readonly nowAtMs: number
  /** The machine is at work on what the page shows: the page looks for itself how it goes. */
  readonly isMoving?: boolean | undefined
}

export function framePage(frame: PageFrame, content: Markup): Markup {
  const { title, site, session, isMoving } = frame
  const notice = session?.notice
  if (session !== undefined) session.notice = undefined
  const script = isMoving === true ? html`<script src="/site.js" defer></script>` : NOTHING
  return html`<!doctype html>
    <html lang="en">
      <head>
        <meta charset="utf-8" />
        <meta name="viewport" content="width=device-width, initial-scale=1" />
        ${script}
        <title>${title} · ${site.name}</title>
        <link rel="icon" href="data:," />
        <link rel="stylesheet" href="/site.css" />
      </head>
      <body>
        <header>
          <p><strong>Site ${site.name}</strong> · agent ${site.version}</p>
          <p>${hubInWords(site, frame.nowAtMs)}</p>
          ${site.clockProven ? NOTHING : html`<p>Clock: not proven since the last start</p>`}
          ${
            session === undefined
              ? NOTHING
              : html`<nav>
                  <a href="/">Rack</a>
                  <form method="post" action="/sign-out">
                    ${formToken(session)}<button>Sign out ${session.by}</button>
                  </form>
                </nav>`
          }
        </header>
        <main>
          ${notice === undefined ? NOTHING : html`<p class="notice" role="status">${notice}</p>`}
          ${content}
        </main>
      </body>
    </html>`
}

/** `Hub link: down since 09:12 UTC, 214 events waiting`. */
export function hubInWords({ hub, eventsWaiting }: SiteSummary, nowAtMs: number): string {
  const waiting = eventsWaiting === 1 ? '1 event waiting' : `${eventsWaiting} events waiting`
  switch (hub.kind) {
    case 'alone':
      return 'No hub: this site runs alone'
    case 'never':
      return `Hub link: never made, ${waiting}`
    case 'up':
    case 'down':
      return `Hub link: ${hub.kind} since ${timeInWords(hub.sinceAtMs, nowAtMs)}, ${waiting}`
  }
}

/** `09:12 UTC`, with the date when it was not today. */
export function timeInWords(atMs: number, nowAtMs: number): string {
  const [date = '', time = ''] = new Date(atMs).toISOString().split('T')
  const today = new Date(nowAtMs).toISOString().slice(0, 10) === date
  return `${today ? '' : `${date} `}${time.slice(0, 5)} UTC`
}

/** `just now`, `40 s ago`, `3 min ago`, `never`. */
export function ageInWords(ageMs: number | undefined): string {
  if (ageMs === undefined) return 'never'
  const seconds = Math.floor(ageMs / 1000)
  if (seconds < 5) return 'just now'
  if (seconds < 120) return `${seconds} s ago`
  return seconds < 7200
    ? `${Math.floor(seconds / 60)} min ago`
    : `${Math.floor(seconds / 3600)} h ago`
}

/** The hidden field that proves that a form came from this session's own page. */
export const formToken = (session: Session): Markup =>
  html`<input type="hidden" name="token" value="${session.formToken}" />`
