import type { Ipv4 } from './ipv4.ts'

/** Makers' outlet tables that a power distribution unit may have. */
export const PDU_KINDS = ['apc-rpdu2', 'apc-rpdu', 'raritan-pdu2', 'sentry3', 'sentry4'] as const
export type PduKind = (typeof PDU_KINDS)[number]

/**
 * How a PDU is spoken to. The community (v1, v2c), or the passphrases (v3), are in the site's own
 * credentials, never in the rack document.
 */
export type SnmpLogin =
  | { readonly version: 'v1' | 'v2c' }
  | {
      readonly version: 'v3'
      readonly user: string
      readonly auth: 'sha' | 'sha256' | 'sha512'
      /** Left out: what is said can be read by whoever listens. */
      readonly privacy?: 'aes' | 'aes256' | undefined
    }

/** A PDU whose outlets can be switched: the power of a sled whose BMC is dead. */
export interface PduDeclaration {
  readonly name: string
  readonly kind: PduKind
  readonly address: Ipv4
  readonly port: number
  readonly login: SnmpLogin
}

/** An outlet that feeds a sled; a sled with two supplies has two. */
export interface FeedDeclaration {
  readonly pdu: string
  /** The number on it, e.g. `7`; with dots (`2.7`) where a PDU has several units. */
  readonly outlet: string
}

/** What a sled's feeds can be told: all of them at once. */
export const FEED_VERBS = ['on', 'off', 'cycle'] as const
export type FeedVerb = (typeof FEED_VERBS)[number]
