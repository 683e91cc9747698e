import type { NetworkMode } from '@brickyard/model/rack'

/** What a site does on a network, for its list, and what it would begin to do, for a choice. */
export const MODE_SAID: Readonly<Record<NetworkMode, { now: string; choice: string }>> = {
  'listen-only': {
    now: 'listen only: nothing is answered here',
    choice: 'listen-only: answer nothing, show what would be answered',
  },
  authoritative: {
    now: 'gives the addresses',
    choice: 'authoritative: give the addresses and what to boot',
  },
  proxy: {
    now: 'adds what to boot to another server’s addresses',
    choice: 'proxy: leave addresses to another server, add what to boot',
  },
  relayed: {
    now: 'answers what a relay passes on',
    choice: 'relayed: answer only what a relay passes on',
  },
}

/** A network that only listened and would answer can take machines from another server. */
export const isLouder = (from: NetworkMode, to: NetworkMode): boolean =>
  from === 'listen-only' && to !== 'listen-only'
