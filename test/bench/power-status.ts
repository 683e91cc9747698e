import { performance } from 'node:perf_hooks'
import type { Bmc } from '@brickyard/bmc/bmc'
import { obedientHost } from '@brickyard/sim/obedient-host'
import { loopbackBmc, ourClient, PASSWORD, run as spawn, USER } from '../interop/ipmi-rig.ts'
import { programPath } from '../needs.ts'
import { median, smallerIsBetter, type BenchRow } from './row.ts'

const SUITE = 17
const IPMITOOL = programPath('ipmitool')
const WARM_UP_CALLS = 30
const OUR_CALLS = 300
/** Each spawn takes tens of milliseconds. */
const PEER_CALLS = 60
/** As many BMCs as a rack of half-width sleds holds are asked at once. */
const TOGETHER = 24

/** Milliseconds of each of `calls` runs of `work`, one after the other. */
async function timed(calls: number, work: () => Promise<void>): Promise<number[]> {
  const taken: number[] = []
  for (let n = 0; n < calls; n++) {
    const begunMs = performance.now()
    await work()
    taken.push(performance.now() - begunMs)
  }
  return taken
}

async function readOnce(client: Bmc): Promise<void> {
  const power = await client.power.read()
  if (!power.ok) throw new Error(power.error.message)
}

/** One reading by a spawned ipmitool. */
async function peer(port: number): Promise<void> {
  const login = `-I lanplus -C ${SUITE} -H 127.0.0.1 -p ${port} -U ${USER} -P ${PASSWORD}`
  const args = [...login.split(' '), 'chassis', 'power', 'status']
  const { code, output } = await spawn(IPMITOOL ?? 'ipmitool', args)
  if (code !== 0) throw new Error(`ipmitool failed: ${output}`)
}

/**
 * Power status by our client and by spawning ipmitool, both against the virtual BMC of this process
 * (cipher suite 17), in one run.
 */
export async function run(): Promise<readonly BenchRow[]> {
  const { host } = obedientHost()
  const bmc = await loopbackBmc(host)
  const { port } = bmc.address
  const kept = ourClient(port, SUITE)
  const whole = async (): Promise<void> => {
    const client = ourClient(port, SUITE)
    await readOnce(client)
    await client.close()
  }
  try {
    await timed(WARM_UP_CALLS, () => readOnce(kept))
    await timed(WARM_UP_CALLS, whole)
    const keptMs = median(await timed(OUR_CALLS, () => readOnce(kept)))
    const wholeMs = median(await timed(OUR_CALLS, whole))
    const peerMs = IPMITOOL === undefined ? null : median(await timed(PEER_CALLS, () => peer(port)))
    const row = { bench: 'power-status', unit: 'ms', peer: peerMs, peerName: 'spawned ipmitool' }
    return [
      smallerIsBetter({ ...row, metric: 'one reading, session kept (median)', ours: keptMs }),
      smallerIsBetter({ ...row, metric: 'one reading with its login (median)', ours: wholeMs }),
      await rackRow(),
    ]
  } finally {
    await kept.close()
    bmc.close()
  }
}

/** A whole rack asked at once: how long until the last sled has answered. */
async function rackRow(): Promise<BenchRow> {
  const { host } = obedientHost()
  const bmcs = await Promise.all(Array.from({ length: TOGETHER }, () => loopbackBmc(host)))
  const clients = bmcs.map((bmc) => ourClient(bmc.address.port, SUITE))
  const all = async (): Promise<void> => void (await Promise.all(clients.map(readOnce)))
  const peers = async (): Promise<void> =>
    void (await Promise.all(bmcs.map((bmc) => peer(bmc.address.port))))
  try {
    await all()
    const ours = median(await timed(20, all))
    return smallerIsBetter({
      bench: 'power-status',
      metric: `${TOGETHER} sleds at once, sessions kept (median of the slowest)`,
      unit: 'ms',
      ours,
      peer: IPMITOOL === undefined ? null : median(await timed(3, peers)),
      peerName: 'spawned ipmitool',
    })
  } finally {
    await Promise.all(clients.map((client) => client.close()))
    for (const bmc of bmcs) bmc.close()
  }
}
