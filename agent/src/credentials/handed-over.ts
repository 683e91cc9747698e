import type { SledName } from '@brickyard/model/names'
import { decodeLogin, handoverContext } from '@brickyard/model/sealed-login'
import { err, ok, type Result } from '@brickyard/std/result'
import { boxKeys, openBox } from '@brickyard/std/sealed-box'
import type { Credentials } from '../agent-ports.ts'
import type { Change } from '../store/site-store.ts'
import type { LoginBook } from './login-book.ts'

/** Takes logins that were sealed to this site: the hub that carried them could not read them. */
export interface HandedOver {
  /** What somebody needs to seal a login for this site. */
  readonly publicKey: string
  /**
   * Keeps a login for a sled, tried when no better one is known. One that is held already changes
   * nothing, so that the same list may be handed over again.
   */
  take(change: Change, sled: SledName, box: string, by: string): Result<undefined>
}

export function createHandedOver(parts: {
  readonly credentials: Credentials
  readonly siteName: string
  readonly book: LoginBook
}): HandedOver {
  const { siteName, book } = parts
  const { publicKey, privateKey } = boxKeys(parts.credentials.boxSecret())
  return {
    publicKey,
    take(change, sled, box, by) {
      const bytes = openBox(privateKey, handoverContext(siteName, sled), box)
      if (!bytes.ok) return bytes
      const login = decodeLogin(bytes.value)
      if (!login.ok) return err(`the login of ${sled}: ${login.error}`)
      const { user, password, bmcKey } = login.value
      const known = (['using', 'given'] as const).some((standing) => {
        const held = book.held(sled, standing)
        return held?.user === user && held.password === password && held.bmcKey === bmcKey
      })
      if (known) return ok(undefined)
      book.put(change, sled, 'given', {
        ...login.value,
        origin: 'given',
        operation: null,
        told: null,
      })
      change.event('sled.login-given', { sled, user, by })
      return ok(undefined)
    },
  }
}
