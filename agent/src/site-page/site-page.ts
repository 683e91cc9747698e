/**
 * The technician's page: served by the agent on its own listener, for a phone at the rack, with the
 * hub gone. Plain HTML forms that need no script; no font, nothing from anywhere else.
 */
import { SledName } from '@brickyard/model/names'
import { POWER_VERBS, type PowerVerb } from '@brickyard/model/operation'
import type { WorkOrderEvent } from '@brickyard/procedures/work-order'
import type { Clock } from '@brickyard/runtime/clock'
import type { FetchHandler, HttpPeer } from '@brickyard/runtime/http'
import type { Password } from '@brickyard/runtime/password'
import type { Random } from '@brickyard/runtime/random'
import type { Result } from '@brickyard/std/result'
import { type Context, Hono } from 'hono'
import { html } from 'hono/html'
import { discLifeMs } from './discs-part.ts'
import { readForm } from './form.ts'
import { framePage, type Markup } from './page-frame.ts'
import { rackPage } from './rack-page.ts'
import { sameSecret, type Session } from './sessions.ts'
import { closedPage, signInPage } from './sign-in-page.ts'
import { createSignIn } from './sign-in.ts'
import { SITE_CSS } from './site-css.ts'
import { SITE_SCRIPT } from './site-script.ts'
import type { SiteActs, SiteView, SledDetail } from './site-view.ts'
import { confirmPowerPage, proofOf, sledPage, VERBS_TO_CONFIRM } from './sled-page.ts'
import { cancelPage, isMoving, sayPage, workOrderPage } from './work-order-page.ts'

export interface SitePageDeps {
  readonly view: SiteView
  readonly acts: SiteActs
  /** The site's PIN as the Password port hashed it; undefined: the page is closed. */
  readonly pinHash: string | undefined
  readonly password: Password
  readonly random: Random
  readonly clock: Clock
}

const COOKIE = 'brickyard_site'
const HEADERS: Readonly<Record<string, string>> = {
  'content-security-policy':
    "default-src 'none'; style-src 'self'; script-src 'self'; connect-src 'self'; img-src data:; form-action 'self'; frame-ancestors 'none'; base-uri 'none'",
  'cache-control': 'no-store',
  'x-content-type-options': 'nosniff',
  'referrer-policy': 'same-origin',
}

interface Env {
  readonly Bindings: { readonly peer: HttpPeer }
  readonly Variables: { session: Session; form: URLSearchParams }
}
type Ctx = Context<Env>

/** The page as a server function. It answers every request; what is wrong is said on a page. */
export function createSitePage(deps: SitePageDeps): FetchHandler {
  const app = new Hono<Env>()
  app.use(async (c, next) => {
    await next()
    for (const [name, value] of Object.entries(HEADERS)) c.res.headers.set(name, value)
  })
  app.get('/site.css', (c) => c.body(SITE_CSS, 200, { 'content-type': 'text/css; charset=utf-8' }))
  app.get('/site.js', (c) =>
    c.body(SITE_SCRIPT, 200, { 'content-type': 'text/javascript; charset=utf-8' }),
  )
  app.use(async (c, next) => {
    if (c.req.method !== 'POST') return next()
    if (!isSameOrigin(c.req.raw)) return say(deps, c, 403, 'This form came from another page.')
    const form = await readForm(c.req.raw)
    if (!form.ok) return say(deps, c, 400, form.error)
    c.set('form', form.value)
    return next()
  })
  app.onError((error, c) => say(deps, c, 500, `This went wrong: ${error.message}`))
  app.notFound((c) => say(deps, c, 404, 'There is no such page.'))
  if (deps.pinHash === undefined) {
    app.all('*', (c) => c.html(frame(deps, c, 'Closed', closedPage()), 503))
  } else {
    addSignIn(app, deps, deps.pinHash)
    addPages(app, deps)
    addActs(app, deps)
    addDiscActs(app, deps)
  }
  return (request, peer) => app.fetch(request, { peer })
}

/** Browsers send Origin with every form; what they do not send cannot be checked. */
function isSameOrigin(request: Request): boolean {
  const origin = request.headers.get('origin')
  if (origin === null) return request.headers.get('sec-fetch-site') !== 'cross-site'
  return URL.canParse(origin) && new URL(origin).host === new URL(request.url).host
}

const frame = (
  deps: SitePageDeps,
  c: Ctx,
  title: string,
  content: Markup,
  isMovingPage?: boolean,
): Markup =>
  framePage(
    {
      title,
      site: deps.view.site(),
      session: c.get('session') as Session | undefined,
      nowAtMs: deps.clock.wallMs(),
      isMoving: isMovingPage,
    },
    content,
  )

