import type { Clock } from '@brickyard/runtime/clock'
import type { Files } from '@brickyard/runtime/files'
import type { Identity } from '@brickyard/runtime/identity'
import type { Log } from '@brickyard/runtime/log'
import type { Password } from '@brickyard/runtime/password'
import type { Random } from '@brickyard/runtime/random'
import type { Dialect } from 'kysely'
import type { AgentLinks } from './agent-link/links.ts'
import type { Authority } from './agent-link/authority.ts'
import type { Sessions } from './auth/sessions.ts'
import type { RawCheck } from './blobs/raw-check.ts'
import type { BlobStore } from './blobs/blob-store.ts'
import type { HubConfig } from './config.ts'
import type { Feed } from './live/feed.ts'
import type { HubStore } from './store/hub-store.ts'

/** Everything of the world that the hub uses. */
export interface HubPorts {
  readonly clock: Clock
  readonly random: Random
  readonly log: Log
  readonly identity: Identity
  readonly password: Password
  readonly files: Files
  readonly database: Dialect
  /** Decompresses an image to check what it unpacks to; without it that stays `unknown`. */
  readonly rawCheck?: RawCheck | undefined
}

/** The hub's own parts, made once by `createHub` and handed to those that need them. */
export interface HubParts extends HubPorts {
  readonly config: HubConfig
  readonly store: HubStore
  readonly feed: Feed
  readonly sessions: Sessions
  readonly blobs: BlobStore
  readonly authority: Authority
  readonly links: AgentLinks
  /** Runs when the hub stops. */
  onStop(work: () => void): void
}
