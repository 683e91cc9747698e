/** The part of a sled's page about discs, for places where nobody gives it an address. */
import { Hours } from '@brickyard/std/units'
import { html } from 'hono/html'
import { formToken, timeInWords, type Markup } from './page-frame.ts'
import type { Session } from './sessions.ts'
import type { OpenDisc, SledDetail } from './site-view.ts'

/** How long a disc may be carried, in hours: mounted at once, a working day, somebody drives. */
export const DISC_HOURS = [1, 8, 24] as const

/** The life that a form asks for; undefined for one that is not offered. */
export const discLifeMs = (text: string): number | undefined => {
  const hours = DISC_HOURS.find((known) => String(known) === text)
  return hours === undefined ? undefined : Hours(hours)
}

export const discs = (sled: SledDetail, session: Session, nowAtMs: number): Markup =>
  html`<h2>Boot disc</h2>
    <details ${sled.discs.length === 0 ? '' : 'open'}>
      <summary>Where this network gives no addresses</summary>
      <p>
        A disc boots this sled’s installer once, with the address that the rack document has for it
        and the VLAN and name servers of its network. Write it to a USB stick or a CD, or mount it
        by the BMC. Who has it may speak as this sled: keep it as you keep a key.
      </p>
      <ul>
        ${sled.discs.map((disc) => oneDisc(sled, disc, session, nowAtMs))}
      </ul>
      <form method="post" action="/sleds/${sled.name}/discs">
        ${formToken(session)}
        <label for="hours">Good for</label>
        <select id="hours" name="hours">
          ${DISC_HOURS.map((hours) => html`<option value="${hours}" ${hours === 8 ? 'selected' : ''}>${hours} h</option>`)}
        </select>
        <button>Make a boot disc (.iso)</button>
      </form>
    </details>`

const oneDisc = (
  sled: SledDetail,
  { id, madeBy, madeAtMs, endsAtMs, inserted }: OpenDisc,
  session: Session,
  nowAtMs: number,
): Markup =>
  html`<li>
    ${id}: made ${timeInWords(madeAtMs, nowAtMs)} by ${madeBy}, good until
    ${timeInWords(endsAtMs, nowAtMs)}${inserted ? ', said to be in the sled' : ''}
    <form class="pair" method="post" action="/sleds/${sled.name}/discs/${id}">
      ${formToken(session)}
      <button name="act" value="insert">It is in the sled</button>
      <button name="act" value="revoke">Revoke it</button>
    </form>
  </li>`
