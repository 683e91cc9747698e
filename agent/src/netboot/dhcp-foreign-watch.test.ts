import { isProbeOf } from '@brickyard/dhcp/foreign-machine'
import type { NetworkMode } from '@brickyard/model/rack'
import { describe, expect, it } from 'vitest'
import { createForeignWatch, type ForeignWatchParts } from './dhcp-foreign-watch.ts'
import {
  heldSockets,
  ip,
  NETWORK,
  requestFrom,
  silentLog,
  SLED_MAC,
  standingClock,
  US,
} from './dhcp-rig.ts'
import type { NetbootEvent } from './report.ts'

const THEM = ip('10.98.0.66')
const THEIR_MAC = '02:66:00:00:00:01'

function watching(mode: NetworkMode, parts: Partial<ForeignWatchParts> = {}) {
  const sockets = heldSockets()
  const time = standingClock()
  const events: NetbootEvent[] = []
  let trouble: string | undefined
  const watch = createForeignWatch({
    network: { ...NETWORK, mode },
    udp: sockets.udp,
    clock: time.clock,
    log: silentLog,
    report: (event) => void events.push(event),
    trouble: (reason) => (trouble = reason),
    neighbours: { macOf: (address) => (address === THEM ? THEIR_MAC : undefined) },
    mayOpen: true,
    ...parts,
  })
  const offer = (): void => {
    const answer = requestFrom(
      SLED_MAC,
      { messageType: 'offer', serverId: THEM, routers: [THEM] },
      { op: 'reply', yiaddr: ip('10.98.0.77') },
    )
    sockets.hear(68, answer, { address: THEM, port: 67 })
  }
  return { ...sockets, ...time, watch, events, offer, trouble: () => trouble }
}

describe('the watch for other DHCP servers', () => {
  it('asks from port 68 at the start and every ten minutes, in listen-only mode too', async () => {
    const { watch, sent, move } = watching('listen-only')
    await watch.start()
    move(0)
    expect(sent).toMatchObject([{ by: 68, to: { address: '255.255.255.255', port: 67 } }])
    expect(sent.every(({ packet }) => packet !== undefined && isProbeOf(packet, US))).toBe(true)
    move(9 * 60_000)
    expect(sent).toHaveLength(2)
    move(2 * 60_000)
    expect(sent).toHaveLength(4)
  })

  it('names within seconds who answers, as an event and a trouble, and says when it is gone', async () => {
    const { watch, move, offer, events, trouble, sent } = watching('authoritative')
    await watch.start()
    move(0)
    offer()
    offer()
    move(5_000)
    // A datagram to it makes the kernel ask for its MAC.
    expect(sent).toContainEqual({ by: 68, to: { address: THEM, port: 9 }, packet: undefined })
    expect(events).toEqual([
      {
        kind: 'dhcp.foreign-server',
        body: {
          network: 'provisioning',
          server: THEM,
          gives: 'addresses',
          mac: THEIR_MAC,
          relay: null,
          options: 'router 10.98.0.66',
        },
      },
    ])
    expect(trouble()).toBe(
      '10.98.0.66 (02:66:00:00:00:01) gives addresses here too: router 10.98.0.66',
    )
    move(12 * 60_000)
    expect(events.map(({ kind }) => kind)).toEqual([
      'dhcp.foreign-server',
      'dhcp.foreign-server-gone',
    ])
    expect(trouble()).toBeUndefined()
  })

  it('takes the other server for granted beside a proxy, and misses it where there is none', async () => {
    const { watch, move, offer, events, trouble } = watching('proxy')
    await watch.start()
    move(11_000)
    expect(trouble()).toContain('nobody gives addresses here')
    offer()
    move(1_000)
    expect(events).toHaveLength(1)
    expect(trouble()).toBeUndefined()
  })

  it('says that it is deaf where it has no socket, and still hears clients choose', async () => {
    const { watch, trouble, events, bound } = watching('authoritative', { mayOpen: false })
    await watch.start()
    expect(bound).toEqual([])
    expect(trouble()).toContain('no socket on port 68 of br0 was handed in')
    watch.choice(THEM)
    expect(events).toMatchObject([{ kind: 'dhcp.foreign-server', body: { server: THEM } }])
    watch.stop()
    expect(trouble()).toBeUndefined()
  })
})
