import type { Mac } from '@brickyard/model/mac'
import { describe, expect, it } from 'vitest'
import { installerScript, localBootScript, refusalScript } from './ipxe-script.ts'

describe('installerScript', () => {
  it('boots the installer with its claim, and asks again when a download fails', () => {
    const script = installerScript({
      sledName: 'sled-01',
      mac: '52:54:00:98:00:01' as Mac,
      kernelUrl: 'http://10.98.0.1/assets/vmlinuz',
      initrdUrl: 'http://10.98.0.1/assets/initrd.img',
      agentUrl: 'http://10.98.0.1',
      claimToken: 'c0ffee',
      scriptUrl: 'http://10.98.0.1/boot.ipxe?mac=52-54-00-98-00-01',
      kernelArguments: ['console=ttyS0'],
    })
    expect(script).toBe(`#!ipxe
echo Brickyard: installer for sled-01
kernel http://10.98.0.1/assets/vmlinuz initrd=initrd.img brickyard.agent=http://10.98.0.1 brickyard.claim=c0ffee BOOTIF=01-52-54-00-98-00-01 brickyard.net=\${netX/ip}/\${netX/netmask}/\${netX/gateway} console=ttyS0 || goto again
initrd --name initrd.img http://10.98.0.1/assets/initrd.img || goto again
boot || goto again
:again
echo Brickyard: the installer could not be loaded, trying again in 5 s
imgfree
sleep 5
chain --replace http://10.98.0.1/boot.ipxe?mac=52-54-00-98-00-01 || goto again
`)
  })
})

describe('installerScript with signatures', () => {
  it('starts nothing that is not signed, says what that is, and goes on by itself', () => {
    const script = installerScript({
      sledName: 'sled-01',
      mac: '52:54:00:98:00:01' as Mac,
      kernelUrl: 'https://10.98.0.1/assets/vmlinuz-x86_64',
      initrdUrl: 'https://10.98.0.1/assets/initrd-x86_64.img',
      agentUrl: 'http://10.98.0.1',
      claimToken: 'c0ffee',
      scriptUrl: 'https://10.98.0.1/boot.ipxe?mac=52-54-00-98-00-01',
      kernelArguments: [],
      signatures: {
        kernelUrl: 'https://10.98.0.1/assets/vmlinuz-x86_64.sig',
        initrdUrl: 'https://10.98.0.1/assets/initrd-x86_64.img.sig',
      },
    })
    expect(script.replace(/ initrd=\S.*(?= \|\|)/, ' …')).toBe(`#!ipxe
echo Brickyard: installer for sled-01
:load
kernel --name vmlinuz https://10.98.0.1/assets/vmlinuz-x86_64 … || goto again
initrd --name initrd.img https://10.98.0.1/assets/initrd-x86_64.img || goto again
set unsigned loader
imgtrust --permanent || goto unsigned
set trusting 1
set unsigned vmlinuz
imgverify vmlinuz https://10.98.0.1/assets/vmlinuz-x86_64.sig || goto unsigned
set unsigned initrd.img
imgverify initrd.img https://10.98.0.1/assets/initrd-x86_64.img.sig || goto unsigned
boot || goto again
:unsigned
echo Brickyard: not booting: no valid signature (\${unsigned})
imgfree
imgfetch --name told https://10.98.0.1/boot.ipxe?mac=52-54-00-98-00-01&unsigned=\${unsigned} ||
:again
echo Brickyard: the installer could not be loaded, trying again in 5 s
imgfree
sleep 5
isset \${trusting} && goto load ||
chain --replace https://10.98.0.1/boot.ipxe?mac=52-54-00-98-00-01 || goto again
`)
  })
})

describe('localBootScript', () => {
  it('leaves UEFI by an error and a BIOS by its first disk', () => {
    expect(localBootScript('uefi', 'in use')).toBe(
      '#!ipxe\necho Brickyard: booting from disk: in use\nexit 1\n',
    )
    expect(localBootScript('bios', 'in use')).toContain(
      '\nsanboot --no-describe --drive 0x80 || exit 1\n',
    )
  })
})

describe('refusalScript', () => {
  it('shows the reason and cannot be made to do anything else by it', () => {
    const script = refusalScript(`held\nsanboot x && "quoted" \${net0/mac} ${'é'.repeat(300)}`)
    const [, shown = '', ...rest] = script.split('\n')
    expect(shown).toMatch(
      /^echo Brickyard: not booting this machine: held\?sanboot x \?\? \?quoted\? \?\?net0\/mac\? /,
    )
    expect(shown.length).toBeLessThan(260)
    expect(rest).toEqual(['sleep 5', 'exit 1', ''])
  })
})
