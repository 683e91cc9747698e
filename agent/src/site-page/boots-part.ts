/** How a sled booted lately, and where the site listens: for who stands before one that does not. */
import type { BootAttempt, BootLine, BootState, BootTrace } from '@brickyard/model/boot-attempt'
import { html } from 'hono/html'
import { ageInWords, NOTHING, timeInWords, type Markup } from './page-frame.ts'

/** Boots shown: a phone at a rack needs the last ones, the hub shows all fifty. */
const BOOTS_SHOWN = 5
/** Lines of the latest boot, its last ones: they tell where it is. */
const LINES_SHOWN = 30

export function boots({ attempts, watches, findings = [] }: BootTrace, nowAtMs: number): Markup {
  const [latest, ...older] = attempts.slice(0, BOOTS_SHOWN)
  return html`<h2>Boots</h2>
    ${findings.map((text) => html`<p class="trouble">${text}</p>`)}
    ${latest === undefined ? nothingHeard : boot(latest, nowAtMs, true)}
    ${older.map((attempt) => boot(attempt, nowAtMs, false))}
    <details ${latest === undefined ? 'open' : ''}>
      <summary>Where this site listens</summary>
      <ul>
        ${watches.map((watch) => html`<li>${watchInWords(watch, nowAtMs)}</li>`)}
      </ul>
      ${watches.length === 0 ? html`<p>On no network: none could be opened.</p>` : NOTHING}
    </details>`
}

const nothingHeard = html`<p>
  Nothing was ever heard of this sled on the network: no DHCP message came from its NICs.
</p>`

/** Text and sign say the state; colour alone says nothing. */
const STATE_SIGNS: Readonly<Record<BootState, string>> = {
  going: '… under way',
  done: '✔ done',
  stopped: '✖ stopped',
  refused: '✖ refused',
  unanswered: '○ not answered',
}

const boot = (attempt: BootAttempt, nowAtMs: number, isLatest: boolean): Markup =>
  html`<details ${isLatest ? 'open' : ''}>
    <summary>
      ${STATE_SIGNS[attempt.state]}: ${timeInWords(attempt.startedAtMs, nowAtMs)}, ${attempt.mac}
    </summary>
    <p><strong>${attempt.summary}</strong>, last heard ${ageInWords(nowAtMs - attempt.lastAtMs)}</p>
    ${attempt.findings.map((text) => html`<p class="trouble">${text}</p>`)}
    ${isLatest ? timeline(attempt) : NOTHING}
  </details>`

const timeline = ({ lines, startedAtMs }: BootAttempt): Markup =>
  html`<ol>
    ${lines.slice(-LINES_SHOWN).map((line) => html`<li>${lineInWords(line, startedAtMs)}</li>`)}
  </ol>`

function lineInWords({ atMs, text, count, details }: BootLine, startedAtMs: number): Markup {
  const afterSeconds = Math.max(0, Math.round((atMs - startedAtMs) / 1000))
  const often = count > 1 ? ` (${count} times)` : ''
  return html`+${afterSeconds} s:
  ${text}${often}${details.map((detail) => html`<br /><small>${detail}</small>`)}`
}

function watchInWords(watch: BootTrace['watches'][number], nowAtMs: number): string {
  const { network, mode, lastHeard, foreignServers } = watch
  const since = timeInWords(watch.sinceAtMs, nowAtMs)
  const where = `${network} on ${watch.interface}, ${mode} since ${since}`
  const heard =
    lastHeard === null
      ? 'nothing was heard there'
      : `last heard: ${lastHeard.what} of ${lastHeard.mac}, ${ageInWords(nowAtMs - lastHeard.atMs)}`
  const servers = foreignServers.map(({ address, about }) =>
    about === undefined ? address : `${address} (${about})`,
  )
  return `${where}; ${heard}${servers.length === 0 ? '' : `; other servers: ${servers.join(', ')}`}`
}
