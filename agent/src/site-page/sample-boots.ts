/** A made-up trace: one boot that works its way to the installer, one that was refused. */
import type { BootAttempt, BootLine, BootTrace } from '@brickyard/model/boot-attempt'

export function sampleBoots(of: string, nowAtMs: number): BootTrace {
  const mac = '52:54:00:00:00:01'
  const startedAtMs = nowAtMs - 40_000
  const line = (afterMs: number, more: Partial<BootLine>): BootLine => ({
    atMs: startedAtMs + afterMs,
    lastAtMs: startedAtMs + afterMs,
    count: 1,
    part: 'client',
    tone: 'plain',
    text: `Firmware (UEFI x64) sends DISCOVER from ${mac}`,
    details: [],
    ...more,
  })
  const going: BootAttempt = {
    mac,
    sled: of,
    network: 'prov',
    startedAtMs,
    lastAtMs: nowAtMs - 4000,
    state: 'going',
    summary: 'it fetched the installer, which has not called back',
    findings: [
      `It boots by its NIC 2 of 2, ${mac}; the first one declared is 52:54:00:00:00:00, which was ` +
        'not heard before it. Look at the cable, the link and the switch port of the first NIC and ' +
        'at the boot order of the firmware; or declare the NIC that is to boot first.',
    ],
    lines: [
      line(0, { count: 2, details: ['option 93, architecture: 7'] }),
      line(0, { part: 'answer', text: 'OFFER of 10.98.0.10, kept for it' }),
      line(3000, { part: 'file', tone: 'good', text: 'snponly.efi by TFTP: 215 kiB in 310 ms' }),
    ],
  }
  const refused: BootAttempt = {
    ...going,
    startedAtMs: startedAtMs - 3_600_000,
    lastAtMs: startedAtMs - 3_590_000,
    state: 'refused',
    summary: 'it is ready: inspected',
    findings: [],
    lines: [],
  }
  const watch = { network: 'prov', role: 'provisioning', mode: 'authoritative', interface: 'br0' }
  const lastHeard = { atMs: nowAtMs - 4000, mac, what: 'REQUEST' }
  const foreignServers = [{ address: '10.98.0.200', atMs: nowAtMs - 600_000 }]
  return {
    of,
    asOfMs: nowAtMs,
    attempts: [going, refused],
    watches: [{ ...watch, sinceAtMs: nowAtMs - 7_200_000, lastHeard, foreignServers }],
  }
}
