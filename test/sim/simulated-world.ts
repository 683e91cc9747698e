import { type SeededRandom, seededRandom } from '@brickyard/sim/seeded-random'
import { type VirtualClock, virtualClock } from '@brickyard/sim/virtual-clock'
import { type VirtualHttp, virtualHttp } from '@brickyard/sim/virtual-http'
import { type VirtualNetwork, virtualNetwork } from '@brickyard/sim/virtual-network'
import { type VirtualWebSockets, virtualWebSockets } from '@brickyard/sim/virtual-websocket'

/** Time, chance and network of one run: the same seed gives the same run. */
export interface SimulatedWorld {
  readonly seed: string
  readonly clock: VirtualClock
  readonly random: SeededRandom
  readonly network: VirtualNetwork
  readonly http: VirtualHttp
  readonly sockets: VirtualWebSockets
}

export function simulatedWorld(seed: string): SimulatedWorld {
  const clock = virtualClock()
  const random = seededRandom(seed)
  const network = virtualNetwork(clock, random.fork('network'))
  const http = virtualHttp(network)
  return { seed, clock, random, network, http, sockets: virtualWebSockets(network, http) }
}

/** Runs `work` while time passes, and gives what it came to; fails when `limitMs` is not enough. */
export async function whileTimePasses<T>(
  { clock, seed }: SimulatedWorld,
  work: Promise<T>,
  limitMs: number,
): Promise<T> {
  let over = false
  const watched = work.finally(() => {
    over = true
  })
  watched.catch(() => undefined)
  if (!(await clock.runUntil(() => over, limitMs))) {
    throw new Error(`seed ${seed}: it did not end within ${limitMs} ms of virtual time`)
  }
  return watched
}
