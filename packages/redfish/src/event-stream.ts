import { KiB } from '@brickyard/std/units'
import { objectOf, type JsonObject } from './loose-json.ts'

/** Longest event taken; a service that sends more than this between two blank lines is not heard. */
const EVENT_CHARS_MAX = KiB(256)

/**
 * Events out of a stream of them (server-sent events, WHATWG HTML §9.2, as DSP0266 §13.6 uses them):
 * text in pieces goes in, the objects of whole events come out. Comments (":" lines, by which services
 * keep the connection alive), names and what is no JSON are passed over.
 */
export function createEventDecoder(): { take(text: string): readonly JsonObject[] } {
  let held = ''
  /** Half of a line's end, at the end of a piece. */
  let half = ''
  let skipping = false

  function eventOf(block: string): JsonObject | undefined {
    const data = block
      .split('\n')
      .filter((line) => line.startsWith('data:'))
      .map((line) => line.slice('data:'.length).trimStart())
      .join('\n')
    try {
      const value: unknown = JSON.parse(data)
      return typeof value === 'object' && value !== null ? objectOf(value) : undefined
    } catch {
      return undefined
    }
  }

  return {
    take(text) {
      const whole = half + text
      half = whole.endsWith('\r') ? '\r' : ''
      held += whole.slice(0, whole.length - half.length).replace(/\r\n?/g, '\n')
      const blocks = held.split('\n\n')
      held = blocks.pop() ?? ''
      const found = blocks
        .slice(skipping ? 1 : 0)
        .map(eventOf)
        .filter((event) => event !== undefined)
      if (blocks.length > 0) skipping = false
      if (held.length > EVENT_CHARS_MAX) {
        held = ''
        skipping = true
      }
      return found
    },
  }
}
