import { type InstallerBoot, installerArguments, PAUSE_SECONDS, shown } from './installer-boot.ts'

/**
 * Scripts for GRUB, the middle of the signed chain shim → GRUB → kernel: what a sled with Secure Boot
 * can run, and an arm64 sled, for which Debian packages no iPXE. Debian's signed GRUB for network boot
 * has TFTP and no HTTP in it, so everything comes by TFTP; it gives the kernel no network settings, so
 * the installer asks DHCP itself.
 */

/** By TFTP: the file that GRUB asks for first, and where it is then sent for the machine's own script. */
export const GRUB_ENTRY_FILE = 'grub/grub.cfg'
const SCRIPT_FOLDER = 'boot.grub/'

/** Sends each machine to the script of its own MAC; `$net_default_mac` is GRUB's: the interface it was loaded by. */
export const grubEntry = (): string => script([`configfile /${SCRIPT_FOLDER}$net_default_mac`])

/** The MAC in the name of a machine's script, as GRUB writes it; undefined for any other file. */
export function grubScriptMac(file: string): string | undefined {
  return file.startsWith(SCRIPT_FOLDER) ? file.slice(SCRIPT_FOLDER.length) : undefined
}

/**
 * Boots the installer; fetches the script anew when a download fails, as the iPXE one does. Kernel and
 * initrd are taken by TFTP under the path of their URL. The kernel is refused by shim when its
 * signature is none that the firmware trusts.
 */
export function grubInstallerScript(boot: Omit<InstallerBoot, 'scriptUrl'>): string {
  const kernelArguments = [...installerArguments(boot), ...boot.kernelArguments].map(grubWord)
  return script([
    `echo 'Brickyard: installer for ${shown(boot.sledName)}'`,
    // GRUB knows no `&&`.
    `if linux ${pathOf(boot.kernelUrl)} ${kernelArguments.join(' ')}; then`,
    `  if initrd ${pathOf(boot.initrdUrl)}; then`,
    '    boot',
    '  fi',
    'fi',
    `echo 'Brickyard: the installer could not be loaded, trying again in ${PAUSE_SECONDS} s'`,
    `sleep ${PAUSE_SECONDS}`,
    `configfile /${SCRIPT_FOLDER}${boot.mac}`,
  ])
}

/** The removable-media path every UEFI image carries (UEFI 2.10 §3.5.1.1), by firmware. */
const LOADERS = ['/EFI/BOOT/BOOTX64.EFI', '/EFI/BOOT/BOOTAA64.EFI']

/**
 * Starts the disk's own loader. (Firmware takes GRUB's `exit` for a success and shows its menu
 * instead of its next boot option.)
 */
export const grubLocalBootScript = (reason: string): string =>
  script([
    `echo 'Brickyard: booting from disk: ${shown(reason)}'`,
    ...LOADERS.flatMap((loader) => [
      `if search --no-floppy --file --set=root ${loader}; then`,
      `  chainloader ${loader}`,
      '  boot',
      'fi',
    ]),
    'exit 1',
  ])

/** Says on the sled's own screen why nothing is booted, then hands back to the firmware. */
export const grubRefusalScript = (reason: string): string =>
  script([
    `echo 'Brickyard: not booting this machine: ${shown(reason)}'`,
    `sleep ${PAUSE_SECONDS}`,
    'exit 1',
  ])

const script = (lines: readonly string[]): string => `${lines.join('\n')}\n`

const pathOf = (url: string): string => new URL(url).pathname

/** A word as GRUB's shell takes it. */
export const grubWord = (word: string): string =>
  /^[A-Za-z0-9_.:/=,@+-]+$/.test(word) ? word : `'${word.replaceAll("'", "'\\''")}'`
