import type { FirmwareMode } from '@brickyard/model/architecture'
import {
  type InstallerBoot,
  type InstallerSignatures,
  installerArguments,
  PAUSE_SECONDS,
  shown,
  UNSIGNED,
} from './installer-boot.ts'

/**
 * iPXE fills in the address it holds (`netX`: the interface it booted by), so that the installer need
 * not ask DHCP once more. A gateway that is not there leaves the last part empty.
 */
const NET_ARGUMENT = 'brickyard.net=${netX/ip}/${netX/netmask}/${netX/gateway}'

/** What the loader writes in their place when it runs the line. */
const UNSIGNED_VARIABLE = '${unsigned}'
const TRUSTING_VARIABLE = '${trusting}'

/**
 * Boots the installer. When a download fails the script is fetched anew, so that the sled neither
 * falls through to a half-written disk nor goes on with an intent that has ended. With `signatures`
 * kernel and initrd are started only when the loader finds theirs valid.
 */
export function installerScript(boot: InstallerBoot): string {
  const kernelArguments = [
    // UEFI kernels before 6.x find an initrd of iPXE only by this name.
    'initrd=initrd.img',
    ...installerArguments(boot),
    NET_ARGUMENT,
    ...boot.kernelArguments,
  ]
  const checked = boot.signatures && signedParts(boot, boot.signatures)
  return script([
    `echo Brickyard: installer for ${shown(boot.sledName)}`,
    ...(checked?.begin ?? []),
    `kernel ${checked?.name ?? ''}${boot.kernelUrl} ${kernelArguments.join(' ')} || goto again`,
    `initrd --name initrd.img ${boot.initrdUrl} || goto again`,
    ...(checked?.verify ?? []),
    'boot || goto again',
    ...(checked?.refuse ?? []),
    ':again',
    `echo Brickyard: the installer could not be loaded, trying again in ${PAUSE_SECONDS} s`,
    'imgfree',
    `sleep ${PAUSE_SECONDS}`,
    ...(checked?.goOn ?? []),
    `chain --replace ${boot.scriptUrl} || goto again`,
  ])
}

interface SignedParts {
  readonly begin: readonly string[]
  readonly name: string
  readonly verify: readonly string[]
  readonly refuse: readonly string[]
  readonly goOn: readonly string[]
}

/**
 * From `imgtrust` on the loader starts nothing unsigned, a newly fetched script neither, and a script
 * that chains to what may not run is over: this one goes on by itself. What it found unsigned it says on
 * its own screen and to the server. Both commands (ipxe.org/cmd/imgtrust, /imgverify) are in no iPXE of
 * Debian 12 or 13: such a one says `loader`.
 */
function signedParts({ scriptUrl }: InstallerBoot, signatures: InstallerSignatures): SignedParts {
  const [loader, kernel, initrd] = UNSIGNED
  return {
    begin: [':load'],
    name: `--name ${kernel} `,
    verify: [
      `set unsigned ${loader}`,
      'imgtrust --permanent || goto unsigned',
      'set trusting 1',
      `set unsigned ${kernel}`,
      `imgverify ${kernel} ${signatures.kernelUrl} || goto unsigned`,
      `set unsigned ${initrd}`,
      `imgverify ${initrd} ${signatures.initrdUrl} || goto unsigned`,
    ],
    refuse: [
      ':unsigned',
      `echo Brickyard: not booting: no valid signature (${UNSIGNED_VARIABLE})`,
      'imgfree',
      `imgfetch --name told ${scriptUrl}&unsigned=${UNSIGNED_VARIABLE} ||`,
    ],
    goOn: [`isset ${TRUSTING_VARIABLE} && goto load ||`],
  }
}

/** Leaves the network and reaches the disk, in the way that was seen to work for the firmware. */
export function localBootScript(firmwareMode: FirmwareMode, reason: string): string {
  return script([
    `echo Brickyard: booting from disk: ${shown(reason)}`,
    ...leaveNetwork(firmwareMode),
  ])
}

/** Says on the sled's own screen why nothing is booted, then lets the firmware go on. */
export function refusalScript(reason: string): string {
  return script([
    `echo Brickyard: not booting this machine: ${shown(reason)}`,
    `sleep ${PAUSE_SECONDS}`,
    'exit 1',
  ])
}

/**
 * UEFI goes on with the next boot option when a loader ends with an error. A BIOS mostly does not:
 * there the first disk is started directly, and only when that fails control goes back.
 */
const leaveNetwork = (firmwareMode: FirmwareMode): string[] =>
  firmwareMode === 'uefi' ? ['exit 1'] : ['sanboot --no-describe --drive 0x80 || exit 1']

const script = (lines: readonly string[]): string => `${['#!ipxe', ...lines].join('\n')}\n`
