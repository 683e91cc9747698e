import type { Mac } from '@brickyard/model/mac'
import { describe, expect, it } from 'vitest'
import {
  grubEntry,
  grubInstallerScript,
  grubLocalBootScript,
  grubRefusalScript,
  grubScriptMac,
} from './grub-script.ts'

describe('GRUB scripts', () => {
  it('the entry sends each machine to the script of its own MAC', () => {
    expect(grubEntry()).toBe('configfile /boot.grub/$net_default_mac\n')
    expect(grubScriptMac('boot.grub/52:54:00:98:00:03')).toBe('52:54:00:98:00:03')
    expect(grubScriptMac('grub/grub.cfg')).toBeUndefined()
  })

  it('the installer is booted with its claim, and the script asked again when a download fails', () => {
    const script = grubInstallerScript({
      sledName: "sled-01'; reboot",
      mac: '52:54:00:98:00:03' as Mac,
      kernelUrl: 'http://10.98.0.1:8080/assets/vmlinuz-x86_64',
      initrdUrl: 'http://10.98.0.1:8080/assets/initrd-x86_64.img',
      agentUrl: 'http://10.98.0.1:8080',
      claimToken: 'c0ffee',
      kernelArguments: ['console=ttyS0,115200', "odd='$x'"],
    })
    expect(script).toBe(`echo 'Brickyard: installer for sled-01?; reboot'
if linux /assets/vmlinuz-x86_64 brickyard.agent=http://10.98.0.1:8080 brickyard.claim=c0ffee BOOTIF=01-52-54-00-98-00-03 console=ttyS0,115200 'odd='\\''$x'\\'''; then
  if initrd /assets/initrd-x86_64.img; then
    boot
  fi
fi
echo 'Brickyard: the installer could not be loaded, trying again in 5 s'
sleep 5
configfile /boot.grub/52:54:00:98:00:03
`)
  })

  it('the disk is started by its own loader, a refusal hands back to the firmware', () => {
    expect(grubLocalBootScript('in use')).toContain(
      'if search --no-floppy --file --set=root /EFI/BOOT/BOOTX64.EFI; then\n' +
        '  chainloader /EFI/BOOT/BOOTX64.EFI\n  boot\nfi\n',
    )
    expect(grubRefusalScript('held')).toBe(
      "echo 'Brickyard: not booting this machine: held'\nsleep 5\nexit 1\n",
    )
  })
})
