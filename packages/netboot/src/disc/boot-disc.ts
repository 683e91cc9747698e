import type { Architecture, FirmwareMode } from '@brickyard/model/architecture'
import { Ipv4, type Subnet } from '@brickyard/model/ipv4'
import type { Mac } from '@brickyard/model/mac'
import { err, ok, type Result } from '@brickyard/std/result'
import { grubWord } from '../grub-script.ts'
import { type InstallerBoot, installerArguments, shown } from '../installer-boot.ts'
import { fatImage } from './fat-image.ts'
import type { IsoBoot } from './iso-boot.ts'
import { type IsoFile, type IsoImage, isoImage } from './iso-image.ts'

/** What the disc of one sled says and carries. */
export interface BootDisc extends Pick<
  InstallerBoot,
  'sledName' | 'agentUrl' | 'claimToken' | 'kernelArguments'
> {
  readonly architecture: Architecture
  readonly firmwareMode: FirmwareMode
  /** The NIC that is cabled to the network below. */
  readonly mac: Mac
  readonly address: Ipv4
  readonly subnet: Subnet
  readonly router: Ipv4 | undefined
  /** The tag that the sled's switch port wants; undefined for none. */
  readonly vlan?: number | undefined
  readonly dns: readonly Ipv4[]
  /** Lengths of kernel and initrd, which whoever sends the disc puts into it. */
  readonly kernelBytes: number
  readonly initrdBytes: number
}

/** The paths of what is put in by whoever sends it. */
export const DISC_KERNEL = 'boot/vmlinuz'
export const DISC_INITRD = 'boot/initrd.img'

/** Loaders from Debian's packages, by the names under which an appliance has them. */
const ISOLINUX = { program: 'isolinux.bin', library: 'ldlinux.c32', stickCode: 'isohdpfx.bin' }
const SIGNED: Readonly<Record<Architecture, { shim: string; grub: string; first: string }>> = {
  x86_64: { shim: 'shimx64.efi', grub: 'gcdx64.efi', first: 'BOOTX64.EFI' },
  aarch64: { shim: 'shimaa64.efi', grub: 'gcdaa64.efi', first: 'BOOTAA64.EFI' },
}

/**
 * A disc from which one sled boots its installer where nobody gives it an address: network settings
 * and the one-time token stand in the kernel's arguments. UEFI gets shim and GRUB as they are signed,
 * so that Secure Boot may be on; a BIOS gets isolinux. The error names a loader that is missing.
 */
export function bootDisc(
  disc: BootDisc,
  loaders: ReadonlyMap<string, Uint8Array>,
): Result<IsoImage> {
  const made = disc.firmwareMode === 'uefi' ? uefiParts(disc, loaders) : biosParts(disc, loaders)
  if (!made.ok) return made
  const files: IsoFile[] = [
    ...made.value.files,
    { path: DISC_KERNEL, bytes: disc.kernelBytes },
    { path: DISC_INITRD, bytes: disc.initrdBytes },
  ]
  return ok(isoImage({ volume: 'BRICKYARD', files, boot: made.value.boot }))
}

interface Parts {
  readonly files: readonly IsoFile[]
  readonly boot: IsoBoot
}

function uefiParts(disc: BootDisc, loaders: ReadonlyMap<string, Uint8Array>): Result<Parts> {
  const { shim, grub, first } = SIGNED[disc.architecture]
  const [shimBytes, grubBytes] = [loaders.get(shim), loaders.get(grub)]
  if (shimBytes === undefined) return missing(shim)
  if (grubBytes === undefined) return missing(grub)
  const image = fatImage([
    { path: `EFI/BOOT/${first}`, bytes: shimBytes },
    // By this name shim looks for it.
    { path: `EFI/BOOT/${first.replace('BOOT', 'GRUB')}`, bytes: grubBytes },
  ])
  const path = 'boot/efi.img'
  return ok({
    files: [
      { path, content: image },
      // Debian's GRUB for discs takes its settings from the disc that has this file.
      { path: '.disk/info', content: encode('Brickyard\n') },
      { path: 'boot/grub/grub.cfg', content: encode(grubSettings(disc)) },
    ],
    boot: { kind: 'uefi', path },
  })
}

function biosParts(disc: BootDisc, loaders: ReadonlyMap<string, Uint8Array>): Result<Parts> {
  const { program, library, stickCode } = ISOLINUX
  const [programBytes, libraryBytes] = [loaders.get(program), loaders.get(library)]
  if (disc.architecture !== 'x86_64') return err(`there is no BIOS of ${disc.architecture}`)
  if (programBytes === undefined) return missing(program)
  if (libraryBytes === undefined) return missing(library)
  const path = `isolinux/${program}`
  return ok({
    files: [
      { path, content: programBytes },
      { path: `isolinux/${library}`, content: libraryBytes },
      { path: 'isolinux/isolinux.cfg', content: encode(isolinuxSettings(disc)) },
    ],
    boot: { kind: 'bios', path, stickCode: loaders.get(stickCode) },
  })
}

const missing = (loader: string): Result<never> =>
  err(`${loader} is not among the loaders of this appliance`)

const grubSettings = (disc: BootDisc): string =>
  [
    `echo 'Brickyard: installer for ${shown(disc.sledName)}'`,
    `linux /${DISC_KERNEL} ${discArguments(disc).map(grubWord).join(' ')}`,
    `initrd /${DISC_INITRD}`,
    'boot',
    '',
  ].join('\n')

const isolinuxSettings = (disc: BootDisc): string =>
  [
    'DEFAULT installer',
    'PROMPT 0',
    `SAY Brickyard: installer for ${shown(disc.sledName)}`,
    'LABEL installer',
    `  LINUX /${DISC_KERNEL}`,
    `  INITRD /${DISC_INITRD}`,
    `  APPEND ${discArguments(disc).join(' ')}`,
    '',
  ].join('\n')

/** As a netbooted installer's, with the sled's own address in place of one that somebody gave it. */
export const discArguments = (disc: BootDisc): string[] => [
  ...installerArguments({ ...disc, kernelUrl: '', initrdUrl: '' }),
  `brickyard.net=${disc.address}/${netmaskOf(disc.subnet)}/${disc.router ?? ''}`,
  ...(disc.vlan === undefined ? [] : [`brickyard.vlan=${disc.vlan}`]),
  ...(disc.dns.length === 0 ? [] : [`brickyard.dns=${disc.dns.join(',')}`]),
  ...disc.kernelArguments,
]

const netmaskOf = ({ prefixLength }: Subnet): Ipv4 =>
  Ipv4.fromNumber(prefixLength === 0 ? 0 : (0xffff_ffff << (32 - prefixLength)) >>> 0)

const encode = (text: string): Uint8Array => new TextEncoder().encode(text)
