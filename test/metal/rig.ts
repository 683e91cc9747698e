import { randomBytes } from 'node:crypto'
import { openBmc } from './bmc-host.ts'
import { tailOf } from './logged-process.ts'
import type { PreparedFiles } from './prepared-files.ts'
import { QemuSled } from './qemu-sled.ts'
import { LATE_SLEDS, RIG_SLEDS, type RigSled } from './rig-sleds.ts'

/** The rack as it stands: sleds, BMCs with their passwords, and the files that all of it needs. */
export interface Rig {
  readonly folder: string
  readonly files: PreparedFiles
  readonly sleds: readonly QemuSled[]
  /** Declared one by one when `sleds` are done. */
  readonly lateSleds: readonly QemuSled[]
  /** How `sleds` are declared. */
  readonly rackSleds: readonly RigSled[]
  readonly bmcPasswords: ReadonlyMap<string, string>
  consoles(): string
  close(): Promise<void>
}

/** IPMI 2.0 takes 20 bytes. */
const BMC_PASSWORD_BYTES = 12

export async function openRig(
  folder: string,
  files: PreparedFiles,
  accelerator: string,
): Promise<Rig> {
  const bmcPasswords = new Map<string, string>()
  const rack = await Promise.all(
    [...RIG_SLEDS, ...LATE_SLEDS].map(async (hardware) => {
      const sled = new QemuSled(hardware, folder, accelerator)
      const password = randomBytes(BMC_PASSWORD_BYTES).toString('base64url')
      bmcPasswords.set(hardware.name, password)
      return { sled, bmc: await openBmc(hardware, sled, password) }
    }),
  )
  const all = rack.map(({ sled }) => sled)
  const sleds = all.slice(0, RIG_SLEDS.length)
  return {
    folder,
    files,
    sleds,
    lateSleds: all.slice(RIG_SLEDS.length),
    rackSleds: RIG_SLEDS,
    bmcPasswords,
    consoles: () =>
      all
        .map((sled) => {
          const power = sled.isOn ? 'on' : 'off'
          return `--- console of ${sled.hardware.name} (${power}, ${sled.starts} starts)\n${tailOf(sled.consolePath)}`
        })
        .join('\n'),
    async close() {
      await Promise.all(all.map((sled) => sled.powerOff()))
      for (const { bmc } of rack) bmc.close()
    },
  }
}

/** The QEMU process of a sled that is declared late. */
export function lateSled(rig: Rig, { name }: RigSled): QemuSled {
  const sled = rig.lateSleds.find(({ hardware }) => hardware.name === name)
  if (sled === undefined) throw new Error(`${name} is not in the rig`)
  return sled
}
