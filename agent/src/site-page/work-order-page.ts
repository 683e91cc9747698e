/** A work order at the rack: the one step to do now, large; what was done, below. */
import { mayGoUnverified, presentStep } from '@brickyard/procedures/work-order-machine'
import {
  REMARK_CHARS_MAX,
  SERIAL_CHARS_MAX,
  type WorkOrder,
} from '@brickyard/procedures/work-order'
import type { Step } from '@brickyard/procedures/procedure'
import { html } from 'hono/html'
import { formToken, NOTHING, timeInWords, type Markup } from './page-frame.ts'
import type { Session } from './sessions.ts'

/** True while the machine is at the present step; a person's steps stand still. */
export const isMoving = (order: WorkOrder): boolean =>
  order.status.kind === 'open' && order.attempt !== undefined

export function workOrderPage(order: WorkOrder, session: Session, nowAtMs: number): Markup {
  const { procedure, subject } = order
  return html`<h1>${procedure.title}: ${subject.sled}</h1>
    <p class="place">${subject.place}</p>
    ${ending(order)} ${now(order, session)} ${past(order, nowAtMs)}`
}

function ending({ status, subject }: WorkOrder): Markup {
  const back = html`<a class="button main" href="/sleds/${subject.sled}"
    >Back to ${subject.sled}</a
  >`
  switch (status.kind) {
    case 'open':
      return html``
    case 'cancelled':
      return html`<p class="trouble">Cancelled: ${status.reason}</p>
        ${back}`
    case 'done':
      return status.verified
        ? html`<div class="verdict safe"><strong>✔ DONE</strong>Every step was verified.</div>
            ${back}`
        : html`<div class="verdict unsafe">
              <strong>▲ DONE, NOT VERIFIED</strong>Some steps rest on your word. Somebody should
              look at them.
            </div>
            ${back}`
  }
}

function now(order: WorkOrder, session: Session): Markup {
  const step = presentStep(order)
  if (step === undefined) return html``
  const { at, procedure } = order
  return html`<div class="step" id="step">
      <h2>Step ${at + 1} of ${procedure.steps.length}: ${step.title}</h2>
      ${at === 0 ? html`<p>${procedure.before}</p>` : NOTHING}
      <p>${step.text}</p>
      ${order.overdue ? html`<p class="trouble">This takes longer than it should. Is something the matter?</p>` : NOTHING}
      ${attempt(order)} ${acts(order, step, session)}
    </div>
    <a class="button" href="/work-orders/${order.id}?cancel=1">Cancel this work order …</a>`
}

function attempt({ attempt: now }: WorkOrder): Markup {
  if (now === undefined) return html``
  const trouble = now.trouble?.detail
  return html`${trouble === undefined ? NOTHING : html`<p class="trouble">${trouble}</p>`}
    <p role="status">${now.running ? 'Working on it …' : 'It will be tried again in a moment.'}</p>
    <a class="button" href="">Look again</a>`
}

function acts(order: WorkOrder, step: Step, session: Session): Markup {
  const send = (content: Markup): Markup => stepForm(order, step, session, content)
  const unverified = mayGoUnverified(order)
    ? html`<a class="button" href="/work-orders/${order.id}?say=1"
        >I cannot tell, but I looked …</a
      >`
    : NOTHING
  switch (step.kind) {
    case 'instruct':
      return send(html`<button class="main" name="act" value="done">Done</button>`)
    case 'confirm':
      return html`<p><strong>${step.question}</strong></p>
        ${send(html`<button class="main" name="act" value="yes">Yes</button>`)} ${unverified}`
    case 'enter-serial':
      return html`${send(
        html`<label for="text">Serial on the label</label>
          <input
            id="text"
            name="text"
            required
            maxlength="${SERIAL_CHARS_MAX}"
            autocomplete="off"
            autocapitalize="characters"
            spellcheck="false"
          />
          <button class="main" name="act" value="serial">Take it</button>`,
      )}
      ${unverified}`
    case 'check':
      return html`${step.backTo === undefined || order.attempt?.trouble === undefined ? NOTHING : send(html`<button name="act" value="back">The serial was mistyped: go back</button>`)}
      ${unverified}`
    case 'identify-light':
    case 'power':
      return html`${unverified}`
  }
}

const stepForm = (order: WorkOrder, step: Step, session: Session, content: Markup): Markup =>
  html`<form method="post" action="/work-orders/${order.id}">
    ${formToken(session)}<input type="hidden" name="step" value="${step.id}" />${content}
  </form>`

/** A page of its own, because the work order's page loads itself again and would lose the words. */
export function sayPage(order: WorkOrder, session: Session): Markup {
  const step = presentStep(order)
  if (step?.cannotVerify === undefined || !mayGoUnverified(order)) {
    return html`<h1>${order.procedure.title}</h1>
      <p>This step cannot be passed by word now.</p>
      <a class="button main" href="/work-orders/${order.id}">Back to the step</a>`
  }
  return html`<h1>${step.title}</h1>
    <p class="place">${order.subject.sled}, ${order.subject.place}</p>
    <p>${step.cannotVerify}</p>
    <p>If that is so, say what you saw. The work order goes on and is marked as not verified.</p>
    ${stepForm(
      order,
      step,
      session,
      html`<label for="text">What I saw</label>
        <textarea
          id="text"
          name="text"
          rows="4"
          required
          maxlength="${REMARK_CHARS_MAX}"
        ></textarea>
        <button class="danger" name="act" value="cannot-verify">Go on, not verified</button>`,
    )}
    <a class="button" href="/work-orders/${order.id}">Back to the step</a>`
}

export const cancelPage = (order: WorkOrder, session: Session): Markup =>
  html`<h1>Cancel: ${order.procedure.title}</h1>
    <p class="place">${order.subject.sled}, ${order.subject.place}</p>
    <form method="post" action="/work-orders/${order.id}">
      ${formToken(session)}
      <label for="text">Why</label>
      <input id="text" name="text" required maxlength="${REMARK_CHARS_MAX}" />
      <button class="danger" name="act" value="cancel">Cancel the work order</button>
    </form>
    <a class="button" href="/work-orders/${order.id}">Back to the step</a>`

/** Records listed; going back and forth makes more, and the last ones matter. */
const RECORDS_LISTED_MAX = 30

function past({ records, procedure }: WorkOrder, nowAtMs: number): Markup {
  if (records.length === 0) return html``
  const title = (id: string): string => procedure.steps.find((s) => s.id === id)?.title ?? id
  const outcome = { done: '✔', 'cannot-verify': '▲ not verified,', 'went-back': '↩ went back,' }
  return html`<h2>Done so far</h2>
    <ol>
      ${records
        .slice(-RECORDS_LISTED_MAX)
        .map(
          (r) =>
            html`<li>
              ${outcome[r.outcome]} ${title(r.step)}: ${r.detail} (${r.by},
              ${timeInWords(r.atMs, nowAtMs)})
            </li>`,
        )}
    </ol>`
}
