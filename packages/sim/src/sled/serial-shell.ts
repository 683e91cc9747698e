import type { SerialListener, SerialPort } from './serial-port.ts'

export interface ShellOptions {
  readonly serial: Pick<SerialPort, 'print' | 'prompt'>
  readonly hostname: string
  readonly system: string
  readonly uptimeSeconds: () => number
  readonly powerOff: () => void
  readonly restart: () => void
}

/**
 * What answers on the serial line of a simulated system: a login that takes any name and password,
 * and a shell that knows a few words. It says of itself that it is simulated.
 */
export function createShell(options: ShellOptions): SerialListener & { begin(): void } {
  const { serial, hostname, system } = options
  let state: 'login' | 'password' | 'shell' = 'login'
  let user = ''

  const ask = (): void => {
    if (state === 'login') serial.prompt(`${hostname} login: `)
    else if (state === 'password') serial.prompt('Password: ')
    else serial.prompt(`${user}@${hostname}:~$ `)
  }

  const commands: Readonly<Record<string, () => void>> = {
    help: () => serial.print(`a simulated system; it knows: ${Object.keys(commands).join(' ')}`),
    hostname: () => serial.print(hostname),
    whoami: () => serial.print(user),
    uname: () => serial.print(`Linux ${hostname} 6.1.0-simulated x86_64 GNU/Linux`),
    uptime: () => serial.print(`up ${Math.floor(options.uptimeSeconds())} seconds, 1 user`),
    dmesg: () => serial.print(...KERNEL_LINES),
    exit: () => {
      state = 'login'
      serial.print('logout', '')
    },
    reboot: () => {
      serial.print('reboot: Restarting system')
      options.restart()
    },
    poweroff: () => {
      serial.print('reboot: Power down')
      options.powerOff()
    },
  }

  return {
    begin() {
      serial.print('', `${system} ${hostname} ttyS0`, '')
      ask()
    },
    hidden: () => state === 'password',
    broken: () => {
      serial.print('', 'sysrq: HELP : loglevel(0-9) reboot(b) crash(c) sync(s) poweroff(o)')
      ask()
    },
    line(text) {
      const [word = ''] = text.trim().split(/\s+/)
      if (state === 'login') {
        user = word
        if (word !== '') state = 'password'
      } else if (state === 'password') {
        state = 'shell'
        serial.print(`Linux ${hostname} 6.1.0-simulated x86_64`, "Type 'help': this is simulated.")
      } else if (word !== '') {
        const command = Object.hasOwn(commands, word) ? commands[word] : undefined
        if (command === undefined) serial.print(`-bash: ${word}: command not found`)
        else command()
      }
      ask()
    },
  }
}

/** What a kernel says first, in a few lines. */
export const KERNEL_LINES: readonly string[] = [
  '[    0.000000] Linux version 6.1.0-simulated (gcc 12.2.0) #1 SMP PREEMPT_DYNAMIC',
  '[    0.000000] Command line: root=LABEL=brickyard-root ro console=ttyS0',
  '[    0.004212] tsc: Detected 2700.000 MHz processor',
  '[    0.187331] smpboot: Total of 16 processors activated',
  '[    0.402115] serial8250: ttyS0 at I/O 0x3f8 (irq = 4, base_baud = 115200) is a 16550A',
  '[    0.911820] nvme nvme0: 16/0/0 default/read/poll queues',
  '[    1.204471] EXT4-fs (nvme0n1p1): mounted filesystem with ordered data mode',
  '[    1.377002] systemd[1]: Detected architecture x86-64.',
]
