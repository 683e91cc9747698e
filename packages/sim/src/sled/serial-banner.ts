import { GiB } from '@brickyard/std/units'
import type { SledHardware } from './hardware.ts'

/** What the firmware of a server says on its serial line while it tests itself. */
export function firmwareBanner(hardware: SledHardware): readonly string[] {
  const { maker, model, serial, biosVendor, biosVersion, biosDate, cpuModel, memoryBytes } =
    hardware
  return [
    '',
    `${biosVendor} BIOS ${biosVersion} ${biosDate} (simulated)`,
    `${maker} ${model}, serial ${serial}`,
    `CPU: ${cpuModel}, ${hardware.cpuCount} threads`,
    `Memory test: ${Math.round(memoryBytes / GiB(1))} GiB OK`,
    ...hardware.macs.map((mac, n) => `NIC ${n + 1}: ${mac}`),
    ...hardware.disks.map(
      ({ facts }) => `Disk ${facts.path}: ${Math.round(facts.bytes / GiB(1))} GiB`,
    ),
    '',
  ]
}
