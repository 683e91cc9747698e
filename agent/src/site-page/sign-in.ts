/** Checks a name and a PIN: bounded tries, one costly hash at a time, the same answer for all that is wrong. */
import type { Password } from '@brickyard/runtime/password'
import type { Random } from '@brickyard/runtime/random'
import { err, ok, type Result } from '@brickyard/std/result'
import { createSessions, type Sessions } from './sessions.ts'
import { createSignInAttempts } from './sign-in-attempts.ts'
import { NAME_CHARS_MAX, PIN_CHARS_MAX } from './sign-in-page.ts'

/** A hash costs 19 MiB and a fifth of a second; more than this waiting is an attack, not people. */
const CHECKS_AT_ONCE_MAX = 2

export interface SignIn {
  readonly sessions: Sessions
  /** The cookie's value, or why not, for the person. */
  signIn(form: URLSearchParams, address: string, nowMs: number): Promise<Result<string>>
}

export function createSignIn(parts: {
  readonly password: Password
  readonly random: Random
  readonly pinHash: string
}): SignIn {
  const sessions = createSessions(parts.random)
  const attempts = createSignInAttempts()
  let checking = 0
  return {
    sessions,
    async signIn(form, address, nowMs) {
      const name = (form.get('name') ?? '').trim()
      const pin = form.get('pin') ?? ''
      if (!/^[\p{L}\p{N} .'-]+$/u.test(name) || name.length > NAME_CHARS_MAX) {
        return err(`Type your name: letters and blanks, up to ${NAME_CHARS_MAX}.`)
      }
      const waitMs = attempts.waitMs(address, nowMs)
      if (waitMs > 0) {
        return err(`Too many wrong PINs. Try again in ${Math.ceil(waitMs / 1000)} s.`)
      }
      if (checking >= CHECKS_AT_ONCE_MAX) return err('Somebody else is signing in. Try again.')
      // Counted as failed until it has succeeded, so that tries at the same time count one by one.
      attempts.failed(address, nowMs)
      checking++
      try {
        const short = pin !== '' && pin.length <= PIN_CHARS_MAX
        if (!short || !(await parts.password.verify(parts.pinHash, pin))) {
          return err('That is not the PIN of this site.')
        }
      } finally {
        checking--
      }
      attempts.succeeded(address)
      return ok(sessions.open(name, nowMs))
    },
  }
}
