import type { SledHardware } from './qemu-sled.ts'

export interface NicWiring {
  /** Firmware tries them before the disk, which is the fourth, or after it. */
  readonly isFirst: boolean
  /** Sockets of the switch ports that they are plugged into; without one the sled's tap. */
  readonly ports: readonly string[]
  /** What they carry in the place of QEMU's own iPXE. BIOS only. */
  readonly romPath: string | undefined
}

/** QEMU's words for a sled's NICs, in the order in which firmware tries them. */
export function nicArguments(
  { firmware, mac, secondMac, tap }: Pick<SledHardware, 'firmware' | 'mac' | 'secondMac' | 'tap'>,
  { isFirst, ports, romPath }: NicWiring,
): [string, string][] {
  const first = isFirst ? 0 : 5
  // UEFI goes without QEMU's iPXE: the firmware's own PXE loads the loader.
  const rom = firmware === 'uefi' ? '' : romPath
  const romFile = rom === undefined ? '' : `,romfile=${rom}`
  return [mac, ...(secondMac === undefined ? [] : [secondMac])].flatMap(
    (address, n): [string, string][] => {
      const port = ports[n]
      const cable =
        port === undefined
          ? `tap,id=net${n},ifname=${tap},script=no,downscript=no`
          : `stream,id=net${n},server=off,addr.type=unix,addr.path=${port}`
      // Linux bonds by LACP only NICs that say how fast they are.
      const speed = port === undefined ? '' : ',speed=10000,duplex=full'
      const index = `bootindex=${first + n}`
      return [
        ['-netdev', cable],
        ['-device', `virtio-net-pci,netdev=net${n},mac=${address},${index}${speed}${romFile}`],
      ]
    },
  )
}
