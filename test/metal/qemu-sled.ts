import { type ChildProcess, execFileSync, spawn } from 'node:child_process'
import { copyFileSync, existsSync, rmSync } from 'node:fs'
import { createConnection, type Socket } from 'node:net'
import { join } from 'node:path'
import { nicArguments } from './nic-arguments.ts'

/** One virtual server as it stands in the rack. */
export interface SledHardware {
  readonly name: string
  readonly architecture: 'x86_64' | 'aarch64'
  readonly firmware: 'bios' | 'uefi'
  /** UEFI with Microsoft's keys, checking signatures. */
  readonly secureBoot: boolean
  readonly mac: string
  readonly uuid: string
  readonly serial: string
  readonly tap: string
  /** A second NIC. A sled that has one stands on a switch of its own, and the switch on the tap. */
  readonly secondMac?: string
  readonly diskBytes: number
}

const SERIAL = 'serial0'
const SERIAL_OPTIONS = 'server=on,wait=off'

export type BootFrom = 'network' | 'disk' | 'cdrom'

const MEMORY_MIB = 1024
const OVMF = '/usr/share/OVMF/OVMF'
const FIRMWARE = { code: `${OVMF}_CODE_4M.fd`, vars: `${OVMF}_VARS_4M.fd` }
const FIRMWARE_ARM64 = {
  code: '/usr/share/AAVMF/AAVMF_CODE.fd',
  vars: '/usr/share/AAVMF/AAVMF_VARS.fd',
}
const FIRMWARE_SECURE = { code: `${OVMF}_CODE_4M.secboot.fd`, vars: `${OVMF}_VARS_4M.ms.fd` }

/**
 * A sled as a QEMU process: power on is a start, power off its end. The boot order is disk first
 * unless the next start is told otherwise; a reset from inside starts it anew, disk first, as a
 * server whose one-shot override is used up.
 */
export class QemuSled {
  readonly hardware: SledHardware
  readonly diskPath: string
  readonly consolePath: string
  /** Starts since the rig began, and the time of the last one to an installer (`Date.now`). */
  starts = 0
  netbootedAtMs = 0
  /** UEFI firmware boots by HTTP in place of PXE. */
  bootsByHttp = false
  /** Whom UEFI firmware trusts by TLS: the path of an EFI signature list. */
  tlsAuthorities: string | undefined
  /** What its NIC carries in the place of QEMU's own iPXE: the path of a ROM. BIOS only. */
  romPath: string | undefined
  /** What lies in its drive: the path of an ISO image. */
  discPath: string | undefined
  /** Where its NICs are plugged in, if that is a switch: paths of the sockets of its ports. */
  switchPorts: readonly string[] = []
  /** Those of its NICs whose cable is out, counted from 0. */
  readonly #unplugged = new Set<number>()
  /** Looks at the disk when the sled restarts itself, before the next start. Must not throw. */
  onReset: (() => Promise<void>) | undefined
  /** Hears what it prints on its serial port. */
  onSerial: ((bytes: Uint8Array) => void) | undefined
  readonly #folder: string
  readonly #accelerator: string
  #process: ChildProcess | undefined
  #monitor: Socket | undefined
  #serial: Socket | undefined
  #resetting = false
  #saidReset = false
  #poweredOff = false
  #usualBoot: BootFrom = 'disk'
  #nextBoot: BootFrom | undefined

  constructor(hardware: SledHardware, folder: string, accelerator: string) {
    this.hardware = hardware
    this.#folder = folder
    this.#accelerator = accelerator
    this.diskPath = join(folder, `${hardware.name}.disk`)
    this.consolePath = join(folder, `${hardware.name}.console`)
    this.emptyDisk()
    this.forgetSettings()
  }

  /** Firmware as from the factory: the order of its boot options remembers every boot. Off only. */
  forgetSettings(): void {
    copyFileSync(this.#firmware.vars, this.#varsPath)
  }

  get #firmware(): typeof FIRMWARE {
    if (this.hardware.architecture === 'aarch64') return FIRMWARE_ARM64
    return this.hardware.secureBoot ? FIRMWARE_SECURE : FIRMWARE
  }

  get #varsPath(): string {
    return join(this.#folder, `${this.hardware.name}.vars`)
  }