const say = (
  deps: SitePageDeps,
  c: Ctx,
  status: 400 | 403 | 404 | 409 | 500,
  text: string,
): Response | Promise<Response> => {
  const content = html`<h1>Not done</h1>
    <p class="trouble" role="alert">${text}</p>
    <a class="button main" href="/">Back to the rack</a>`
  return c.html(frame(deps, c, 'Not done', content), status)
}

function addSignIn(app: Hono<Env>, deps: SitePageDeps, pinHash: string): void {
  const { sessions, signIn } = createSignIn({ ...deps, pinHash })
  app.post('/sign-in', async (c) => {
    const { address } = c.env.peer
    const signed = await signIn(c.get('form'), address, deps.clock.monotonicMs())
    if (!signed.ok) return c.html(frame(deps, c, 'Sign in', signInPage(signed.error)), 403)
    c.header('set-cookie', cookie(c, signed.value))
    return c.redirect('/', 303)
  })
  app.use(async (c, next) => {
    const session = sessions.find(cookieOf(c), deps.clock.monotonicMs())
    if (session === undefined) return c.html(frame(deps, c, 'Sign in', signInPage(undefined)), 401)
    c.set('session', session)
    const isForged =
      c.req.method === 'POST' && !sameSecret(c.get('form').get('token') ?? '', session.formToken)
    if (isForged) return say(deps, c, 403, 'This form is out of date. Open the page again.')
    return next()
  })
  app.post('/sign-out', (c) => {
    sessions.close(cookieOf(c))
    c.header('set-cookie', `${cookie(c, '')}; Max-Age=0`)
    return c.redirect('/', 303)
  })
}

function cookie(c: Ctx, value: string): string {
  const secure = new URL(c.req.url).protocol === 'https:' ? '; Secure' : ''
  return `${COOKIE}=${value}; Path=/; HttpOnly; SameSite=Strict${secure}`
}

const cookieOf = (c: Ctx): string =>
  new RegExp(`(?:^|;\\s*)${COOKIE}=([0-9a-f]+)`).exec(c.req.header('cookie') ?? '')?.[1] ?? ''

function addPages(app: Hono<Env>, deps: SitePageDeps): void {
  const { view, clock } = deps
  app.get('/', (c) => {
    const part = Number(c.req.query('part') ?? 0)
    return c.html(frame(deps, c, 'Rack', rackPage(view, part)))
  })
  app.get('/sleds/:name', (c) => {
    const sled = sledOf(view, c.req.param('name'))
    if (sled === undefined) return say(deps, c, 404, 'There is no such sled.')
    return c.html(
      frame(deps, c, sled.name, sledPage(sled, c.get('session'), view.site(), clock.wallMs())),
    )
  })
  app.get('/sleds/:name/power', (c) => {
    const sled = sledOf(view, c.req.param('name'))
    const verb = VERBS_TO_CONFIRM.find((known) => known === c.req.query('verb'))
    if (sled === undefined || verb === undefined) return say(deps, c, 404, 'There is no such page.')
    return c.html(frame(deps, c, sled.name, confirmPowerPage(sled, verb, c.get('session'))))
  })
  app.get('/work-orders/:id', (c) => {
    const order = view.workOrder(c.req.param('id'))
    if (order === undefined) return say(deps, c, 404, 'There is no such work order.')
    const session = c.get('session')
    const title = order.procedure.title
    if (c.req.query('say') !== undefined)
      return c.html(frame(deps, c, title, sayPage(order, session)))
    if (c.req.query('cancel') !== undefined) {
      return c.html(frame(deps, c, title, cancelPage(order, session)))
    }
    const content = workOrderPage(order, session, clock.wallMs())
    return c.html(frame(deps, c, title, content, isMoving(order)))
  })
}

const sledOf = (view: SiteView, text: string): SledDetail | undefined => {
  const name = SledName.parse(text)
  return name.ok ? view.sled(name.value) : undefined
}

