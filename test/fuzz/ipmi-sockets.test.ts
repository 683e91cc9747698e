import { createIpmiSession } from '@brickyard/bmc/ipmi/ipmi-session'
import { chassisStatusRequest } from '@brickyard/ipmi/commands/chassis-status'
import { systemClock } from '@brickyard/runtime/node/clock'
import { systemRandom } from '@brickyard/runtime/node/random'
import { nodeUdp } from '@brickyard/runtime/node/udp'
import type { UdpAddress } from '@brickyard/runtime/udp'
import { afterEach, expect, it } from 'vitest'
import { obedientHost } from '@brickyard/sim/obedient-host'
import { LOOPBACK, loopbackBmc, PASSWORD, USER } from '../interop/ipmi-rig.ts'
import {
  bombard,
  FUZZ_DATAGRAMS,
  FUZZ_SEED,
  FUZZ_TIMEOUT_MS,
  GROWTH_BYTES_MAX,
  mangled,
  oneOf,
  random,
  watched,
} from './fuzz-run.ts'

/** Of each side's packets, the last ones are what is mangled and said again. */
const REMEMBERED = 64
const TIMING = { attemptTimeoutsMs: [20, 40, 80], requestTimeoutMs: 1000 }
/** What is forged into a login costs that login, as nothing seals it; the next ones must succeed. */
const ASKS_MAX = 20

/** Stands between the console and the BMC: passes all on, and says what it likes. */
async function openWire(bmc: UdpAddress) {
  const front = await nodeUdp.bind({ address: LOOPBACK, port: 0 })
  const back = await nodeUdp.bind({ address: LOOPBACK, port: 0 })
  const [fromConsole, fromBmc]: [Uint8Array[], Uint8Array[]] = [[], []]
  let client: UdpAddress | undefined
  let remembers = true
  const remember = (list: Uint8Array[], datagram: Uint8Array): void => {
    if (remembers) list.push(datagram)
    if (list.length > REMEMBERED) list.shift()
  }
  front.onDatagram((datagram, from) => {
    client = from
    remember(fromConsole, datagram)
    back.send(datagram, bmc)
  })
  back.onDatagram((datagram) => {
    remember(fromBmc, datagram)
    if (client !== undefined) front.send(datagram, client)
  })
  return {
    address: front.local,
    /** While nothing is forged: what the two say is remembered. */
    remember(does: boolean) {
      remembers = does
    },
    forge() {
      const toBmc = random.below(2) === 0
      const packet = mangled(oneOf(toBmc ? fromConsole : fromBmc))
      if (toBmc) back.send(packet, bmc)
      else if (client !== undefined) front.send(packet, client)
    },
    close() {
      front.close()
      back.close()
    },
  }
}

const ends: (() => void | Promise<void>)[] = []
afterEach(async () => {
  for (const end of ends.splice(0)) await end()
})

it(
  `IPMI's sockets live through ${FUZZ_DATAGRAMS} datagrams on both sides (seed ${FUZZ_SEED})`,
  { timeout: FUZZ_TIMEOUT_MS },
  async () => {
    const watch = watched(nodeUdp)
    const bmc = await loopbackBmc(obedientHost().host, undefined, { udp: watch.udp })
    const wire = await openWire(bmc.address)
    const console = createIpmiSession(
      { protocol: 'ipmi', ...wire.address, address: LOOPBACK, user: USER, cipherSuite: 17 },
      PASSWORD,
      { udp: watch.udp, clock: systemClock, random: systemRandom },
      TIMING,
    )
    const ask = async (): Promise<boolean> => (await console.ask(chassisStatusRequest())).ok
    /** Asks until it is answered, then once more, which the next forged packets will disturb. */
    let [disturbed, talks] = [Promise.resolve(true), 0]
    const talk = async (): Promise<void> => {
      await disturbed
      wire.remember(true)
      let answered = await ask()
      for (let n = 1; !answered && n < ASKS_MAX; n++) answered = await ask()
      expect(answered).toBe(true)
      wire.remember(false)
      disturbed = ask()
      talks += 1
    }
    ends.push(
      () => console.close(),
      () => wire.close(),
      () => bmc.close(),
    )
    await talk()
    const grownBytes = await bombard(watch.heard, wire.forge, talk)
    await talk()
    expect(watch.slow).toEqual([])
    expect(grownBytes).toBeLessThan(GROWTH_BYTES_MAX)
    expect(talks).toBeGreaterThan(2)
  },
)
