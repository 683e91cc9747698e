import { hash, verify } from '@node-rs/argon2'
import type { Password } from '../password.ts'

/** argon2id with the library's defaults (19 MiB, 2 passes), as OWASP advises. */
export const argon2Password: Password = {
  hash: (secret) => hash(secret),
  verify: async (hashed, secret) => {
    try {
      return await verify(hashed, secret)
    } catch {
      return false
    }
  },
}
