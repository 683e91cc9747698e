import type { ChildProcess } from 'node:child_process'
import { noCloudSeed, SEED_FILES } from '@brickyard/netboot/nocloud'
import { Mac } from '@brickyard/model/mac'
import { Minutes } from '@brickyard/std/units'
import { within } from './checks.ts'
import { startDnsmasq } from './dnsmasq.ts'
import { type FloorPhases, FloorServer } from './floor-server.ts'
import { type Phases, phasesOf } from './phases.ts'
import type { PreparedFiles } from './prepared-files.ts'
import type { QemuSled, SledHardware } from './qemu-sled.ts'
import { RIG, startRouterAdvertisements } from './rig-network.ts'

/** Longest installation we wait for; under emulation on a busy machine two take five minutes. */
const FLOOR_LIMIT_MS = Minutes(12)

export interface FloorRun {
  readonly files: PreparedFiles
  readonly sleds: readonly QemuSled[]
  readonly folder: string
  /** False: dnsmasq as found, without router advertisements. */
  readonly tuned: boolean
}

/**
 * Installations side by side by dnsmasq and fixed answers, each from the power on of all to the call
 * of the installed OS. The sleds are off before and after, their disks are new. Gives the phases by
 * the sled's name; the sled's `onReset` sees what was written, as it does for ours.
 */
export async function runFloor(run: FloorRun): Promise<Map<string, Phases>> {
  const { files, sleds, folder, tuned } = run
  for (const sled of sleds) sled.emptyDisk()
  const children: ChildProcess[] = [startDnsmasq(folder, tuned)]
  if (tuned) children.push(startRouterAdvertisements(folder))
  const server = new FloorServer(files, KERNEL_ARGUMENTS)
  await server.listen(RIG.agentAddress, 80)
  try {
    const calls = sleds.map((sled) => expectOne(server, sled.hardware, files))
    const startMs = Date.now()
    for (const sled of sleds) {
      sled.bootOnce('network')
      sled.powerOn()
    }
    const marks = await within(FLOOR_LIMIT_MS, 'the floor', Promise.all(calls))
    return new Map(
      sleds.map(({ hardware: { name, mac } }, index) => {
        const history = server.planOf(mac)?.history ?? []
        return [name, phasesOf(startMs, { ...marks[index] }, history)]
      }),
    )
  } finally {
    await Promise.all(sleds.map((sled) => sled.powerOff()))
    server.close()
    for (const child of children) child.kill()
  }
}

function expectOne(
  server: FloorServer,
  { name, mac, firmware }: SledHardware,
  files: PreparedFiles,
): Promise<FloorPhases> {
  const parsedMac = Mac.parse(mac)
  if (!parsedMac.ok) throw new Error(parsedMac.error)
  const seed = noCloudSeed({
    instanceId: `floor-${name}-${Date.now()}`,
    hostname: name,
    sshKeys: [],
    userData: undefined,
    phoneHomeUrl: `http://${RIG.agentAddress}/phone-home/${mac.replaceAll(':', '-')}`,
    macs: [parsedMac.value],
  })
  return server.expect(
    mac,
    {
      kind: 'provision',
      architecture: 'x86_64',
      firmwareMode: firmware,
      secureBoot: false,
      image: files.facts,
      seedFiles: SEED_FILES,
      diskSerial: '',
    },
    seed,
  )
}

/** The same for the floor and for us, or the comparison would be one of arguments. */
export const KERNEL_ARGUMENTS = 'quiet console=ttyS0'
