/** The first page: what needs a person, then the rack as it is drawn, slot by slot. */
import type { CageDeclaration } from '@brickyard/model/rack'
import type { ServedLoader } from '@brickyard/model/netboot-preview'
import type { SledState } from '@brickyard/model/sled-lifecycle'
import { cellOf, rackUnitOfRow } from '@brickyard/open19/cage-geometry'
import { describePlace } from '@brickyard/open19/place'
import { presentStep } from '@brickyard/procedures/work-order-machine'
import type { WorkOrder } from '@brickyard/procedures/work-order'
import { html } from 'hono/html'
import { NOTHING, type Markup } from './page-frame.ts'
import type { SiteView, SledSummary } from './site-view.ts'

/** Sleds drawn on one page: more would not fit its 30 kB; further ones are a link away. */
const SLEDS_PER_PAGE = 48
/** Lines under "needs a person"; a person starts with the first all the same. */
const NEEDS_LISTED_MAX = 12

/** `part` counts from 0: which run of cages or rack-unit servers to draw. */
export function rackPage(view: SiteView, part: number): Markup {
  const sleds = view.sleds()
  const parts = partsOf(view.cages(), sleds)
  const shown = parts[part] ?? parts[0]
  return html`<h1>Rack</h1>
    ${needsPerson(sleds, view.openWorkOrders())}
    ${parts.length < 2 ? NOTHING : parts.map((each, index) => html`<a class="button" href="/?part=${index}">${each.title}</a>`)}
    ${shown?.draw() ?? html`<p>No sled is declared at this site yet.</p>`}
    <p>
      ▲ needs a person · ◐ on its way · ● in use · ○ free · – nothing declared. The lowest row is
      the lowest rack unit; slot 1 is drawn at the lower left. What you see in front of you counts.
    </p>
    ${loaderList(view.site().loaders)}`
}

/** For who wonders what a sled was given: the file is told by its hash alone. */
function loaderList(loaders: readonly ServedLoader[]): Markup {
  const lines = loaders.map(({ name, version, sha256, source, pinned }) => {
    const what = [version, source, pinned ? 'held to its hash' : null].filter((one) => one !== null)
    return html`<li>${name}: ${what.join(', ')}<br /><code>${sha256}</code></li>`
  })
  if (lines.length === 0) return html``
  return html`<details>
    <summary>Boot loaders</summary>
    <ul>
      ${lines}
    </ul>
  </details>`
}

interface RackPart {
  readonly title: string
  draw(): Markup
}

function partsOf(cages: readonly CageDeclaration[], sleds: readonly SledSummary[]): RackPart[] {
  const ofCage = (cage: CageDeclaration): SledSummary[] =>
    sleds.filter(({ position: p }) => p.kind === 'slot' && p.cage === cage.name)
  const units = sleds.filter(({ position }) => position.kind === 'rack-unit')
  const parts = cages.map((cage) => ({
    title: `Cage ${cage.name}`,
    draw: () => drawCage(cage, ofCage(cage)),
  }))
  for (let at = 0; at < units.length; at += SLEDS_PER_PAGE) {
    const run = units.slice(at, at + SLEDS_PER_PAGE)
    parts.push({ title: 'Servers by rack unit', draw: () => drawUnits(run) })
  }
  if (sleds.length > SLEDS_PER_PAGE) return parts
  return parts.length === 0 ? [] : [{ title: '', draw: () => html`${parts.map((p) => p.draw())}` }]
}

function needsPerson(sleds: readonly SledSummary[], orders: readonly WorkOrder[]): Markup {
  const open = orders.map((order) => {
    const step = presentStep(order)?.title ?? ''
    const late = order.overdue ? ' (takes longer than it should)' : ''
    return html`<li>
      <a href="/work-orders/${order.id}"
        ><b>${order.procedure.title}: ${order.subject.sled}</b>, at “${step}”${late}</a
      >
    </li>`
  })
  const troubled = sleds
    .filter((sled) => lookOf(sled).mark === '▲')
    .map((sled) => {
      const why =
        sled.grade === 'conflicting' ? 'it may not be the sled declared here' : sled.stateReason
      return html`<li>
        <a href="/sleds/${sled.name}"
          ><b>${sled.name}</b>: ${sled.state}${why === '' ? '' : `, ${why}`}</a
        >
      </li>`
    })
  const all = [...open, ...troubled]
  const more = all.length - NEEDS_LISTED_MAX
  return html`<h2>Needs a person</h2>
    ${
      all.length === 0
        ? html`<p>Nothing does.</p>`
        : html`<ul class="needs">
            ${all.slice(0, NEEDS_LISTED_MAX)}
          </ul>`
    }
    ${more > 0 ? html`<p>And ${more} more.</p>` : NOTHING}`
}

