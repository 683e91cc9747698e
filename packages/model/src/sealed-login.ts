import { err, ok, type Result } from '@brickyard/std/result'

/** Name and password of a BMC's account. The password is in no document, event or log in clear. */
export interface BmcLogin {
  readonly user: string
  readonly password: string
  /** The BMC's own key (IPMI 2.0 §13.29, Kg), for one that asks for it beside a password. */
  readonly bmcKey?: string | undefined
}

/** What a box (`@brickyard/std/sealed-box`) is for: a login kept for the day the appliance is gone. */
export const recoveryContext = (site: string, sled: string): string => `recovery ${site}/${sled}`

/** What a box is for: a login that somebody hands to a site past the hub. */
export const handoverContext = (site: string, sled: string): string => `handover ${site}/${sled}`

/** Redfish takes no more than this of a name, and few BMCs that much of a password. */
const USER_CHARS_MAX = 64
const PASSWORD_CHARS_MAX = 128
/** IPMI 2.0 §13.29. */
const BMC_KEY_CHARS_MAX = 20

/** The login as it goes into a box. */
export const encodeLogin = ({ user, password, bmcKey }: BmcLogin): Uint8Array =>
  new TextEncoder().encode(JSON.stringify({ v: 1, user, password, bmcKey }))

/** Reads what `encodeLogin` wrote; who can close a box can put anything into it. */
export function decodeLogin(bytes: Uint8Array): Result<BmcLogin> {
  let value: unknown
  try {
    value = JSON.parse(new TextDecoder('utf-8', { fatal: true }).decode(bytes))
  } catch {
    return err('the box holds no login')
  }
  const { user, password, bmcKey } = (value ?? {}) as Readonly<Record<string, unknown>>
  if (typeof user !== 'string' || typeof password !== 'string') return err('the box holds no login')
  const login: BmcLogin =
    typeof bmcKey === 'string' ? { user, password, bmcKey } : { user, password }
  const problem = loginProblem(login)
  return problem === undefined ? ok(login) : err(problem)
}

/** Why a login cannot be one of a BMC: printable ASCII, neither part empty, neither too long. */
export function loginProblem({ user, password, bmcKey }: BmcLogin): string | undefined {
  const wrong = (text: string, charsMax: number): boolean =>
    text.length > charsMax || !/^[\x20-\x7e]+$/.test(text)
  if (wrong(user, USER_CHARS_MAX)) return `a user has 1 to ${USER_CHARS_MAX} ASCII characters`
  if (wrong(password, PASSWORD_CHARS_MAX)) {
    return `a password has 1 to ${PASSWORD_CHARS_MAX} ASCII characters`
  }
  if (bmcKey !== undefined && wrong(bmcKey, BMC_KEY_CHARS_MAX)) {
    return `a BMC key has 1 to ${BMC_KEY_CHARS_MAX} ASCII characters`
  }
  return undefined
}
