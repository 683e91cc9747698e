import type { SledName } from '@brickyard/model/names'
import type { FetchHandler } from '@brickyard/runtime/http'
import { type Clock, sleep } from '@brickyard/runtime/clock'
import { Minutes, Seconds } from '@brickyard/std/units'
import { labPage, tourPage } from './lab-page.ts'
import { type LabSite, sledInWrite } from './lab-site.ts'
import type { TourStep } from './tour.ts'

export interface LabPanelParts {
  readonly clock: Clock
  readonly sites: readonly LabSite[]
  readonly steps: readonly TourStep[]
  readonly consoleUrl: string
}

/** How long the panel waits for a write to kill the agent in. */
const WRITE_WAIT_MS = Minutes(5)
const AGENT_AWAY_MS = Seconds(3)

/** The lab's own listener: pages and the buttons on them. */
export function createLabPanel(parts: LabPanelParts): FetchHandler {
  let message = ''
  return async (request) => {
    const url = new URL(request.url)
    if (request.method === 'GET' && url.pathname === '/') return html(labPage(parts.sites, message))
    if (request.method === 'GET' && url.pathname === '/tour') {
      return html(tourPage(parts.steps, parts.consoleUrl))
    }
    if (request.method !== 'POST') return new Response('no such page\n', { status: 404 })
    // A page of some other origin must not press these buttons.
    const origin = request.headers.get('origin')
    if (origin !== null && origin !== url.origin) return new Response(null, { status: 403 })
    const form = new URLSearchParams(await request.text())
    const lab = parts.sites.find(({ site }) => site.name === form.get('site'))
    if (lab === undefined) return new Response('no such site\n', { status: 404 })
    message = await press(parts, lab, url.pathname.slice(1), (form.get('sled') ?? '') as SledName)
    return new Response(null, { status: 303, headers: { location: '/' } })
  }
}

async function press(
  { clock }: LabPanelParts,
  lab: LabSite,
  action: string,
  sled: SledName,
): Promise<string> {
  const { name } = lab.site
  switch (action) {
    case 'kill-agent':
      lab.killAgent()
      return `The agent of ${name} was killed.`
    case 'start-agent':
      await lab.startAgent()
      return `The agent of ${name} was started.`
    case 'kill-in-write':
      void killInWrite(lab, clock)
      return `The agent of ${name} will be killed in the middle of the next write, and started again.`
    case 'cut-uplink':
      lab.setUplinkCut(true)
      return `The uplink of ${name} is cut.`
    case 'join-uplink':
      lab.setUplinkCut(false)
      return `The uplink of ${name} is back.`
    case 'mains-off':
      lab.rack.mains(false)
      return `${name} has no mains.`
    case 'mains-on':
      lab.rack.mains(true)
      return `${name} has mains again.`
    case 'pull':
      return lab.rack.pull(sled) === undefined
        ? `There is no ${sled} in ${name}.`
        : `${name}/${sled} was pulled.`
    case 'insert-same':
    case 'insert-spare':
      if (lab.rack.slot(sled) !== undefined) return `${name}/${sled} is in its slot.`
      await lab.rack.insert(sled, action === 'insert-same' ? 'same' : 'spare')
      return `A sled was put into ${name}/${sled}.`
    default:
      return `There is no button '${action}'.`
  }
}

async function killInWrite(lab: LabSite, clock: Clock): Promise<void> {
  const startMs = clock.monotonicMs()
  while (clock.monotonicMs() - startMs < WRITE_WAIT_MS) {
    if (sledInWrite(lab) !== undefined) {
      lab.killAgent()
      await sleep(clock, AGENT_AWAY_MS)
      await lab.startAgent()
      return
    }
    await sleep(clock, Seconds(0.2))
  }
}

const html = (text: string): Response =>
  new Response(text, {
    headers: { 'content-type': 'text/html; charset=utf-8', 'cache-control': 'no-store' },
  })
