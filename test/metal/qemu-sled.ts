import { type ChildProcess, execFileSync, spawn } from 'node:child_process'
import { copyFileSync, existsSync, rmSync } from 'node:fs'
import { createConnection } from 'node:net'
import { join } from 'node:path'

/** One virtual server as it stands in the rack. */
export interface SledHardware {
  readonly name: string
  readonly firmware: 'bios' | 'uefi'
  readonly mac: string
  readonly uuid: string
  readonly serial: string
  readonly tap: string
  readonly diskBytes: number
}

export type BootFrom = 'network' | 'disk'

const MEMORY_MIB = 1024
const OVMF_CODE = '/usr/share/OVMF/OVMF_CODE_4M.fd'
const OVMF_VARS = '/usr/share/OVMF/OVMF_VARS_4M.fd'

/**
 * A sled as a QEMU process: power on is a start, power off its end. The boot order is disk first
 * unless the next start is told otherwise; a reset from inside starts it anew, disk first, as a
 * server whose one-shot override is used up.
 */
export class QemuSled {
  readonly hardware: SledHardware
  readonly diskPath: string
  readonly consolePath: string
  /** Starts since the rig began. */
  starts = 0
  readonly #folder: string
  readonly #accelerator: string
  #process: ChildProcess | undefined
  #poweredOff = false
  #nextBoot: BootFrom = 'disk'

  constructor(hardware: SledHardware, folder: string, accelerator: string) {
    this.hardware = hardware
    this.#folder = folder
    this.#accelerator = accelerator
    this.diskPath = join(folder, `${hardware.name}.disk`)
    this.consolePath = join(folder, `${hardware.name}.console`)
    this.emptyDisk()
    copyFileSync(OVMF_VARS, this.#varsPath)
  }

  get #varsPath(): string {
    return join(this.#folder, `${this.hardware.name}.vars`)
  }

  get #monitorPath(): string {
    return join(this.#folder, `${this.hardware.name}.monitor`)
  }

  get isOn(): boolean {
    return this.#process !== undefined
  }

  /** A new, empty disk and firmware settings as delivered; the sled must be off. */
  emptyDisk(): void {
    rmSync(this.diskPath, { force: true })
    execFileSync('truncate', ['-s', String(this.hardware.diskBytes), this.diskPath])
    copyFileSync(OVMF_VARS, this.#varsPath)
  }

  /** Where the next start boots from; used up by it. */
  bootOnce(from: BootFrom): void {
    this.#nextBoot = from
  }

  powerOn(): void {
    if (this.#process !== undefined) return
    const bootFrom = this.#nextBoot
    this.#nextBoot = 'disk'
    this.#poweredOff = false
    this.starts += 1
    rmSync(this.#monitorPath, { force: true })
    const child = spawn('qemu-system-x86_64', this.#arguments(bootFrom), {
      stdio: ['ignore', 'ignore', 'inherit'],
    })
    this.#process = child
    let reset = false
    this.#watchMonitor(() => {
      reset = true
    })
    child.on('exit', () => {
      if (this.#process === child) this.#process = undefined
      if (reset && !this.#poweredOff) this.powerOn()
    })
  }

  /** Pulls the plug: nothing in the sled hears of it. */
  async powerOff(): Promise<void> {
    this.#poweredOff = true
    const child = this.#process
    if (child === undefined) return
    const ended = new Promise((resolve) => child.once('exit', resolve))
    child.kill('SIGKILL')
    await ended
  }

  /** QEMU says by QMP why it ends; a reset from inside must not look like a power off. */
  #watchMonitor(onReset: () => void, tries = 100): void {
    const socket = createConnection(this.#monitorPath)
    socket.on('error', () => {
      if (tries > 0 && this.#process !== undefined) {
        setTimeout(() => this.#watchMonitor(onReset, tries - 1), 50)
      }
    })
    socket.on('connect', () => socket.write('{"execute":"qmp_capabilities"}\n'))
    socket.on('data', (data) => {
      if (data.toString().includes('"guest-reset"')) onReset()
    })
  }

  #arguments(bootFrom: BootFrom): string[] {
    const { firmware, mac, uuid, serial, tap, name } = this.hardware
    const networkIndex = bootFrom === 'network' ? 0 : 2
    const options: [string, string][] = [
      ['-name', name],
      ['-machine', 'q35'],
      ['-accel', this.#accelerator],
      ['-m', String(MEMORY_MIB)],
      ['-smp', '2'],
      ['-display', 'none'],
      ['-uuid', uuid],
      ['-smbios', `type=1,manufacturer=Brickyard,product=rig-${firmware},serial=${serial}`],
      ['-serial', `file:${this.consolePath}`],
      ['-qmp', `unix:${this.#monitorPath},server=on,wait=off`],
      ['-netdev', `tap,id=net0,ifname=${tap},script=no,downscript=no`],
      ['-drive', `file=${this.diskPath},format=raw,if=none,id=disk0,discard=unmap,cache=unsafe`],
    ]
    const nic = `virtio-net-pci,netdev=net0,mac=${mac},bootindex=${networkIndex}`
    if (firmware === 'bios') {
      options.push(
        ['-device', nic],
        ['-device', 'ide-hd,drive=disk0,bus=ide.0,bootindex=1,serial=BIOS-DISK'],
      )
    } else {
      options.push(
        // Without iPXE's ROM: the firmware's own PXE loads the loader.
        ['-device', `${nic},romfile=`],
        ['-device', 'nvme,drive=disk0,bootindex=1,serial=UEFI-DISK'],
        ['-drive', `if=pflash,format=raw,readonly=on,file=${OVMF_CODE}`],
        ['-drive', `if=pflash,format=raw,file=${this.#varsPath}`],
      )
    }
    return ['-nodefaults', '-no-reboot', ...options.flat()]
  }
}

/** True when the files a sled's firmware needs are there. */
export const firmwareIsThere = (): boolean => existsSync(OVMF_CODE) && existsSync(OVMF_VARS)
