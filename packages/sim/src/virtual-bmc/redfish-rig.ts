import type { Bmc } from '@brickyard/bmc/bmc'
import { createRedfishBmc } from '@brickyard/bmc/redfish/redfish-bmc'
import { createRedfishSession } from '@brickyard/bmc/redfish/redfish-session'
import { Ipv4 } from '@brickyard/model/ipv4'
import { inMemorySessions } from '@brickyard/redfish/session-memory'
import { Minutes } from '@brickyard/std/units'
import { seededRandom } from '../seeded-random.ts'
import { virtualClock } from '../virtual-clock.ts'
import { virtualHttp } from '../virtual-http.ts'
import { virtualNetwork } from '../virtual-network.ts'
import { obedientHost } from './obedient-host.ts'
import { createRedfishFace } from './redfish-face.ts'
import {
  REDFISH_PERSONAS,
  type RedfishPersona,
  type RedfishPersonaName,
} from './redfish-persona.ts'

const SEGMENT = 'management'
const BMC_ADDRESS = '10.0.9.11'
export const USER = 'admin'
export const PASSWORD = 'secret-secret'

export const IDENTITY = {
  manufacturer: 'Brickworks',
  model: 'O19 half-width',
  serial: 'SL-777',
  partNumber: 'O19-H',
  assetTag: 'A-1',
  uuid: '33221100-5544-7766-8899-aabbccddeeff',
  macs: ['02:00:00:00:07:01', '02:00:00:00:07:02'],
  bmcMac: '02:00:00:00:07:ff',
  bmcAddress: BMC_ADDRESS,
}

/** An agent's end and a virtual BMC's Redfish face on one simulated wire, in virtual time. */
export function redfishRig(
  personaName: RedfishPersonaName = 'plain',
  options: { readonly sessionsMax?: number; readonly persona?: RedfishPersona } = {},
) {
  const clock = virtualClock()
  const random = seededRandom('redfish')
  const network = virtualNetwork(clock, random.fork('network'))
  const web = virtualHttp(network)
  const agent = network.host('agent')
  agent.attach({ interface: 'eth0', segment: SEGMENT, address: '10.0.9.1' })
  const sled = network.host('sled')
  sled.attach({ interface: 'bmc0', segment: SEGMENT, address: BMC_ADDRESS })
  network.setSegment(SEGMENT, {})
  const { host, seen } = obedientHost()
  const users = [{ name: USER, password: PASSWORD }]
  const face = createRedfishFace({
    clock,
    random: random.fork('bmc'),
    host,
    persona: REDFISH_PERSONAS[personaName],
    identity: IDENTITY,
    users,
    ...options,
  })
  web.listen(sled, 443, face.handler)
  const address = Ipv4.parse(BMC_ADDRESS)
  if (!address.ok) throw new Error(address.error)
  const declaration = {
    protocol: 'redfish',
    address: address.value,
    port: 443,
    user: USER,
  } as const
  const remembered = inMemorySessions()
  const ports = { http: web.client(agent), clock, redfishSessions: remembered }
  const session = (password = PASSWORD) => createRedfishSession(declaration, password, ports)
  const client = (password = PASSWORD): Bmc => createRedfishBmc(session(password))
  /** Lets virtual time pass until `promise` settles. */
  async function settled<T>(promise: Promise<T>): Promise<T> {
    let done: { readonly value: T } | undefined
    void promise.then((value) => (done = { value }))
    await clock.runUntil(() => done !== undefined, Minutes(200))
    if (done === undefined) throw new Error('not settled after 200 minutes')
    return done.value
  }
  const { http } = ports
  return {
    clock,
    network,
    web,
    http,
    declaration,
    face,
    seen,
    session,
    client,
    settled,
    remembered,
  }
}

export const faultKind = (kind: string) => ({ ok: false, error: { kind } })
