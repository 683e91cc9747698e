import { createHash } from 'node:crypto'
import type { Password } from '@brickyard/runtime/password'

const digest = (secret: string): string =>
  `fake$${createHash('sha256').update(secret).digest('hex')}`

/** Password hashing for simulation: instant, so that a run takes no seconds of argon2. */
export const fakePassword: Password = {
  hash: (secret) => Promise.resolve(digest(secret)),
  verify: (hash, secret) => Promise.resolve(hash === digest(secret)),
}
