/** The agent's side of the boot storm: the real agent on DEVICE. */
import { stormRack } from './boot-storm-rack.ts'
import { serveRack } from './serve-rack.ts'

await serveRack(stormRack(process.argv[2] ?? 'eth0'))
