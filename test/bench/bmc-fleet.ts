/**
 * `bmc-fleet.ts COUNT`: so many virtual BMCs in a process of their own, so that what they cost is not
 * counted as the client's. Prints their ports as JSON and runs until its input ends.
 */
import { obedientHost } from '@brickyard/sim/obedient-host'
import { loopbackBmc } from '../interop/ipmi-rig.ts'

const count = Number(process.argv[2] ?? '1')
const { host, seen } = obedientHost()
seen.power = 'on'
const bmcs = []
for (let n = 0; n < count; n++) bmcs.push(await loopbackBmc(host))
console.log(JSON.stringify(bmcs.map((bmc) => bmc.address.port)))
process.stdin.resume()
process.stdin.on('end', () => process.exit(0))
