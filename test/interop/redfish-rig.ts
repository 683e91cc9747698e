import { createServer, type Server } from 'node:https'
import type { AddressInfo } from 'node:net'
import { getRequestListener } from '@hono/node-server'
import type { Bmc } from '@brickyard/bmc/bmc'
import { connectBmc } from '@brickyard/bmc/connect'
import { inMemorySessions } from '@brickyard/redfish/session-memory'
import { systemClock } from '@brickyard/runtime/node/clock'
import { nodeHttpClient } from '@brickyard/runtime/node/http'
import { nodeIdentity } from '@brickyard/runtime/node/identity'
import { systemRandom } from '@brickyard/runtime/node/random'
import { createRedfishFace, type RedfishFace } from '@brickyard/sim/redfish-face'
import { REDFISH_PERSONAS, type RedfishPersonaName } from '@brickyard/sim/redfish-persona'
import { obedientHost } from '@brickyard/sim/obedient-host'
import { LOOPBACK, PORTS } from './ipmi-rig.ts'

export const USER = 'admin'
export const PASSWORD = 'secret-secret'

export const IDENTITY = {
  manufacturer: 'Brickworks',
  model: 'O19 half-width',
  serial: 'SL-000777',
  partNumber: 'O19-H',
  assetTag: 'asset-12',
  uuid: '33221100-5544-7766-8899-aabbccddeeff',
  macs: ['02:00:00:00:07:01'],
  bmcMac: '02:00:00:00:07:ff',
  bmcAddress: '127.0.0.1',
}

export interface LoopbackRedfish extends ReturnType<typeof obedientHost> {
  readonly face: RedfishFace
  readonly port: number
  /** SHA-256 of the key it shows, as clients pin it. */
  readonly spkiSha256: string
  /** Our driver on it, over TLS, by the pin of its key. */
  client(): Bmc
  close(): Promise<void>
}

/** A virtual BMC's Redfish face behind TLS on loopback, with a certificate it signed itself. */
export async function loopbackRedfish(persona: RedfishPersonaName): Promise<LoopbackRedfish> {
  const { certPem, keyPem } = await nodeIdentity.newAuthority('virtual BMC', 10)
  const { spkiSha256 } = nodeIdentity.describe(certPem)
  const remembering = obedientHost()
  const face = createRedfishFace({
    clock: systemClock,
    random: systemRandom,
    host: remembering.host,
    persona: REDFISH_PERSONAS[persona],
    identity: IDENTITY,
    users: [{ name: USER, password: PASSWORD }],
  })
  const answer = getRequestListener(async (request) =>
    face.handler(request, { address: '127.0.0.1', port: 0 }),
  )
  const server: Server = createServer({ cert: certPem, key: keyPem }, (request, response) => {
    void answer(request, response)
  })
  await new Promise<void>((resolve) => void server.listen(0, '127.0.0.1', resolve))
  const { port } = server.address() as AddressInfo
  const http = nodeHttpClient()
  return {
    ...remembering,
    face,
    port,
    spkiSha256,
    client: () =>
      connectBmc(
        { protocol: 'redfish', address: LOOPBACK, port, user: USER, spkiSha256 },
        PASSWORD,
        {
          ...PORTS,
          http,
          redfishSessions: inMemorySessions(),
        },
      ),
    async close() {
      await http.close()
      server.closeAllConnections()
      await new Promise((resolve) => server.close(resolve))
    },
  }
}
