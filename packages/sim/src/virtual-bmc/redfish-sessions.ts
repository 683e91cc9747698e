import type { RedfishFaults } from './redfish-faults.ts'
import type { RedfishModel } from './redfish-model.ts'
import { done, notFound, refusal, type Body, type Reply } from './redfish-reply.ts'
import { ROOT } from './redfish-resource.ts'

export interface RedfishSessions {
  /** A login (POST to the sessions). */
  open(body: Body | undefined): Reply
  /** A deletion; undefined when `path` is none of a session. */
  close(path: string): Reply | undefined
  /** Whether a request proves who sends it, by a token or a password. */
  knows(headers: Headers): boolean
  list(): readonly { readonly id: string; readonly user: string }[]
  forget(): void
}

const PATH = `${ROOT}/SessionService/Sessions`

export function createRedfishSessions(parts: {
  readonly model: RedfishModel
  readonly faults: RedfishFaults
  readonly sessionsMax: number
  readonly newToken: () => string
}): RedfishSessions {
  const { model, faults, sessionsMax, newToken } = parts
  const open = new Map<string, { readonly user: string; readonly token: string }>()
  let lastId = 0

  const good = (name: unknown, password: unknown): boolean =>
    !faults.wrongPassword &&
    [...model.accounts.values()].some(
      (one) => one.enabled && one.name === name && one.password === password,
    )

  return {
    open(body) {
      if (faults.noSessions) return notFound(PATH)
      const name = body?.['UserName']
      if (!good(name, body?.['Password'])) {
        return refusal(401, 'Base.1.12.ResourceAtUriUnauthorized', 'The login was denied.')
      }
      if (open.size >= sessionsMax) {
        return refusal(503, 'Base.1.12.SessionLimitExceeded', 'All sessions are in use.')
      }
      lastId += 1
      // Ids go on where they were after a restart: real ones are never used twice within a day.
      const id = `s${lastId}`
      const token = newToken()
      open.set(id, { user: String(name), token })
      const location = `${PATH}/${id}`
      return {
        status: 201,
        headers: { 'x-auth-token': token, ...(faults.sessionInBodyOnly ? {} : { location }) },
        body: {
          '@odata.id': location,
          '@odata.type': '#Session.v1_6_0.Session',
          Id: id,
          Name: 'Session',
          UserName: name,
        },
      }
    },
    close(path) {
      const id = path.startsWith(`${PATH}/`) ? path.slice(PATH.length + 1) : undefined
      if (id === undefined) return undefined
      return open.delete(id) ? done : notFound(path)
    },
    knows(headers) {
      const token = headers.get('x-auth-token')
      if (token !== null) return [...open.values()].some((one) => one.token === token)
      const basic = /^Basic (.+)$/i.exec(headers.get('authorization') ?? '')?.[1]
      const [name = '', ...rest] = Buffer.from(basic ?? '', 'base64')
        .toString()
        .split(':')
      return basic !== undefined && good(name, rest.join(':'))
    },
    list: () => [...open].map(([id, { user }]) => ({ id, user })),
    forget: () => open.clear(),
  }
}
