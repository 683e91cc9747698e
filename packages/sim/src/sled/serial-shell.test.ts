import { describe, expect, it } from 'vitest'
import { createSerialPort } from './serial-port.ts'
import { createShell } from './serial-shell.ts'

function terminal() {
  const serial = createSerialPort()
  let shown = ''
  const deeds: string[] = []
  serial.port.onOutput((bytes) => {
    shown += new TextDecoder().decode(bytes)
  })
  const shell = createShell({
    serial,
    hostname: 'edge-1',
    system: 'debian-12',
    uptimeSeconds: () => 42.9,
    powerOff: () => deeds.push('off'),
    restart: () => deeds.push('restart'),
  })
  serial.listen(shell)
  shell.begin()
  return {
    serial,
    deeds,
    type(text: string): string {
      shown = ''
      serial.port.write(new TextEncoder().encode(text))
      return shown
    },
    shown: () => shown,
  }
}

describe('the serial line of a simulated system', () => {
  it('asks for a login, hides the password, and answers a few words', () => {
    const t = terminal()
    expect(t.shown()).toContain('debian-12 edge-1 ttyS0\r\n\r\nedge-1 login: ')
    expect(t.type('root\r')).toBe('root\r\nPassword: ')
    expect(t.type('secret\r')).toContain('\r\nLinux edge-1')
    expect(t.type('uptime\r')).toBe('uptime\r\nup 42 seconds, 1 user\r\nroot@edge-1:~$ ')
    expect(t.type('toString\r')).toContain('-bash: toString: command not found')
    expect(t.type('rebooo\b\u007fot\r')).toContain('Restarting')
    expect(t.deeds).toEqual(['restart'])
  })

  it('answers a break, and nothing while nobody listens', () => {
    const t = terminal()
    t.serial.port.sendBreak()
    expect(t.shown()).toContain('sysrq: HELP')
    t.serial.listen(undefined)
    expect(t.type('root\r')).toBe('')
  })

  it('takes no more than a line holds', () => {
    const t = terminal()
    expect(t.type('x'.repeat(1000)).length).toBe(256)
  })
})
