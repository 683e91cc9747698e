import type { Mac } from '@brickyard/model/mac'
import type { NetworkMode } from '@brickyard/model/rack'
import { describe, expect, it } from 'vitest'
import type { BootDirectory } from './boot-directory.ts'
import { rehearseDhcp } from './dhcp-rehearsal.ts'
import { NETWORK, silentLog, SLED, SLED_MAC, standingClock } from './dhcp-rig.ts'

const DECLARED = { macs: [SLED_MAC] }

/** How often the directory was asked who it is, once for each packet; and what is left to be done. */
async function rehearsed(mode: NetworkMode, sleds: readonly { macs: Mac[] }[]) {
  const { clock } = standingClock()
  const asked: string[] = []
  let timers = 0
  const directory: BootDirectory = {
    sledFor({ mac }) {
      asked.push(mac)
      return mac === SLED_MAC ? SLED : undefined
    },
  }
  await rehearseDhcp(
    {
      network: { ...NETWORK, mode },
      bootUrl: 'http://10.98.0.1',
      loaders: new Set(['snponly.efi']),
      clock: { ...clock, after: (...wait) => (timers++, clock.after(...wait)) },
      log: silentLog,
      directory,
    },
    sleds,
  )
  return { asked, timers }
}

describe('a rehearsal', () => {
  it('leads the declared machines to an ACK, and leaves nothing to be done', async () => {
    const { asked, timers } = await rehearsed('authoritative', [DECLARED])
    expect(asked).toHaveLength(200)
    expect(new Set(asked)).toEqual(new Set([SLED_MAC]))
    expect(timers).toBe(0)
  })

  it('invents a machine where none is declared', async () => {
    const { asked } = await rehearsed('authoritative', [])
    expect(asked).toHaveLength(200)
    expect(new Set(asked)).toEqual(new Set(['02:62:79:00:00:02']))
  })

  it('goes as far as the mode does', async () => {
    expect((await rehearsed('relayed', [DECLARED])).asked).toHaveLength(200)
    expect((await rehearsed('listen-only', [DECLARED])).asked).toHaveLength(100)
  })
})
