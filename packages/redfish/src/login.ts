import { err, ok, type Result } from '@brickyard/std/result'
import { exchange, refusalOf, succeeded, type RedfishAnswer, type Service } from './exchange.ts'
import type { RedfishFault } from './fault.ts'
import { fieldOf, linkOf, textOf } from './loose-json.ts'
import { messagesOf, saysAny } from './message.ts'
import type { SessionMemory } from './session-memory.ts'

/** How requests prove who sends them. */
export type Login =
  | { readonly kind: 'session'; readonly token: string; readonly path: string }
  /** The name and password with every request: for services without (free) sessions. */
  | { readonly kind: 'basic'; readonly why: 'no-sessions' | 'sessions-taken' }

export interface Account {
  readonly user: string
  readonly password: string
}

export const SERVICE_ROOT = '/redfish/v1/'
const SESSIONS = '/redfish/v1/SessionService/Sessions'

/** The header that carries `login`. */
export const loginHeaders = (login: Login, { user, password }: Account): Record<string, string> =>
  login.kind === 'session'
    ? { 'x-auth-token': login.token }
    : { authorization: `Basic ${Buffer.from(`${user}:${password}`).toString('base64')}` }

/** Opens a session (DSP0266 §13.3.4), or says that requests must carry the password themselves. */
export async function logIn(
  service: Service,
  account: Account,
): Promise<Result<Login, RedfishFault>> {
  const first = await openSession(service, account, SESSIONS)
  if (!first.ok) return first
  if (first.value !== 'not-there') return ok(first.value)
  const elsewhere = await sessionsPath(service)
  if (!elsewhere.ok) return elsewhere
  if (elsewhere.value === undefined) return ok({ kind: 'basic', why: 'no-sessions' })
  const second = await openSession(service, account, elsewhere.value)
  if (!second.ok) return second
  return ok(second.value === 'not-there' ? { kind: 'basic', why: 'no-sessions' } : second.value)
}

async function openSession(
  service: Service,
  { user, password }: Account,
  path: string,
): Promise<Result<Login | 'not-there', RedfishFault>> {
  const request = { method: 'POST', path, body: { UserName: user, Password: password } } as const
  const answer = await exchange(service, request)
  if (!answer.ok) return answer
  const { status, headers, body, location } = answer.value
  if (succeeded(answer.value)) {
    const token = textOf(headers['x-auth-token'])
    // Some services name the session in the body only.
    const made = location ?? linkOf(body)
    // A session that we could never close would be leaked with every login.
    if (token === undefined || made === undefined) return ok({ kind: 'basic', why: 'no-sessions' })
    return ok({ kind: 'session', token, path: made })
  }
  if (status === 404 || status === 405 || status === 501) return ok('not-there')
  if (saysAny(messagesOf(body), 'SessionLimitExceeded')) {
    return ok({ kind: 'basic', why: 'sessions-taken' })
  }
  const refusal = refusalOf(request, answer.value)
  // Some services call a wrong password a bad request.
  const wrong = status === 400 || status === 401 || status === 403
  return err(
    wrong ? { ...refusal, kind: 'auth', message: `user '${user}': ${refusal.message}` } : refusal,
  )
}

/** Where the service root, which needs no login, says that sessions are. */
async function sessionsPath(service: Service): Promise<Result<string | undefined, RedfishFault>> {
  const root = await exchange(service, { method: 'GET', path: SERVICE_ROOT })
  if (!root.ok) return root
  const path = linkOf(fieldOf(root.value.body, 'Links', 'Sessions'))
  return ok(path === SESSIONS ? undefined : path)
}

/** Closes `path`. True when it is gone for certain. */
export async function logOut(
  service: Service,
  headers: Readonly<Record<string, string>>,
  path: string,
): Promise<boolean> {
  const answer = await exchange(service, { method: 'DELETE', path, headers })
  return answer.ok && isGone(answer.value)
}

/** 401: the token that would have to prove itself is no longer known. */
const isGone = (answer: RedfishAnswer): boolean =>
  succeeded(answer) || answer.status === 401 || answer.status === 404

/** Closes what an earlier life of this process left open; foreign sessions at the same path stay. */
export async function closeLeftovers(
  service: Service,
  memory: SessionMemory,
  { name, user, own }: { readonly name: string; readonly user: string; readonly own?: string },
  headers: Readonly<Record<string, string>>,
): Promise<void> {
  for (const path of memory.held(name)) {
    if (path === own) continue
    const found = await exchange(service, { method: 'GET', path, headers })
    // Not reached now: the next login tries again.
    if (!found.ok || found.value.status === 401) return
    const owner = textOf(found.value.body['UserName'])
    const ours = succeeded(found.value) && (owner === undefined || owner === user)
    if (!ours || (await closed(service, headers, path))) memory.drop(name, path)
  }
}

/** With a login that is good, a 401 to the deletion says nothing about the session. */
async function closed(
  service: Service,
  headers: Readonly<Record<string, string>>,
  path: string,
): Promise<boolean> {
  const answer = await exchange(service, { method: 'DELETE', path, headers })
  return answer.ok && (succeeded(answer.value) || answer.value.status === 404)
}
