import { setFlagsFromString } from 'node:v8'
import { runInNewContext } from 'node:vm'
import { MiB, Minutes } from '@brickyard/std/units'
import { expect, it } from 'vitest'
import { ip, NETWORK, requestFrom, startDhcp, strangerMac, US } from './dhcp-rig.ts'

/** Leases that end while the flood goes on: each address is had by one machine after the other. */
const network = {
  ...NETWORK,
  pool: { first: ip('10.98.0.100'), last: ip('10.98.0.199') },
  leaseSeconds: 60,
}
const WARM_UP = 5_000
const INVENTED = 20_000
/** Half of what a hundred bytes for each machine would be. */
const GROWTH_BYTES_MAX = MiB(1)
/** Seconds of work; a busy machine needs longer. */
const TIMEOUT_MS = Minutes(2)
/** So many share a lease time: the pool is used up, and over. */
const AT_A_TIME = 100

function usedBytes(): number {
  setFlagsFromString('--expose-gc')
  const collect = runInNewContext('gc') as () => void
  collect()
  return process.memoryUsage().heapUsed
}

it(
  'twenty thousand invented machines after five thousand others take no memory',
  { timeout: TIMEOUT_MS },
  async () => {
    const { hear, sent, move, events, server } = await startDhcp({ network })
    let obtained = 0
    const flood = (from: number, to: number): void => {
      for (let n = from; n < to; n++) {
        const mac = strangerMac(n)
        hear(67, requestFrom(mac, { messageType: 'discover' }))
        move(5)
        const requestedAddress = sent.at(-1)?.packet?.yiaddr
        if (requestedAddress !== undefined) {
          hear(67, requestFrom(mac, { messageType: 'request', requestedAddress, serverId: US }))
          obtained += 1
        }
        if (n % AT_A_TIME === 0) move(network.leaseSeconds * 1000)
        sent.length = 0
        events.length = 0
      }
    }
    flood(0, WARM_UP)
    const before = usedBytes()
    flood(WARM_UP, WARM_UP + INVENTED)
    expect(usedBytes() - before).toBeLessThan(GROWTH_BYTES_MAX)
    expect(obtained).toBeGreaterThan((WARM_UP + INVENTED) / 2)
    expect(server.leases().length).toBeLessThanOrEqual(100)
  },
)
