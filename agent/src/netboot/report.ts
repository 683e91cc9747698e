import type { Clock } from '@brickyard/runtime/clock'
import { Minutes } from '@brickyard/std/units'

/** Something netboot saw that belongs into the site's journal. */
export interface NetbootEvent {
  readonly kind: string
  readonly body: Readonly<Record<string, string | number | boolean | null>>
}

/** Takes an event; the agent journals it. Must not throw. */
export type Report = (event: NetbootEvent) => void

/** A client that asks every few seconds is told of once in this time. */
const QUIET_MS = Minutes(10)
/** Keys remembered at most; beyond it the oldest is forgotten and may be told of again. */
const KEYS_MAX = 2048

/** As Report; `occasion` tells apart events that look alike and are not, e.g. two boot intents. */
export type ReportOnce = (event: NetbootEvent, occasion?: string) => void

/** Passes an event on unless the same (kind, body, occasion) was told of within ten minutes. */
export function reportOnce(report: Report, clock: Clock): ReportOnce {
  const toldAtMs = new Map<string, number>()
  return (event, occasion = '') => {
    const key = JSON.stringify([event.kind, event.body, occasion])
    const nowMs = clock.monotonicMs()
    const before = toldAtMs.get(key)
    if (before !== undefined && nowMs - before < QUIET_MS) return
    toldAtMs.delete(key)
    toldAtMs.set(key, nowMs)
    if (toldAtMs.size > KEYS_MAX) toldAtMs.delete(toldAtMs.keys().next().value as string)
    report(event)
  }
}

const TEXT_CHARS_MAX = 120

/** Text from a packet, fit for a log line and a screen: printable ASCII, bounded. */
export const printable = (text: string): string =>
  text.slice(0, TEXT_CHARS_MAX).replace(/[^\x20-\x7e]/g, '?')
