import type { SledName } from '@brickyard/model/names'
import { type LabSite, sledInWrite } from './lab-site.ts'
import type { TourStep } from './tour.ts'

/** The lab's pages: plain HTML, rendered here, without scripts. */
const escape = (text: string): string =>
  text.replace(/[&<>"']/g, (char) => `&#${char.charCodeAt(0)};`)

const CSS = `
body { font: 15px/1.5 system-ui, sans-serif; margin: 2rem auto; max-width: 64rem; padding: 0 1rem;
  color: #1a1d21; background: #fafafa }
h1 { font-size: 1.4rem } h2 { font-size: 1.1rem; margin: 0 0 .4rem }
section { background: #fff; border: 1px solid #d5d9de; border-radius: 6px; padding: .8rem 1rem; margin: .8rem 0 }
form { display: inline-block; margin: 0 .4rem .4rem 0 }
button, select { font: inherit; padding: .2rem .7rem }
.bad { color: #a4131b; font-weight: 600 } .good { color: #116329 } dl { margin: .4rem 0 }
dt { float: left; clear: left; width: 11rem; color: #57606a } dd { margin-left: 11rem }
li { margin: .25rem 0 } nav a { margin-right: 1rem }
`

const frame = (title: string, body: string, refreshSeconds: number): string => `<!doctype html>
<html lang="en"><head><meta charset="utf-8"><meta name="viewport" content="width=device-width">
<meta http-equiv="refresh" content="${refreshSeconds}"><title>${escape(title)}</title>
<style>${CSS}</style></head><body><nav><a href="/">Lab panel</a><a href="/tour">Tour</a></nav>
<h1>${escape(title)}</h1>${body}</body></html>`

/** Slow enough to choose a sled from a list before the page comes anew. */
const LAB_REFRESH_SECONDS = 10

const button = (action: string, label: string, fields: Record<string, string>): string => {
  const hidden = Object.entries(fields)
    .map(([name, value]) => `<input type="hidden" name="${name}" value="${escape(value)}">`)
    .join('')
  return `<form method="post" action="/${action}">${hidden}<button>${escape(label)}</button></form>`
}

export function labPage(sites: readonly LabSite[], message: string): string {
  const said = message === '' ? '' : `<p role="status"><strong>${escape(message)}</strong></p>`
  const intro =
    '<p>Accidents at will. The console knows nothing of this page: it sees what the sites report.</p>'
  return frame(
    'Brickyard lab panel',
    `${intro}${said}${sites.map(siteSection).join('')}`,
    LAB_REFRESH_SECONDS,
  )
}

function siteSection(lab: LabSite): string {
  const { site, rack } = lab
  const journal = lab.journal()
  const fields = { site: site.name }
  const broken = journal.lost + journal.twice + journal.wrong
  const writing = sledInWrite(lab)
  const state = (good: boolean, yes: string, no: string): string =>
    `<span class="${good ? 'good' : 'bad'}">${good ? yes : no}</span>`
  return `<section><h2>${escape(site.displayName)}</h2><dl>
<dt>Agent</dt><dd>${state(lab.agentRuns, 'runs', 'is dead')}${writing === undefined ? '' : `, ${writing} is being written`}</dd>
<dt>Uplink</dt><dd>${state(!lab.uplinkIsCut, 'up', 'cut')}</dd>
<dt>Mains</dt><dd>${state(rack.mainsOn, 'on', 'off')}</dd>
<dt>Journal</dt><dd><span class="${broken === 0 ? 'good' : 'bad'}">${journal.sent} sent, ${journal.lost} lost, ${journal.twice} twice</span>${journal.missing === 0 ? '' : `, ${journal.missing} on the way`}</dd>
</dl>
${lab.agentRuns ? button('kill-agent', 'Kill the agent', fields) : button('start-agent', 'Start the agent', fields)}
${lab.agentRuns ? button('kill-in-write', 'Kill the agent in the next write', fields) : ''}
${lab.uplinkIsCut ? button('join-uplink', 'Restore the uplink', fields) : button('cut-uplink', 'Cut the uplink', fields)}
${rack.mainsOn ? button('mains-off', 'Take the mains away', fields) : button('mains-on', 'Restore the mains', fields)}
<br>${sledForm(lab, 'pull', 'Pull this sled', true)}
${sledForm(lab, 'insert-same', 'Put it back', false)}${sledForm(lab, 'insert-spare', 'Put a spare in', false)}
</section>`
}

function sledForm(lab: LabSite, action: string, label: string, present: boolean): string {
  const names = lab.rack.plan.sleds
    .map(({ declaration }): SledName => declaration.name)
    .filter((name) => (lab.rack.slot(name) !== undefined) === present)
  if (names.length === 0) return ''
  const options = names.map((name) => `<option>${name}</option>`).join('')
  return `<form method="post" action="/${action}"><input type="hidden" name="site" value="${lab.site.name}">
<select name="sled" aria-label="Sled">${options}</select> <button>${escape(label)}</button></form>`
}

const MARKS = { waiting: '○', running: '◐', done: '●', failed: '✕' } as const

const REAL = [
  'The hub, the console, the agents: the code that runs in production, each with its own SQLite.',
  'HTTP between sleds and agents, and HTTPS and WebSocket with mutual TLS between agents and hub, over sockets of this machine.',
  'DHCP, TFTP, IPMI 2.0 (RMCP+, cipher suite 17), the iPXE scripts, the installer’s verbs: every packet is encoded, sent and decoded.',
  'The image: hashed, unpacked, written, read back; its seed is read by the system that calls home.',
]
const SIMULATED = [
  'The sleds: firmware, disks and installed system are programs here; self tests take 2 s and disks write 4 MB/s.',
  'DHCP, TFTP and IPMI travel on a network inside this process (port 67 needs root); one BMC can also be reached from outside.',
  'The in-memory Linux: the simulated sled answers the same verbs, held to the same vectors as the real one. The real one boots in `npm run metal`.',
  'Power feeds, mains and the hands that pull a sled.',
]
const NOT_BUILT = [
  'Flashing firmware: versions are read and judged, nothing is written.',
  'Witnesses from switches and power shelves, so that no slot can be shown as confirmed.',
  'Redfish, serial consoles, rotation of BMC passwords, grants, black start in order of priority.',
  'PostgreSQL, several hub processes, single sign-on.',
]

export function tourPage(steps: readonly TourStep[], consoleUrl: string): string {
  const items = steps
    .map(({ title, state, detail }) => {
      const more = detail === '' ? '' : `<br>${escape(detail)}`
      return `<li><span class="${state === 'failed' ? 'bad' : ''}">${MARKS[state]} ${escape(title)}</span> (${state})${more}</li>`
    })
    .join('')
  const list = (lines: readonly string[]): string =>
    `<ul>${lines.map((line) => `<li>${escape(line)}</li>`).join('')}</ul>`
  const over = steps.every(({ state }) => state === 'done' || state === 'failed')
  const body = `<p>The console is at <a href="${consoleUrl}">${consoleUrl}</a>.</p>
<section><h2>${over ? 'What happened' : 'What happens'}</h2><ol>${items}</ol></section>
<section><h2>What is real here</h2>${list(REAL)}</section>
<section><h2>What is simulated</h2>${list(SIMULATED)}</section>
<section><h2>What is not built yet</h2>${list(NOT_BUILT)}</section>`
  return frame('The first five minutes', body, over ? 60 : 2)
}

/** The same in a few lines, for the terminal. */
export const TERMINAL_NOTE = [
  'Real: hub, console, agents and their stores; HTTP, TLS and WebSocket; every protocol packet; the image.',
  'Simulated: the sleds and their firmware, and the wire that carries DHCP, TFTP and IPMI.',
]
