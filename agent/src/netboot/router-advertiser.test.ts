import type { Network } from '@brickyard/model/rack'
import type { ProcessEnd, ProcessStart } from '@brickyard/runtime/process'
import { memoryFiles } from '@brickyard/sim/memory-files'
import { recordingLog } from '@brickyard/sim/recording-log'
import { virtualClock } from '@brickyard/sim/virtual-clock'
import { Seconds } from '@brickyard/std/units'
import { describe, expect, it } from 'vitest'
import { createRouterAdvertiser } from './router-advertiser.ts'

const network = (change: Partial<Network>): Network =>
  ({ interface: 'eth1', mode: 'authoritative', routerAdvertisement: 'empty', ...change }) as Network

const ends = (stderr: string, code: number | null = 1): ProcessEnd => ({
  code,
  stdout: new Uint8Array(0),
  stderr: new TextEncoder().encode(stderr),
})

interface Started extends ProcessStart {
  over: boolean
  end(end: ProcessEnd): void
}

function rig() {
  const clock = virtualClock()
  const files = memoryFiles()
  const starts: Started[] = []
  const troubles: (string | undefined)[] = []
  const advertiser = createRouterAdvertiser({
    clock,
    files,
    log: recordingLog(),
    folder: '/state',
    trouble: (reason) => troubles.push(reason),
    process: {
      run: () => Promise.reject(new Error('not that one')),
      start(start) {
        const { promise, resolve } = Promise.withResolvers<ProcessEnd>()
        const end = (how: ProcessEnd): void => {
          started.over = true
          resolve(how)
        }
        const started: Started = { ...start, over: false, end }
        starts.push(started)
        return { ended: promise, stop: () => end(ends('', 0)) }
      },
    },
  })
  const config = async (): Promise<string> =>
    new TextDecoder().decode(await files.read('/state/radvd.conf'))
  return { clock, starts, troubles, advertiser, config }
}

describe('router advertisements', () => {
  it('are run by radvd for networks that ask, and for no others', async () => {
    const { clock, starts, advertiser, config } = rig()
    advertiser.sync([network({ mode: 'listen-only' })])
    await clock.advance(Seconds(60))
    expect(starts).toEqual([])
    advertiser.sync([network({})])
    await clock.advance(0)
    expect(starts[0]?.command).toBe('radvd')
    expect(starts[0]?.args).toContain('/state/radvd.conf')
    expect(await config()).toContain('interface eth1 {')
  })

  it('begin anew when the wish changed, and only then', async () => {
    const { clock, starts, advertiser, config } = rig()
    advertiser.sync([network({})])
    await clock.advance(Seconds(10))
    advertiser.sync([network({ leaseSeconds: 7200 })])
    await clock.advance(Seconds(10))
    expect(starts).toHaveLength(1)
    advertiser.sync([network({ interface: 'eth2' })])
    await clock.advance(0)
    expect(starts.map(({ over }) => over)).toEqual([true, false])
    expect(await config()).toContain('interface eth2 {')
    advertiser.sync([network({ mode: 'listen-only' })])
    await clock.advance(Seconds(60))
    expect(starts.map(({ over }) => over)).toEqual([true, true])
  })

  it('come back after an end, later each time, and the trouble is named until they stay', async () => {
    const { clock, starts, troubles, advertiser } = rig()
    advertiser.sync([network({})])
    const denied = 'can’t create socket\nopen_icmpv6_socket: Operation not permitted\n'
    for (const [waitS, count] of [
      [1, 2],
      [5, 3],
      [15, 4],
      [60, 5],
      [60, 6],
    ] as const) {
      await clock.advance(0)
      starts.at(-1)?.end(ends(denied))
      await clock.advance(Seconds(waitS) - 1)
      expect(starts).toHaveLength(count - 1)
      await clock.advance(1)
      expect(starts).toHaveLength(count)
    }
    expect(troubles.at(-1)).toMatch(
      /^radvd ended: open_icmpv6_socket: Operation not permitted \(the agent needs CAP_NET_RAW\)/,
    )
    await clock.advance(Seconds(6))
    expect(troubles.at(-1)).toBeUndefined()
    starts.at(-1)?.end(ends('', null))
    await clock.advance(Seconds(1))
    expect(starts).toHaveLength(7)
  })

  it('end with the agent and do not come back', async () => {
    const { clock, starts, troubles, advertiser } = rig()
    advertiser.sync([network({})])
    await clock.advance(Seconds(10))
    advertiser.stop()
    expect(starts[0]?.over).toBe(true)
    await clock.advance(Seconds(600))
    expect(starts).toHaveLength(1)
    expect(troubles).toEqual([undefined])
  })

  it('that are unwanted while they wait to come back stay away', async () => {
    const { clock, starts, troubles, advertiser } = rig()
    advertiser.sync([network({})])
    await clock.advance(0)
    starts[0]?.end(ends('setpriv: failed to execute radvd: No such file or directory', 127))
    await clock.advance(0)
    expect(troubles.at(-1)).toContain('(Debian package radvd)')
    advertiser.sync([])
    await clock.advance(Seconds(600))
    expect(starts).toHaveLength(1)
    expect(troubles.at(-1)).toBeUndefined()
  })
})
