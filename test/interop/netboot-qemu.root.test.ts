import { copyFileSync, existsSync } from 'node:fs'
import { join } from 'node:path'
import { afterEach, expect, it } from 'vitest'
import { needs } from '../needs.ts'
import { AGENT_ADDRESS, type NetbootRig, NETWORK, openNetbootRig } from './netboot-rig.ts'

const { describe } = needs({
  root: true,
  programs: ['qemu-system-x86_64', 'radvd', 'ip', 'python3'],
})

/** Emulation without KVM, on a busy machine: UEFI alone takes 15 s on an idle one. */
const BOOT_TIMEOUT_MS = 170_000
const BOOT_URL = `http://${AGENT_ADDRESS}:80`
const BIOS_MAC = '52:54:00:98:00:01'
const UEFI_MAC = '52:54:00:98:00:11'

const sled = (name: string, firmwareMode: string, address: string) => ({
  name,
  architecture: 'x86_64',
  firmwareMode,
  address,
  boot: { kind: 'local-disk', reason: 'in use' },
})

/** The ROM QEMU brings for a BIOS is iPXE; OVMF's own PXE does the UEFI machine (romfile= empty). */
function startMachine(rig: NetbootRig, firmware: 'bios' | 'uefi', mac: string): void {
  rig.addTap('tap0')
  const common = ['-accel', 'tcg', '-display', 'none', '-monitor', 'none', '-nodefaults']
  const net = ['-netdev', 'tap,id=n0,ifname=tap0,script=no,downscript=no']
  const nic = `virtio-net-pci,netdev=n0,mac=${mac},bootindex=1`
  const log = ['-no-reboot', '-serial', `file:${join(rig.folder, 'serial.log')}`]
  if (firmware === 'bios') {
    rig.start(
      'qemu-system-x86_64',
      ...common,
      ...net,
      ...log,
      '-machine',
      'pc',
      '-m',
      '256',
      '-device',
      nic,
    )
    return
  }
  const variables = join(rig.folder, 'vars.fd')
  copyFileSync('/usr/share/OVMF/OVMF_VARS_4M.fd', variables)
  const flash = (file: string, more: string): string[] => [
    '-drive',
    `if=pflash,format=raw,${more}file=${file}`,
  ]
  const code = flash('/usr/share/OVMF/OVMF_CODE_4M.fd', 'readonly=on,')
  const machine = ['-machine', 'q35', '-m', '512', ...code, ...flash(variables, '')]
  rig.start(
    'qemu-system-x86_64',
    ...common,
    ...machine,
    ...net,
    ...log,
    '-device',
    `${nic},romfile=`,
  )
}

describe('QEMU machines boot from our DHCP, TFTP and HTTP', () => {
  let rig: NetbootRig | undefined
  afterEach(() => rig?.close())

  const scriptAsked =
    (mac: string) => (event: { kind: string; body: Readonly<Record<string, unknown>> }) =>
      event.kind === 'http' &&
      String(event.body['url']).startsWith(`/boot.ipxe?mac=${mac.replaceAll(':', '-')}`)

  it('BIOS: the iPXE ROM fetches its script', { timeout: BOOT_TIMEOUT_MS + 20_000 }, async () => {
    rig = openNetbootRig()
    const sleds = { [BIOS_MAC]: sled('sled-01', 'bios', '10.98.0.11') }
    await rig.serve({ network: NETWORK, sleds, bootUrl: BOOT_URL, capture: true })
    const from = Date.now()
    startMachine(rig, 'bios', BIOS_MAC)
    const asked = await rig.event(scriptAsked(BIOS_MAC), BOOT_TIMEOUT_MS)
    console.info(`BIOS power-on to script: ${Date.now() - from} ms`)
    expect(asked.body['status']).toBe(200)
  })

  it(
    'UEFI: PXE loads snponly.efi by TFTP, which fetches its script',
    { timeout: BOOT_TIMEOUT_MS + 20_000 },
    async () => {
      expect(existsSync('/usr/share/OVMF/OVMF_CODE_4M.fd'), 'Debian package ovmf').toBe(true)
      rig = openNetbootRig()
      const sleds = { [UEFI_MAC]: sled('sled-02', 'uefi', '10.98.0.12') }
      await rig.serve({ network: NETWORK, sleds, bootUrl: BOOT_URL, capture: true })
      const from = Date.now()
      startMachine(rig, 'uefi', UEFI_MAC)
      const asked = await rig.event(scriptAsked(UEFI_MAC), BOOT_TIMEOUT_MS)
      console.info(`UEFI power-on to script: ${Date.now() - from} ms`)
      expect(asked.body['status']).toBe(200)
      if (process.env['BRICKYARD_SHOW_CAPTURES'] === '1') console.info(JSON.stringify(rig.events))
    },
  )
})
