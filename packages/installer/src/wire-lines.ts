import { err, ok, type Result } from '@brickyard/std/result'

/**
 * The text form of every body on the installer's wire: one `key=value` a line, UTF-8. Control
 * characters, `%` and line ends in a value are written `%XX`, so that busybox's sh can read a body
 * line by line and a value never breaks out of its line.
 */
export type Fields = ReadonlyMap<string, string>

/** A body is refused above this: an inventory of 64 disks and 64 NICs takes about 20 kB. */
export const BODY_CHARS_MAX = 65_536
/** A body has fewer lines than this; the same reasoning. */
export const BODY_LINES_MAX = 1024

const KEY_PATTERN = /^[a-z0-9][a-z0-9.-]{0,63}$/
/** Everything but printable ASCII and what lies above it, and the escape itself. */
const ESCAPED = /[^\u0020-\u007e\u0080-\uffff]|%/g

const escapeChar = (char: string): string =>
  `%${char.charCodeAt(0).toString(16).toUpperCase().padStart(2, '0')}`

/** Escapes one value for a line. */
export const encodeValue = (value: string): string => value.replace(ESCAPED, escapeChar)

/** The value of a line; fails on `%` that two hex digits do not follow. */
export function decodeValue(text: string): Result<string> {
  if (/%(?![0-9a-fA-F]{2})/.test(text)) return err(`'${shorten(text)}' has a bare '%'`)
  return ok(
    text.replace(/%([0-9a-fA-F]{2})/g, (_, hex: string) =>
      String.fromCharCode(Number.parseInt(hex, 16)),
    ),
  )
}

/** Writes fields as lines in the order given. Undefined values are left out. */
export function encodeLines(fields: Readonly<Record<string, string | number | undefined>>): string {
  let text = ''
  for (const [key, value] of Object.entries(fields)) {
    if (value !== undefined) text += `${key}=${encodeValue(String(value))}\n`
  }
  return text
}

/** Reads a body. Never throws; the error names the line. */
export function parseLines(text: string): Result<Fields> {
  if (text.length > BODY_CHARS_MAX) return err(`body has more than ${BODY_CHARS_MAX} characters`)
  const lines = text.split('\n')
  if (lines.length > BODY_LINES_MAX) return err(`body has more than ${BODY_LINES_MAX} lines`)
  const fields = new Map<string, string>()
  for (const [index, raw] of lines.entries()) {
    const line = raw.endsWith('\r') ? raw.slice(0, -1) : raw
    if (line === '') continue
    const equals = line.indexOf('=')
    const key = equals < 0 ? line : line.slice(0, equals)
    if (equals < 0 || !KEY_PATTERN.test(key)) {
      return err(`line ${index + 1} is '${shorten(line)}'; expected key=value`)
    }
    if (fields.has(key)) return err(`line ${index + 1} gives '${key}' a second time`)
    const value = decodeValue(line.slice(equals + 1))
    if (!value.ok) return err(`line ${index + 1}: ${value.error}`)
    fields.set(key, value.value)
  }
  return ok(fields)
}

const SHOWN_CHARS_MAX = 60
const shorten = (text: string): string =>
  text.length > SHOWN_CHARS_MAX ? `${text.slice(0, SHOWN_CHARS_MAX)}…` : text