function addActs(app: Hono<Env>, deps: SitePageDeps): void {
  const { view, acts } = deps
  app.post('/sleds/:name/light', async (c) => {
    const sled = sledOf(view, c.req.param('name'))
    if (sled === undefined) return say(deps, c, 404, 'There is no such sled.')
    const light = c.get('form').get('light') === 'on' ? 'on' : 'off'
    return tellBack(c, sled, await acts.light(sled.name, light, c.get('session').by))
  })
  app.post('/sleds/:name/power', async (c) => {
    const sled = sledOf(view, c.req.param('name'))
    if (sled === undefined) return say(deps, c, 404, 'There is no such sled.')
    const verb = POWER_VERBS.find((known) => known === c.get('form').get('verb'))
    if (verb === undefined) return say(deps, c, 400, 'There is no such power verb.')
    if (verb !== 'on' && !isProven(sled, c.get('form').get('proof') ?? '')) {
      return say(deps, c, 409, `That is not ${proofOf(sled).what}. Nothing was done.`)
    }
    return tellBack(
      c,
      sled,
      await acts.power(sled.name, verb satisfies PowerVerb, c.get('session').by),
    )
  })
  app.post('/sleds/:name/login', async (c) => {
    const sled = sledOf(view, c.req.param('name'))
    if (sled === undefined) return say(deps, c, 404, 'There is no such sled.')
    if (sled.loginTrouble === undefined) {
      return say(deps, c, 409, 'Its BMC lets us in already. Nothing was tried.')
    }
    const form = c.get('form')
    const login = {
      user: (form.get('user') ?? '').trim(),
      password: (form.get('password') ?? '').trim(),
    }
    return tellBack(c, sled, await acts.giveLogin(sled.name, login, c.get('session').by))
  })
  app.post('/sleds/:name/replace', (c) => {
    const sled = sledOf(view, c.req.param('name'))
    if (sled === undefined) return say(deps, c, 404, 'There is no such sled.')
    const opened = acts.replaceSled(sled.name, c.get('session').by)
    if (!opened.ok) return say(deps, c, 409, opened.error)
    return c.redirect(`/work-orders/${opened.value}`, 303)
  })
  app.post('/work-orders/:id', (c) => {
    const id = c.req.param('id')
    if (view.workOrder(id) === undefined) return say(deps, c, 404, 'There is no such work order.')
    const event = eventOf(c.get('form'), c.get('session').by)
    if (event === undefined) return say(deps, c, 400, 'There is no such act.')
    const told = acts.tellWorkOrder(id, event)
    if (!told.ok) c.get('session').notice = told.error
    return c.redirect(`/work-orders/${id}`, 303)
  })
}

function addDiscActs(app: Hono<Env>, deps: SitePageDeps): void {
  const { view, acts } = deps
  app.post('/sleds/:name/discs', (c) => {
    const sled = sledOf(view, c.req.param('name'))
    if (sled === undefined) return say(deps, c, 404, 'There is no such sled.')
    const lifeMs = discLifeMs(c.get('form').get('hours') ?? '')
    if (lifeMs === undefined) return say(deps, c, 400, 'No disc lives for so long.')
    const made = acts.makeDisc(sled.name, lifeMs, c.get('session').by)
    if (!made.ok) return say(deps, c, 409, made.error)
    const { name, bytes, stream } = made.value
    return c.body(ReadableStream.from(stream()), 200, {
      'content-type': 'application/x-iso9660-image',
      'content-length': String(bytes),
      'content-disposition': `attachment; filename="${name}"`,
    })
  })
  app.post('/sleds/:name/discs/:id', (c) => {
    const sled = sledOf(view, c.req.param('name'))
    const disc = sled?.discs.find(({ id }) => id === c.req.param('id'))
    if (sled === undefined || disc === undefined) {
      return say(deps, c, 404, 'There is no such disc: it was used, revoked or has expired.')
    }
    const { by } = c.get('session')
    switch (c.get('form').get('act') ?? '') {
      case 'insert':
        return tellBack(c, sled, acts.insertDisc(disc.id, by))
      case 'revoke':
        return tellBack(c, sled, acts.revokeDisc(disc.id, by))
      default:
        return say(deps, c, 400, 'There is no such act.')
    }
  })
}

/** What an act came to stands at the top of the sled's page. */
function tellBack(c: Ctx, sled: SledDetail, done: Result<string>): Response {
  c.get('session').notice = done.ok ? done.value : `Not done: ${done.error}`
  return c.redirect(`/sleds/${sled.name}`, 303)
}

const isProven = (sled: SledDetail, typed: string): boolean =>
  typed.trim().toUpperCase() === proofOf(sled).text.toUpperCase()

function eventOf(form: URLSearchParams, by: string): WorkOrderEvent | undefined {
  const step = form.get('step') ?? ''
  const text = form.get('text') ?? ''
  switch (form.get('act') ?? '') {
    case 'done':
      return { kind: 'done', step, by }
    case 'yes':
      return { kind: 'answer', step, by, yes: true }
    case 'serial':
      return { kind: 'serial', step, by, text }
    case 'back':
      return { kind: 'back', step, by }
    case 'cannot-verify':
      return { kind: 'cannot-verify', step, by, saw: text }
    case 'cancel':
      return { kind: 'cancel', by, reason: text }
    default:
      return undefined
  }
}
