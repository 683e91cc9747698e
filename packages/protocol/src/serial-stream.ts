import { MiB, KiB } from '@brickyard/std/units'
import * as z from 'zod'
import { idField, sledField, timeMsField } from './fields.ts'

/**
 * A sled's serial console as a stream of the link. The hub opens one per sled, however many people
 * read; the site gives the bytes by their offset in its own ring and records who was there.
 */
export const SERIAL_STREAM = 'serial'

/** What the site keeps of each console: some thousand lines, a boot log several times over. */
export const SERIAL_RING_BYTES = MiB(1)
/** Output on its way to the hub, per console. */
export const SERIAL_OUTPUT_WINDOW_BYTES = KiB(64)
/** Typed bytes that wait at the site; granted with the opening. A serial port takes 11 kB/s at most. */
export const SERIAL_TYPED_WINDOW_BYTES = KiB(4)
/** Bytes in one frame: over a slow line, what is typed must not wait behind a large one for long. */
export const SERIAL_PIECE_BYTES_MAX = KiB(8)
/** People at one console. */
export const SERIAL_READERS_MAX = 32

const who = z.string().min(1).max(120)
const offset = z.number().int().min(0)

/** Which console, and from where: the byte after the last one held, else the newest `tail` bytes. */
export const serialOpenSchema = z.object({
  sled: sledField,
  from: z.object({ ring: idField, offset }).nullable(),
  tail: z.number().int().min(0).max(SERIAL_RING_BYTES),
})
export type SerialOpen = z.infer<typeof serialOpenSchema>

/** What the hub asks of an open console. */
export const serialAskSchema = z.discriminatedUnion('kind', [
  z.object({ kind: z.literal('break'), by: who }),
  /** Ends a console that somebody else holds at the BMC. */
  z.object({ kind: z.literal('take-over'), by: who }),
  /** Who is there now; the site writes down what changed. */
  z.object({
    kind: z.literal('people'),
    readers: z.array(who).max(SERIAL_READERS_MAX),
    writer: who.nullable(),
  }),
])
export type SerialAsk = z.infer<typeof serialAskSchema>

/** `elsewhere`: somebody else has the console at the BMC, and it has to be asked for. */
export const SERIAL_STATES = ['opening', 'open', 'reconnecting', 'elsewhere', 'failed'] as const
export type SerialState = (typeof SERIAL_STATES)[number]

export const serialToldSchema = z.discriminatedUnion('kind', [
  z.object({
    kind: z.literal('state'),
    state: z.enum(SERIAL_STATES),
    reason: z.string().max(500).nullable(),
    atMs: timeMsField,
  }),
  /** The next byte of the stream is this one. A new ring: the agent began anew. */
  z.object({ kind: z.literal('at'), ring: idField, offset }),
])
export type SerialTold = z.infer<typeof serialToldSchema>
