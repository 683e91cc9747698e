import type { ChildProcess } from 'node:child_process'
import { noCloudSeed, SEED_FILES } from '@brickyard/netboot/nocloud'
import { Mac } from '@brickyard/model/mac'
import { Minutes } from '@brickyard/std/units'
import { within } from './checks.ts'
import { startDnsmasq } from './dnsmasq.ts'
import { FloorServer } from './floor-server.ts'
import { type Phases, phasesOf } from './phases.ts'
import type { PreparedFiles } from './prepared-files.ts'
import type { QemuSled } from './qemu-sled.ts'
import { RIG, startRouterAdvertisements } from './rig-network.ts'

/** Longest installation we wait for; under emulation on a busy machine one takes three minutes. */
const FLOOR_LIMIT_MS = Minutes(8)

export interface FloorRun {
  readonly files: PreparedFiles
  readonly sled: QemuSled
  readonly folder: string
  /** False: dnsmasq as found, without router advertisements. */
  readonly tuned: boolean
}

/**
 * One installation by dnsmasq and fixed answers, from power on to the installed OS's call. The sled
 * is off before and after, its disk is new.
 */
export async function runFloor({ files, sled, folder, tuned }: FloorRun): Promise<Phases> {
  const { mac, firmware, name } = sled.hardware
  sled.emptyDisk()
  const children: ChildProcess[] = [startDnsmasq(folder, tuned)]
  if (tuned) children.push(startRouterAdvertisements(folder))
  const server = new FloorServer(files, KERNEL_ARGUMENTS)
  await server.listen(RIG.agentAddress, 80)
  try {
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
    const done = server.expect(
      mac,
      {
        kind: 'provision',
        architecture: 'x86_64',
        firmwareMode: firmware,
        image: files.facts,
        seedFiles: SEED_FILES,
        diskSerial: '',
      },
      seed,
    )
    const startMs = Date.now()
    sled.bootOnce('network')
    sled.powerOn()
    const marks = await within(FLOOR_LIMIT_MS, `the floor on ${name}`, done)
    return phasesOf(startMs, { ...marks }, server.planOf(mac)?.history ?? [])
  } finally {
    await sled.powerOff()
    server.close()
    for (const child of children) child.kill()
  }
}

/** The same for the floor and for us, or the comparison would be one of arguments. */
export const KERNEL_ARGUMENTS = 'quiet console=ttyS0'
