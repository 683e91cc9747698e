import { useSyncExternalStore } from 'react'

/** Words for times and spans. Pure but for the one clock at the end of the file. */
const SECOND_MS = 1000
const MINUTE_MS = 60 * SECOND_MS
const HOUR_MS = 60 * MINUTE_MS
const DAY_MS = 24 * HOUR_MS

/** A span in the one unit that matters: `12 s`, `4 min`, `3 h`, `2 d`. */
export function spanText(spanMs: number): string {
  const span = Math.max(0, spanMs)
  if (span < MINUTE_MS) return `${Math.floor(span / SECOND_MS)} s`
  if (span < HOUR_MS) return `${Math.floor(span / MINUTE_MS)} min`
  if (span < 2 * DAY_MS) return `${Math.floor(span / HOUR_MS)} h`
  return `${Math.floor(span / DAY_MS)} d`
}

/** A duration that was measured: `0.4 s`, `12.3 s`, `4 min 05 s`. */
export function durationText(spanMs: number): string {
  const span = Math.max(0, spanMs)
  if (span < MINUTE_MS) return `${(span / SECOND_MS).toFixed(1)} s`
  const seconds = Math.floor((span % MINUTE_MS) / SECOND_MS)
  return `${Math.floor(span / MINUTE_MS)} min ${String(seconds).padStart(2, '0')} s`
}

/** How long ago, for a row: `just now`, `4 min ago`. A future time is said as such. */
export function agoText(atMs: number, nowMs: number): string {
  const span = nowMs - atMs
  if (span < -5 * SECOND_MS) return `in ${spanText(-span)}`
  return span < 5 * SECOND_MS ? 'just now' : `${spanText(span)} ago`
}

const clockFormat = new Intl.DateTimeFormat('en-GB', { hour: '2-digit', minute: '2-digit' })
const secondsFormat = new Intl.DateTimeFormat('en-GB', { timeStyle: 'medium' })
const dayFormat = new Intl.DateTimeFormat('en-GB', { day: 'numeric', month: 'short' })
const fullFormat = new Intl.DateTimeFormat('en-GB', { dateStyle: 'medium', timeStyle: 'long' })

export const fullText = (atMs: number): string => fullFormat.format(atMs)
export const clockText = (atMs: number): string => secondsFormat.format(atMs)

/** `14:02` today, `14:02, 3 Nov` before. */
export const shortText = (atMs: number, nowMs: number): string =>
  nowMs - atMs < DAY_MS / 2
    ? clockFormat.format(atMs)
    : `${clockFormat.format(atMs)}, ${dayFormat.format(atMs)}`

/** `as of 14:02 (3 h)`: what a value of a site that is away carries. */
export const asOfText = (atMs: number | null, nowMs: number): string =>
  atMs === null ? 'never reported' : `as of ${shortText(atMs, nowMs)} (${spanText(nowMs - atMs)})`

const TICK_MS = 1000
const nowListeners = new Set<() => void>()
let timer: ReturnType<typeof setInterval> | undefined
let now = Date.now()

function subscribe(listener: () => void): () => void {
  nowListeners.add(listener)
  timer ??= setInterval(() => {
    now = Date.now()
    for (const each of nowListeners) each()
  }, TICK_MS)
  return () => {
    nowListeners.delete(listener)
    if (nowListeners.size > 0) return
    clearInterval(timer)
    timer = undefined
  }
}

/** The time, in steps of `stepMs`, so that a row of minutes is not drawn every second. */
export const useNow = (stepMs = 1000): number =>
  useSyncExternalStore(subscribe, () => Math.floor(now / stepMs) * stepMs)
