import type { BootAttempt, BootLine } from '@brickyard/model/boot-attempt'
import { Seconds } from '@brickyard/std/units'

/** One phase of a boot, and what in it a server could have spared the sled. */
export interface BootPhase {
  readonly name: string
  readonly ms: number
  /** Undefined where the time is the sled's own, or its firmware's. */
  readonly avoidable: string | undefined
}

/**
 * Longest that iPXE takes between its own two messages, and from its address to its script, where it
 * waits for nobody. For a proxy it waits 4 s, for a router 13 s; emulation on a busy machine makes
 * milliseconds into a second.
 */
const IPXE_PROMPT_MS = Seconds(3)

interface Mark {
  readonly name: string
  readonly atMs: number | undefined
  readonly avoidable?: string | undefined
}

/** A boot from a disc says nothing before its installer calls. */
export const isDiscLine = ({ part, text }: BootLine): boolean =>
  part === 'client' && text.startsWith('Booted from disc')

/**
 * A boot through iPXE, or from a disc, from the hub's timeline, phase by phase from `poweredOnAtMs`.
 * Phases that were not seen are left out, and their time falls to the next.
 */
export function bootPhases({ lines }: BootAttempt, poweredOnAtMs: number): BootPhase[] {
  const script = lines.find(({ part }) => part === 'script')
  const ipxe = clientLines(lines, 'iPXE')
  const firmware = clientLines(lines, 'Firmware')
  const files = lines.filter(({ part, tone }) => part === 'file' && tone === 'good')
  const loader = files.find(({ text }) => /\.(efi|kpxe) by /.test(text))
  const installer = files.findLast(({ text }) => /^(vmlinuz|initrd)/.test(text))
  const marks: Mark[] = [
    { name: 'firmware starts', atMs: firmware[0]?.atMs },
    { name: 'firmware: address', atMs: lastOf(firmware)?.atMs, avoidable: repeated(firmware) },
    { name: 'loader fetched', atMs: loader?.lastAtMs },
    { name: 'iPXE starts', atMs: ipxe[0]?.atMs },
    {
      name: 'iPXE: address',
      atMs: lastOf(ipxe)?.atMs,
      avoidable:
        slow(ipxe[0], lastOf(ipxe), 'it waits for a proxy, or for an offer') ?? repeated(ipxe),
    },
    {
      name: 'script fetched',
      atMs: script?.atMs,
      avoidable: slow(lastOf(ipxe), script, 'it waits for a router advertisement, or asks a proxy'),
    },
    { name: 'kernel and initrd fetched', atMs: installer?.lastAtMs },
    { name: 'firmware, disc and kernel', atMs: lines.find(isDiscLine)?.atMs },
    { name: 'installer calls', atMs: lines.find(({ part }) => part === 'installer')?.atMs },
  ]
  return phasesBetween(marks, poweredOnAtMs)
}

function phasesBetween(marks: readonly Mark[], startMs: number): BootPhase[] {
  const phases: BootPhase[] = []
  let before = startMs
  for (const { name, atMs, avoidable } of marks) {
    if (atMs === undefined) continue
    phases.push({ name, ms: Math.max(0, atMs - before), avoidable })
    before = Math.max(before, atMs)
  }
  return phases
}

const clientLines = (lines: readonly BootLine[], who: string): BootLine[] =>
  lines.filter(({ part, text }) => part === 'client' && text.startsWith(who))

const lastOf = (lines: readonly BootLine[]): BootLine | undefined => lines.at(-1)

/** A sled under emulation may itself be late to read an answer, once. */
const REPEATS_OWN = 2

/** A message that is sent again and again has no answer in time: a ping before the offer looks so. */
function repeated(lines: readonly BootLine[]): string | undefined {
  const again = lines.find(({ count }) => count > REPEATS_OWN)
  return again && `${again.text.replace(/ from .*/, '')} ${again.count} times before it goes on`
}

function slow(
  from: BootLine | undefined,
  to: BootLine | undefined,
  what: string,
): string | undefined {
  if (from === undefined || to === undefined) return undefined
  const ms = to.atMs - from.atMs
  return ms <= IPXE_PROMPT_MS ? undefined : `${what} (${(ms / 1000).toFixed(1)} s)`
}

/** One line a phase: its seconds, and what in it could be spared. */
export const phaseLines = (phases: readonly BootPhase[]): string[] =>
  phases.map(({ name, ms, avoidable }) => {
    const seconds = (ms / 1000).toFixed(1).padStart(7)
    return `${seconds} s  ${name}${avoidable === undefined ? '' : `: AVOIDABLE, ${avoidable}`}`
  })