interface Look {
  readonly mark: '▲' | '◐' | '●' | '○'
  readonly css: 'u' | 'p' | 'w' | ''
}

/** A state's mark and shade; the words beside them say the same. */
function lookOf({ state, grade }: SledSummary): Look {
  if (grade === 'conflicting') return { mark: '▲', css: 'u' }
  return LOOKS[state]
}

const TROUBLE: Look = { mark: '▲', css: 'u' }
const PASSING: Look = { mark: '◐', css: 'p' }
const FREE: Look = { mark: '○', css: '' }
const WORKING: Look = { mark: '●', css: 'w' }
const LOOKS: Readonly<Record<SledState, Look>> = {
  seen: FREE,
  discovered: FREE,
  inspected: FREE,
  ready: FREE,
  reserved: PASSING,
  provisioning: PASSING,
  releasing: PASSING,
  'in-use': WORKING,
  adopted: WORKING,
  held: TROUBLE,
  quarantined: TROUBLE,
  missing: TROUBLE,
  failed: TROUBLE,
  'removed-unwiped': TROUBLE,
}

function drawCage(cage: CageDeclaration, sleds: readonly SledSummary[]): Markup {
  const rows = Array.from({ length: cage.heightRackUnits }, (_, i) => cage.heightRackUnits - i)
  return html`<h2>Cage ${cage.name}</h2>
    <table>
      <thead>
        <tr>
          <th scope="col">Unit</th>
          <th scope="col">Left</th>
          <th scope="col">Right</th>
        </tr>
      </thead>
      <tbody>
        ${rows.map((row) => drawRow(cage, sleds, row))}
      </tbody>
    </table>`
}

/** Rows come from the top; a sled two rows high is drawn in its upper one and spans both. */
function drawRow(cage: CageDeclaration, sleds: readonly SledSummary[], row: number): Markup {
  const cells: Markup[] = []
  for (const column of [0, 1]) {
    const slot = (row - 1) * 2 + column + 1
    const sled = sleds.find(({ position }) => covers(position, row, column))
    if (sled === undefined) {
      cells.push(html`<td class="empty">${slot} –</td>`)
      continue
    }
    if (sled.position.kind !== 'slot') continue
    const cell = cellOf(sled.position.slot, sled.position.form)
    const isUpper = row === cell.row + cell.rows - 1 && column === cell.column
    if (isUpper) cells.push(drawSled(sled, String(sled.position.slot), cell.rows, cell.columns))
  }
  return html`<tr>
    <th scope="row">${rackUnitOfRow(cage, row)}</th>
    ${cells}
  </tr>`
}

function covers(position: SledSummary['position'], row: number, column: number): boolean {
  if (position.kind !== 'slot') return false
  const cell = cellOf(position.slot, position.form)
  const inRows = row >= cell.row && row < cell.row + cell.rows
  return inRows && column >= cell.column && column < cell.column + cell.columns
}

function drawSled(sled: SledSummary, label: string, rows: number, columns: number): Markup {
  const { mark, css } = lookOf(sled)
  return html`<td class="${css}" rowspan="${rows}" colspan="${columns}">
    <a href="/sleds/${sled.name}"
      ><b>${label} ${mark} ${sled.name}</b
      ><small>${sled.state}, power ${sled.power.state}</small></a
    >
  </td>`
}

const drawUnits = (sleds: readonly SledSummary[]): Markup =>
  html`<h2>Servers by rack unit</h2>
    <table>
      <tbody>
        ${sleds.map(
          (sled) =>
            html`<tr>
              ${drawSled(sled, describePlace(sled.position), 1, 1)}
            </tr>`,
        )}
      </tbody>
    </table>`
