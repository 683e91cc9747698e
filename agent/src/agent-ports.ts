import type { SledName } from '@brickyard/model/names'
import type { Clock } from '@brickyard/runtime/clock'
import type { Files } from '@brickyard/runtime/files'
import type { HttpClient } from '@brickyard/runtime/http'
import type { Identity } from '@brickyard/runtime/identity'
import type { Log } from '@brickyard/runtime/log'
import type { Neighbours } from '@brickyard/runtime/neighbours'
import type { Password } from '@brickyard/runtime/password'
import type { Process } from '@brickyard/runtime/process'
import type { Random } from '@brickyard/runtime/random'
import type { Snmp } from '@brickyard/runtime/snmp'
import type { Store } from '@brickyard/runtime/store'
import type { Udp } from '@brickyard/runtime/udp'
import type { WebSocketDialer } from '@brickyard/runtime/websocket'
import type { Result } from '@brickyard/std/result'

/** The site's own secrets. The hub never sees them. */
export interface Credentials {
  /** The password that somebody gave for the declared user of a sled's BMC, or why there is none. */
  bmcPassword(sled: SledName): Result<string>
  /** The community or the passphrases of a PDU, or why there are none. */
  pduSecret(pdu: string): Result<string>
  /** Seals a password for the site's own disk; only this sled's record opens again. */
  seal(sled: SledName, password: string): Uint8Array
  open(sled: SledName, sealed: Uint8Array): Result<string>
  /** 32 bytes: the private key of what is sealed for this site alone (`@brickyard/std/sealed-box`). */
  boxSecret(): Uint8Array
}

/** Everything from outside that an agent uses: production, tests and the simulation each bring theirs. */
export interface AgentPorts {
  readonly clock: Clock
  readonly random: Random
  readonly udp: Udp
  readonly http: HttpClient
  readonly dialer: WebSocketDialer
  readonly files: Files
  /** `site.db`: durable. Migrated by the agent itself. */
  readonly store: Store
  /** `readings.db`: capped and disposable. */
  readonly readings: Store
  readonly identity: Identity
  readonly password: Password
  readonly process: Process
  readonly log: Log
  readonly credentials: Credentials
  /** How PDUs are spoken to; undefined where there is none to speak to. */
  readonly snmp?: Snmp | undefined
  /** Who is next to us on the wire; undefined where nobody can tell. */
  readonly neighbours?: Neighbours | undefined
  /**
   * Asks for a new process: an inherited socket cannot be opened twice, so a changed network needs
   * the sockets anew from whoever hands them in. Undefined where none are inherited.
   */
  readonly restart?: ((reason: string) => void) | undefined
}
