import { copyFileSync, existsSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { afterEach, expect, it } from 'vitest'
import { needs } from '../needs.ts'
import { AGENT_ADDRESS, type NetbootRig, NETWORK, openNetbootRig } from './netboot-rig.ts'

const { describe } = needs({
  root: true,
  programs: ['qemu-system-x86_64', 'radvd', 'ip', 'python3'],
})

/** Emulation without KVM, on a busy machine: UEFI alone takes 15 s on an idle one. */
const BOOT_TIMEOUT_MS = 120_000
const TEST_TIMEOUT_MS = 2 * BOOT_TIMEOUT_MS + 20_000
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

/**
 * A boot sector that writes DISK BOOTED to the first serial port and halts:
 * xor ax,ax; mov ds,ax; mov si,0x7c15; next: lodsb; test al,al; jz end; mov dx,0x3f8; out dx,al;
 * jmp next; end: hlt; jmp end
 */
const BOOT_SECTOR_CODE = '31c08ed8be157cac84c07406baf803eeebf5f4ebfd'
const DISK_MARK = 'DISK BOOTED'
const DISK_BYTES = 1024 * 1024

function biosDisk(rig: NetbootRig): string[] {
  const disk = Buffer.alloc(DISK_BYTES)
  Buffer.from(BOOT_SECTOR_CODE, 'hex').copy(disk)
  disk.write(`${DISK_MARK}\0`, BOOT_SECTOR_CODE.length / 2, 'latin1')
  disk.writeUInt16LE(0xaa55, 510)
  const path = join(rig.folder, 'disk.img')
  writeFileSync(path, disk)
  return [
    '-drive',
    `if=none,id=d0,format=raw,file=${path}`,
    '-device',
    'ide-hd,drive=d0,bootindex=2',
  ]
}

/** A disk whose boot loader is any UEFI program; that the firmware starts it is all that counts. */
function uefiDisk(rig: NetbootRig): string[] {
  const folder = join(rig.folder, 'esp', 'EFI', 'BOOT')
  mkdirSync(folder, { recursive: true })
  copyFileSync('/usr/lib/ipxe/snponly.efi', join(folder, 'BOOTX64.EFI'))
  const file = `fat:rw:${join(rig.folder, 'esp')}`
  return [
    '-drive',
    `if=none,id=d0,format=raw,file=${file}`,
    '-device',
    'ide-hd,drive=d0,bootindex=2',
  ]
}

function biosMachine(rig: NetbootRig): string[] {
  return ['-machine', 'pc', '-m', '256', ...biosDisk(rig)]
}

function uefiMachine(rig: NetbootRig): string[] {
  const variables = join(rig.folder, 'vars.fd')
  copyFileSync('/usr/share/OVMF/OVMF_VARS_4M.fd', variables)
  const flash = 'if=pflash,format=raw'
  const code = ['-drive', `${flash},readonly=on,file=/usr/share/OVMF/OVMF_CODE_4M.fd`]
  const machine = ['-machine', 'q35', '-m', '512', ...code, '-drive', `${flash},file=${variables}`]
  // As in any site that has taken our advice: PXE over IPv6 is off, its waits would fill minutes.
  const noIpv6 = ['-fw_cfg', 'name=opt/org.tianocore/IPv6PXESupport,string=no']
  return [...machine, ...noIpv6, ...uefiDisk(rig)]
}

/**
 * Network first, disk second. The ROM that QEMU brings for a BIOS is iPXE; without a ROM OVMF's own
 * PXE does the work.
 */
function startMachine(rig: NetbootRig, machine: readonly string[], nicOptions: string): void {
  rig.addTap('tap0')
  const common = ['-accel', 'tcg', '-display', 'none', '-monitor', 'none', '-nodefaults']
  const net = ['-netdev', 'tap,id=n0,ifname=tap0,script=no,downscript=no']
  const nic = ['-device', `virtio-net-pci,netdev=n0,bootindex=1,${nicOptions}`]
  const serial = ['-no-reboot', '-serial', `file:${serialLog(rig)}`]
  rig.start('qemu-system-x86_64', ...common, ...machine, ...net, ...nic, ...serial)
}

const serialLog = (rig: NetbootRig): string => join(rig.folder, 'serial.log')

/** Waits until the machine has written what `wanted` matches. */
async function written(rig: NetbootRig, wanted: RegExp): Promise<void> {
  const untilMs = Date.now() + BOOT_TIMEOUT_MS
  for (;;) {
    const text = existsSync(serialLog(rig)) ? readFileSync(serialLog(rig), 'latin1') : ''
    if (wanted.test(text)) return
    if (Date.now() > untilMs) throw new Error(`the machine did not write ${wanted}, but:\n${text}`)
    await new Promise((resolve) => setTimeout(resolve, 100))
  }
}

describe('QEMU machines boot from our DHCP, TFTP and HTTP', () => {
  let rig: NetbootRig | undefined
  afterEach(() => rig?.close())

  const scriptAsked =
    (mac: string) => (event: { kind: string; body: Readonly<Record<string, unknown>> }) =>
      event.kind === 'http' &&
      String(event.body['url']).startsWith(`/boot.ipxe?mac=${mac.replaceAll(':', '-')}`)

  /** Boots one machine and returns once its script was asked for. */
  async function bootOf(
    mac: string,
    firmwareMode: 'bios' | 'uefi',
    machine: (rig: NetbootRig) => string[],
    nicOptions: string,
  ): Promise<NetbootRig> {
    rig = openNetbootRig()
    const sleds = { [mac]: sled('sled-01', firmwareMode, '10.98.0.11') }
    await rig.serve({ network: NETWORK, sleds, bootUrl: BOOT_URL })
    const fromMs = Date.now()
    startMachine(rig, machine(rig), `mac=${mac}${nicOptions}`)
    const asked = await rig.event(scriptAsked(mac), BOOT_TIMEOUT_MS)
    console.info(`${firmwareMode} power-on to script: ${Date.now() - fromMs} ms`)
    expect(asked.body['status']).toBe(200)
    return rig
  }

  it(
    'BIOS: the iPXE ROM fetches its script, which starts the disk',
    { timeout: TEST_TIMEOUT_MS },
    async () => {
      const machine = await bootOf(BIOS_MAC, 'bios', biosMachine, '')
      await written(machine, new RegExp(DISK_MARK))
    },
  )

  it(
    'BIOS: with nobody to answer, the disk is started all the same',
    { timeout: TEST_TIMEOUT_MS },
    async () => {
      rig = openNetbootRig()
      startMachine(rig, biosMachine(rig), `mac=${BIOS_MAC}`)
      await written(rig, new RegExp(DISK_MARK))
    },
  )

  it(
    'UEFI: PXE loads snponly.efi by TFTP, its script lets the firmware go on to the disk',
    { timeout: TEST_TIMEOUT_MS },
    async () => {
      const machine = await bootOf(UEFI_MAC, 'uefi', uefiMachine, ',romfile=')
      await written(machine, /BdsDxe: starting Boot\w+ "UEFI QEMU HARDDISK/)
    },
  )
})
