import { execFile } from 'node:child_process'
import { connectBmc } from '@brickyard/bmc/connect'
import type { Bmc } from '@brickyard/bmc/bmc'
import type { CipherSuiteId } from '@brickyard/ipmi/cipher-suite'
import type { NextBoot } from '@brickyard/bmc/boot'
import { Ipv4 } from '@brickyard/model/ipv4'
import { systemClock } from '@brickyard/runtime/node/clock'
import { systemRandom } from '@brickyard/runtime/node/random'
import { nodeUdp } from '@brickyard/runtime/node/udp'
import type { UdpBind } from '@brickyard/runtime/udp'
import {
  createVirtualBmc,
  type VirtualBmc,
  type VirtualBmcOptions,
} from '@brickyard/sim/virtual-bmc'
import type { VirtualHost } from '@brickyard/sim/virtual-host'
import { fromHex } from '@brickyard/std/hex'

export const PORTS = { udp: nodeUdp, clock: systemClock, random: systemRandom }
export const USER = 'admin'
export const PASSWORD = 'secret'
export const parseAddress = (text: string): Ipv4 => mustBe(Ipv4.parse(text))
export const LOOPBACK = parseAddress('127.0.0.1')

/** On the wire least significant byte first, as IPMI 2.0 §20.8 says. */
export const GUID = mustBe(fromHex('a123456789abcdefa123456789abcdef'))

export const FRU = {
  chassis: { type: 0x17, partNumber: 'CAGE-HW', serial: 'CH-0001' },
  board: { manufacturer: 'Brickworks', product: 'BW-B1', serial: 'BD-0042', partNumber: 'BP-7' },
  product: {
    manufacturer: 'Brickworks',
    product: 'O19 half-width',
    partNumber: 'O19-H',
    version: '2',
    serial: 'SL-000777',
    assetTag: 'asset-12',
  },
}

function mustBe<T>(
  result: { readonly ok: true; readonly value: T } | { readonly ok: false; readonly error: string },
): T {
  if (!result.ok) throw new Error(result.error)
  return result.value
}

/** A virtual BMC on loopback, on a free port unless told otherwise. */
export const loopbackBmc = (
  host: VirtualHost,
  bind: UdpBind = { address: LOOPBACK, port: 0 },
  more: Partial<VirtualBmcOptions> = {},
): Promise<VirtualBmc> =>
  createVirtualBmc({
    ...PORTS,
    bind,
    users: [
      { name: USER, password: PASSWORD, privilege: 'administrator' },
      { name: 'guest', password: 'guest', privilege: 'user' },
    ],
    guid: GUID,
    fru: FRU,
    cipherSuites: [3, 17],
    host,
    firmware: { major: 2, minor: 14 },
    manufacturerId: 10876,
    productId: 2137,
    ...more,
  })

/** Our client to a BMC on loopback. */
export const ourClient = (
  port: number,
  cipherSuite: CipherSuiteId,
  password = PASSWORD,
  user = USER,
): Bmc =>
  connectBmc({ protocol: 'ipmi', address: LOOPBACK, port, user, cipherSuite }, password, PORTS)

export const NETWORK_ONCE_UEFI: NextBoot = { device: 'network', persistent: false, efi: true }

export interface Ran {
  readonly code: number
  readonly output: string
}

/** Runs a foreign program to its end, at most 20 seconds; standard output and error together. */
export const run = (program: string, args: readonly string[]): Promise<Ran> =>
  new Promise((resolve) => {
    execFile(program, args, { timeout: 20_000 }, (error, stdout, stderr) => {
      const code = error === null ? 0 : typeof error.code === 'number' ? error.code : -1
      resolve({ code, output: stdout + stderr })
    })
  })
