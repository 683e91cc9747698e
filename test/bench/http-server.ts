/** The agent's boot HTTP listener in a process of its own, for the bench: ADDRESS PORT FOLDER. */
import { join } from 'node:path'
import { openAsset } from '@brickyard/agent/netboot/asset'
import { rangeResponse } from '@brickyard/agent/netboot/range-response'
import { listenHttp } from '@brickyard/agent/node/http-listener'
import { nodeFiles } from '@brickyard/runtime/node/files'

const [host = '127.0.0.1', port = '80', folder = '.'] = process.argv.slice(2)
/** The store knows the hash of an image from its name; hashing a gigabyte is not what is measured. */
const KNOWN_SHA256 = '0'.repeat(64)
await listenHttp(
  async (request) => {
    const name = new URL(request.url).pathname.slice(1)
    const asset = await openAsset(nodeFiles, join(folder, name), KNOWN_SHA256)
    return asset.ok ? rangeResponse(request, asset.value) : new Response(null, { status: 404 })
  },
  { host, port: Number(port) },
)
console.log('ready')
process.once('SIGTERM', () => process.exit(0))