  get #serialPath(): string {
    return join(this.#folder, `${this.hardware.name}.serial`)
  }

  get #monitorPath(): string {
    return join(this.#folder, `${this.hardware.name}.monitor`)
  }

  /** A sled that restarts itself is on all the time. */
  get isOn(): boolean {
    return this.#process !== undefined || this.#resetting
  }

  /** A new, empty disk; the sled must be off. Its firmware remembers what it knew. */
  emptyDisk(): void {
    rmSync(this.diskPath, { force: true })
    execFileSync('truncate', ['-s', String(this.hardware.diskBytes), this.diskPath])
  }

  /** Where the next start boots from; used up by it. */
  bootOnce(from: BootFrom): void {
    this.#nextBoot = from
  }

  /** Where every start boots from that was not told otherwise. */
  bootAlways(from: BootFrom): void {
    this.#usualBoot = from
    this.#nextBoot = undefined
  }

  powerOn(): void {
    if (this.#process !== undefined) return
    const bootFrom = this.#nextBoot ?? this.#usualBoot
    this.#nextBoot = undefined
    this.#poweredOff = false
    this.starts += 1
    if (bootFrom !== 'disk') this.netbootedAtMs = Date.now()
    for (const path of [this.#monitorPath, this.#serialPath, this.consolePath]) {
      rmSync(path, { force: true })
    }
    const child = spawn(`qemu-system-${this.hardware.architecture}`, this.#arguments(bootFrom), {
      stdio: ['ignore', 'ignore', 'inherit'],
    })
    this.#process = child
    this.#watchMonitor()
    this.#watchSerial()
    child.on('exit', () => void this.#ended(child))
  }

  /** Pulls the plug: nothing in the sled hears of it. */
  async powerOff(): Promise<void> {
    this.#poweredOff = true
    this.#resetting = false
    const child = this.#process
    if (child === undefined) return
    const ended = new Promise((resolve) => child.once('exit', resolve))
    child.kill('SIGKILL')
    await ended
  }

  /** Types at the serial port; into a sled that is off it is lost. */
  typeSerial(bytes: Uint8Array): void {
    this.#serial?.write(bytes)
  }

  sendSerialBreak(): void {
    const ask = { execute: 'chardev-send-break', arguments: { id: SERIAL } }
    this.#monitor?.write(`${JSON.stringify(ask)}\n`)
  }

  /** Pulls the cable of a NIC, counted from 0, or puts it back in: the NIC sees it at once. */
  setCable(nic: number, isIn: boolean): void {
    if (isIn) this.#unplugged.delete(nic)
    else this.#unplugged.add(nic)
    this.#tellLink(nic)
  }

  #tellLink(nic: number): void {
    const up = !this.#unplugged.has(nic)
    const ask = { execute: 'set_link', arguments: { name: `net${nic}`, up } }
    this.#monitor?.write(`${JSON.stringify(ask)}\n`)
  }

  /** What a person does at the sled's front; an OS that listens shuts down. */
  pressPowerButton(): void {
    this.#monitor?.write('{"execute":"system_powerdown"}\n')
  }

  /** The monitor's last words may come after the end of the process: they are waited for. */
  async #ended(child: ChildProcess): Promise<void> {
    const monitor = this.#monitor
    this.#resetting = !this.#poweredOff
    if (this.#process === child) this.#process = undefined
    if (monitor !== undefined && !monitor.closed) {
      await new Promise((resolve) => monitor.once('close', resolve))
    }
    if (this.#monitor === monitor) this.#monitor = undefined
    if (this.#resetting && this.#saidReset) await this.onReset?.()
    const restart = this.#resetting && this.#saidReset && !this.#poweredOff
    this.#saidReset = false
    this.#resetting = false
    if (restart) this.powerOn()
  }

  #watchSerial(tries = 100): void {
    const socket = createConnection(this.#serialPath)
    socket.on('error', () => {
      if (tries > 0 && this.#process !== undefined) {
        setTimeout(() => this.#watchSerial(tries - 1), 50)
      }
    })
    socket.on('connect', () => {
      this.#serial = socket
    })
    socket.on('data', (bytes) => this.onSerial?.(new Uint8Array(bytes)))
    socket.on('close', () => {
      if (this.#serial === socket) this.#serial = undefined
    })
  }

  /** QEMU says by QMP why it ends; a reset from inside must not look like a power off. */
  #watchMonitor(tries = 100): void {
    const socket = createConnection(this.#monitorPath)
    socket.on('error', () => {
      if (tries > 0 && this.#process !== undefined) {
        setTimeout(() => this.#watchMonitor(tries - 1), 50)
      }
    })
    socket.on('connect', () => {
      this.#monitor = socket
      socket.write('{"execute":"qmp_capabilities"}\n')
      for (const nic of this.#unplugged) this.#tellLink(nic)
    })
    socket.on('data', (data) => {
      if (data.toString().includes('"guest-reset"')) this.#saidReset = true
    })
  }

  #arguments(bootFrom: BootFrom): string[] {
    const { architecture, firmware, secureBoot, uuid, serial, name } = this.hardware
    const { switchPorts: ports, romPath } = this
    const isArm64 = architecture === 'aarch64'
    const options: [string, string][] = [
      ['-name', name],
      ...(isArm64 ? MACHINE_ARM64 : []),
      // What protects the variables of Secure Boot is system management mode.
      ...(isArm64 ? [] : [['-machine', secureBoot ? 'q35,smm=on' : 'q35'] as [string, string]]),
      ['-accel', isArm64 ? 'tcg' : this.#accelerator],
      ['-m', String(MEMORY_MIB)],
      ['-smp', '2'],
      ['-display', 'none'],
      ['-uuid', uuid],
      ['-smbios', `type=1,manufacturer=Brickyard,product=rig-${firmware},serial=${serial}`],
      [
        '-chardev',
        `socket,id=${SERIAL},path=${this.#serialPath},${SERIAL_OPTIONS},logfile=${this.consolePath}`,
      ],
      ['-serial', `chardev:${SERIAL}`],
      ['-qmp', `unix:${this.#monitorPath},server=on,wait=off`],
      ...nicArguments(this.hardware, { isFirst: bootFrom === 'network', ports, romPath }),
      ['-drive', `file=${this.diskPath},format=raw,if=none,id=disk0,discard=unmap,cache=unsafe`],
    ]
    if (this.discPath !== undefined) {
      const index = bootFrom === 'cdrom' ? 0 : 9
      options.push(
        ['-drive', `file=${this.discPath},format=raw,if=none,id=disc0,media=cdrom,readonly=on`],
        ['-device', `ide-cd,drive=disc0,bus=ide.1,bootindex=${index}`],
      )
    }
    if (firmware === 'bios') {
      options.push(['-device', 'ide-hd,drive=disk0,bus=ide.0,bootindex=4,serial=BIOS-DISK'])
    } else {
      options.push(
        ['-device', 'nvme,drive=disk0,bootindex=4,serial=UEFI-DISK'],
        ['-drive', `if=pflash,format=raw,readonly=on,file=${this.#firmware.code}`],
        ['-drive', `if=pflash,format=raw,file=${this.#varsPath}`],
        // As most fleets set it; with it on, a dead boot server costs minutes more.
        ['-fw_cfg', 'name=opt/org.tianocore/IPv6PXESupport,string=no'],
        ...(this.bootsByHttp ? NO_PXE : []),
        ...trusting(this.tlsAuthorities),
        ...(secureBoot ? PROTECTED_VARIABLES : []),
      )
    }
    return ['-nodefaults', '-no-reboot', ...options.flat()]
  }
}

const MACHINE_ARM64: [string, string][] = [
  ['-machine', 'virt'],
  ['-cpu', 'cortex-a57'],
]
const NO_PXE: [string, string][] = [['-fw_cfg', 'name=opt/org.tianocore/IPv4PXESupport,string=no']]
const trusting = (list: string | undefined): [string, string][] =>
  list === undefined ? [] : [['-fw_cfg', `name=etc/edk2/https/cacerts,file=${list}`]]
const PROTECTED_VARIABLES: [string, string][] = [
  ['-global', 'driver=cfi.pflash01,property=secure,value=on'],
]

/** True when the files the sleds' firmware needs are there. */
export const firmwareIsThere = (): boolean =>
  [FIRMWARE, FIRMWARE_SECURE, FIRMWARE_ARM64].every(
    ({ code, vars }) => existsSync(code) && existsSync(vars),
  )
