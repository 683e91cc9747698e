/** A sled's page: may it be pulled, where is it, its light and power, and what is known about it. */
import { checkSafeToPull } from '@brickyard/open19/check-safe-to-pull'
import type { Grade } from '@brickyard/open19/grade'
import { describePlace } from '@brickyard/open19/place'
import type { PowerVerb } from '@brickyard/model/operation'
import { html } from 'hono/html'
import { boots } from './boots-part.ts'
import { discs } from './discs-part.ts'
import { ageInWords, formToken, NOTHING, timeInWords, type Markup } from './page-frame.ts'
import type { Session } from './sessions.ts'
import type { SiteSummary, SledDetail } from './site-view.ts'

export function sledPage(
  sled: SledDetail,
  session: Session,
  { bestGrade }: SiteSummary,
  nowAtMs: number,
): Markup {
  return html`<h1>${sled.name}</h1>
    <p class="place">${describePlace(sled.position)}</p>
    ${verdict(sled)} ${workOrder(sled, session)}
    ${sled.loginTrouble === undefined ? NOTHING : bmcLogin(sled, sled.loginTrouble, session)}
    ${light(sled, session)} ${power(sled, session)} ${facts(sled, bestGrade)} ${firmware(sled)}
    ${boots(sled.boots, nowAtMs)} ${discs(sled, session, nowAtMs)} ${events(sled, nowAtMs)}`
}

function verdict(sled: SledDetail): Markup {
  const pull = checkSafeToPull(sled.pull)
  if (pull.safe) {
    return html`<div class="verdict safe">
      <strong>✔ SAFE TO PULL</strong>Its power is off and it carries no work.
    </div>`
  }
  return html`<div class="verdict unsafe">
    <strong>✖ DO NOT PULL</strong>${pull.reasons.map(({ text }) => html`<div>${text}</div>`)}
  </div>`
}

function workOrder(sled: SledDetail, session: Session): Markup {
  if (sled.workOrder !== undefined) {
    return html`<a class="button main" href="/work-orders/${sled.workOrder}"
      >Go on with the work order</a
    >`
  }
  return html`<form method="post" action="/sleds/${sled.name}/replace">
    ${formToken(session)}<button class="main">Replace this sled, step by step</button>
  </form>`
}

/** A form only where it is needed: nobody is to try logins on a BMC that lets us in. */
const bmcLogin = (sled: SledDetail, trouble: string, session: Session): Markup =>
  html`<h2>BMC login</h2>
    <p class="trouble">${trouble}</p>
    <form method="post" action="/sleds/${sled.name}/login" autocomplete="off">
      ${formToken(session)}
      <label
        >User on the pull-tag
        <input
          name="user"
          required
          maxlength="64"
          autocapitalize="off"
          autocomplete="off"
          spellcheck="false"
      /></label>
      <label
        >Password on the pull-tag
        <input
          name="password"
          required
          maxlength="128"
          autocapitalize="off"
          autocomplete="off"
          spellcheck="false"
      /></label>
      <button>Try it, once</button>
    </form>`

const light = (sled: SledDetail, session: Session): Markup =>
  html`<h2>Light</h2>
    <p>${LIGHT_IN_WORDS[sled.light]}</p>
    <form class="pair" method="post" action="/sleds/${sled.name}/light">
      ${formToken(session)}
      <button name="light" value="on">Light on</button>
      <button name="light" value="off">Light off</button>
    </form>`

const LIGHT_IN_WORDS: Readonly<Record<SledDetail['light'], string>> = {
  on: 'It was switched on; it ends by itself after some minutes.',
  off: 'It is off.',
  unknown: 'Nobody has switched it on from here.',
}

/** Verbs that take power away from work ask for proof that this is the sled that is meant. */
export const VERBS_TO_CONFIRM = ['soft', 'off', 'cycle'] as const satisfies readonly PowerVerb[]

export const VERB_IN_WORDS: Readonly<Record<(typeof VERBS_TO_CONFIRM)[number], string>> = {
  soft: 'Shut down',
  off: 'Power off hard',
  cycle: 'Power off and on',
}

