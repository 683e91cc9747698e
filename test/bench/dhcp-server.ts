/** The agent's side of the DHCP bench: the real agent on DEVICE, with room for 50 000 machines. */
import { LOAD_NETWORK, loadRack } from './dhcp-load.ts'
import { serveRack } from './serve-rack.ts'

await serveRack(loadRack(process.argv[2] ?? LOAD_NETWORK.interface))
