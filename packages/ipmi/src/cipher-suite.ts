import { createHmac, createSecretKey } from 'node:crypto'

/**
 * The cipher suites spoken here (IPMI 2.0 §22.15.2): both authenticate, check integrity and
 * encrypt with AES-CBC-128. Suites without any of the three (0, 1, 2, 6 …) are left out on purpose.
 */
export interface CipherSuite {
  readonly id: CipherSuiteId
  /** Algorithm numbers of tables 13-17, 13-18 and 13-19. */
  readonly authentication: number
  readonly integrity: number
  readonly confidentiality: number
  readonly hash: 'sha1' | 'sha256'
  /** Length of a full HMAC: the key exchange codes of RAKP 2 and 3. */
  readonly hmacBytes: number
  /** Length of the truncated HMAC: RAKP 4 and every packet of the session. */
  readonly integrityCheckBytes: number
}

export const CIPHER_SUITE_IDS = [3, 17] as const
export type CipherSuiteId = (typeof CIPHER_SUITE_IDS)[number]

const SUITES: Readonly<Record<CipherSuiteId, CipherSuite>> = {
  3: {
    id: 3,
    authentication: 1,
    integrity: 1,
    confidentiality: 1,
    hash: 'sha1',
    hmacBytes: 20,
    integrityCheckBytes: 12,
  },
  17: {
    id: 17,
    authentication: 3,
    integrity: 4,
    confidentiality: 1,
    hash: 'sha256',
    hmacBytes: 32,
    integrityCheckBytes: 16,
  },
}

export const cipherSuite = (id: CipherSuiteId): CipherSuite => SUITES[id]

/** The HMAC of a suite over parts laid end to end. */
export function suiteHmac(
  suite: CipherSuite,
  key: Uint8Array,
  parts: readonly Uint8Array[],
): Uint8Array {
  // Node looks at a key of plain bytes for much longer than at one that says what it is.
  const hmac = createHmac(suite.hash, createSecretKey(key))
  for (const part of parts) hmac.update(part)
  return new Uint8Array(hmac.digest())
}