const power = (sled: SledDetail, session: Session): Markup =>
  html`<h2>Power</h2>
    <p>It is <strong>${sled.power.state}</strong> (read ${ageInWords(sled.power.ageMs)}).</p>
    <form method="post" action="/sleds/${sled.name}/power">
      ${formToken(session)}<button name="verb" value="on">Power on</button>
    </form>
    ${VERBS_TO_CONFIRM.map((verb) => html`<a class="button" href="/sleds/${sled.name}/power?verb=${verb}">${VERB_IN_WORDS[verb]} …</a>`)}`

/** The last four signs of the serial, or the name where no serial is known: what a person must type. */
export const proofOf = (sled: SledDetail): { readonly what: string; readonly text: string } =>
  sled.serial === undefined
    ? { what: 'the name of the sled', text: sled.name }
    : { what: 'the last four signs of its serial', text: sled.serial.slice(-4) }

export function confirmPowerPage(
  sled: SledDetail,
  verb: (typeof VERBS_TO_CONFIRM)[number],
  session: Session,
): Markup {
  return html`<h1>${VERB_IN_WORDS[verb]}: ${sled.name}</h1>
    <p class="place">${describePlace(sled.position)}</p>
    <p>
      It is
      ${sled.state}${sled.pull.work === undefined ? '' : ` and carries work of ${sled.pull.work}`}.
    </p>
    <form method="post" action="/sleds/${sled.name}/power">
      ${formToken(session)}
      <input type="hidden" name="verb" value="${verb}" />
      <label for="proof">Read the label and type ${proofOf(sled).what}</label>
      <input
        id="proof"
        name="proof"
        required
        maxlength="64"
        autocomplete="off"
        autocapitalize="characters"
      />
      <button class="danger">${VERB_IN_WORDS[verb]}</button>
    </form>
    <a class="button" href="/sleds/${sled.name}">Leave it as it is</a>`
}

function facts(sled: SledDetail, bestGrade: Grade): Markup {
  const { grade, reason } = sled.placement
  const made = [sled.manufacturer, sled.model].filter((text) => text !== undefined).join(' ')
  const rows: readonly (readonly [string, string | undefined])[] = [
    ['State', `${sled.state}${sled.stateReason === '' ? '' : `: ${sled.stateReason}`}`],
    ['Going on', sled.progress],
    ['Serial', sled.serial ?? 'unknown'],
    ['Made by', made === '' ? 'unknown' : made],
    ['BMC', sled.bmcAddress ?? 'none declared'],
    ['BMC answers', sled.bmcSays],
    ['Open on its BMC', sled.bmcFindings.length === 0 ? undefined : sled.bmcFindings.join('; ')],
    [
      'In this place',
      `${grade}: ${reason} (the best this site’s equipment can show is ${bestGrade})`,
    ],
  ]
  return html`<h2>What is known</h2>
    <dl>
      ${rows.map(([name, text]) =>
        text === undefined
          ? NOTHING
          : html`<dt>${name}</dt>
              <dd>${text}</dd>`,
      )}
    </dl>
    ${witnesses(sled)}`
}

const witnesses = (sled: SledDetail): Markup =>
  html`<details>
    <summary>Who says that it is here</summary>
    <ul>
      ${sled.placement.witnesses.map((w) => html`<li>${w.kind}: ${w.detail}</li>`)}
    </ul>
  </details>`

function firmware(sled: SledDetail): Markup {
  if (sled.firmware.length === 0) {
    return html`<h2>Firmware</h2>
      <p>Unknown: it has not been inspected yet.</p>`
  }
  return html`<h2>Firmware</h2>
    <ul>
      ${sled.firmware.map(
        (item) =>
          html`<li>
            ${item.name} ${item.version}:
            <strong>${item.verdict}</strong>, ${item.reason}
            ${item.advisories.map((a) => html`<br />${a.exposed === 'yes' ? 'Exposed to' : 'May be exposed to'} ${a.id}: ${a.title}`)}
          </li>`,
      )}
    </ul>`
}

const events = (sled: SledDetail, nowAtMs: number): Markup =>
  html`<h2>Lately</h2>
    ${sled.events.length === 0 ? html`<p>Nothing is recorded.</p>` : NOTHING}
    <ul>
      ${sled.events.map(({ atMs, text }) => html`<li>${timeInWords(atMs, nowAtMs)}: ${text}</li>`)}
    </ul>`
