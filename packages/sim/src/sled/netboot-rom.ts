import type { DhcpOptions } from '@brickyard/dhcp/options'
import { sleep } from '@brickyard/runtime/clock'
import { readBody } from '@brickyard/runtime/http'
import { err, ok, type Result } from '@brickyard/std/result'
import { MiB, Seconds } from '@brickyard/std/units'
import { acquireLease, type Lease } from './dhcp-client.ts'
import { uuidOnTheWire } from './hardware.ts'
import { runIpxeScript, type ScriptEnd } from './ipxe-script-runner.ts'
import type { SledLife } from './sled-life.ts'
import { fetchByTftp } from './tftp-client.ts'

/** RFC 4578 §2.1. */
const ARCH_CODES = { bios: 0, uefi: 7 } as const
const ARM64_UEFI = 11
const DOWNLOAD_BYTES_MAX = MiB(512)
const SCRIPT_BYTES_MAX = 65_536
/** A script that chains to another more often than this goes round in a ring. */
const CHAINS_MAX = 50

/**
 * Boots from the network as a PXE ROM and then iPXE do: DHCP with options 60, 93, 94 and 97, the
 * loader by TFTP, DHCP again as iPXE, the script by HTTP.
 */
export async function bootFromNetwork(
  life: SledLife,
): Promise<Result<Exclude<ScriptEnd, { kind: 'chain' }>>> {
  const { hardware } = life
  const arch = hardware.architecture === 'aarch64' ? ARM64_UEFI : ARCH_CODES[hardware.firmwareMode]
  const firmware: DhcpOptions = {
    vendorClass: `PXEClient:Arch:${String(arch).padStart(5, '0')}:UNDI:003016`,
    clientArchitectures: [arch],
    clientInterface: { type: 1, major: 3, minor: 16 },
    clientUuid: uuidOnTheWire(hardware.uuid),
  }
  const first = await lease(life, firmware)
  if (!first.ok) return first
  const { bootFile, nextServer, serverId, options } = first.value
  if (bootFile === '') return err('PXE-E53: no boot file name received')
  // Firmware takes option 66 before siaddr, and the server itself where neither is there.
  const named = options.tftpServerName ?? ''
  const server = /^[\d.]+$/.test(named) ? named : nextServer === '0.0.0.0' ? serverId : nextServer
  const loader = await fetchByTftp(life, life.interface, server, bootFile)
  if (!loader.ok) return err(`PXE-E: ${loader.error}`)
  life.show(`loaded ${bootFile}, ${loader.value.length} bytes`)

  const asIpxe: DhcpOptions = {
    ...firmware,
    userClasses: ['iPXE'],
    // Features of the build: http (19) and bzImage (24), each with value 1.
    ipxeFeatures: Uint8Array.of(19, 1, 1, 24, 1, 1),
  }
  const second = await lease(life, asIpxe)
  if (!second.ok) return second
  if (!second.value.bootFile.startsWith('http')) return err('iPXE: no script was named')
  return chain(life, second.value.bootFile)
}

async function chain(
  life: SledLife,
  firstUrl: string,
): Promise<Result<Exclude<ScriptEnd, { kind: 'chain' }>>> {
  let url = firstUrl
  for (let hop = 0; hop < CHAINS_MAX; hop++) {
    life.stage('script')
    const script = await get(life, url, SCRIPT_BYTES_MAX)
    if (!script.ok) return script
    const end = await runIpxeScript(Buffer.from(script.value).toString('utf8'), {
      echo: (text) => life.show(text),
      download: async (file) => (await get(life, file, DOWNLOAD_BYTES_MAX)).ok,
      sleep: (seconds) => sleep(life.clock, Seconds(seconds)),
      diskBoots: () => life.installedSystem() !== undefined,
    })
    if (!end.ok) return end
    if (end.value.kind !== 'chain') return ok(end.value)
    url = end.value.url
  }
  return err('iPXE: too many scripts chained')
}

async function lease(life: SledLife, identity: DhcpOptions): Promise<Result<Lease>> {
  life.stage('dhcp')
  const [mac] = life.hardware.macs
  if (mac === undefined) return err('no NIC')
  const got = await acquireLease(life, life.interface, mac, identity)
  if (!got.ok) return err(`PXE-E51: ${got.error}`)
  life.setAddress(got.value.address, got.value.prefixLength)
  life.noteLease(got.value)
  return got
}

async function get(life: SledLife, url: string, bytesMax: number): Promise<Result<Uint8Array>> {
  const answer = await life.http.request({ method: 'GET', url })
  if (!answer.ok) return err(`iPXE: ${answer.error.message}`)
  try {
    const body = await readBody(answer.value.body, bytesMax)
    if (answer.value.status !== 200) return err(`iPXE: ${url}: HTTP ${answer.value.status}`)
    return ok(body)
  } catch (error) {
    return err(`iPXE: ${url}: ${error instanceof Error ? error.message : String(error)}`)
  }
}
