/** What came of keys that were pressed: bytes for the sled, or something asked of `yard` itself. */
export type EscapeDeed =
  | { readonly kind: 'type'; readonly bytes: Uint8Array }
  | { readonly kind: 'leave' | 'break' | 'help' | 'take' | 'take-over' | 'release' }

/**
 * Where we are: an escape is `~` as the first key of a line, as in ssh and ipmitool, so that a
 * password or a path with a `~` in it is typed as it is.
 */
export type EscapeState = 'line-start' | 'in-line' | 'escaped'

export const ESCAPE_START: EscapeState = 'line-start'

const TILDE = 0x7e
const ENTER: readonly number[] = [0x0d, 0x0a]

const DEEDS: Readonly<Record<string, Exclude<EscapeDeed['kind'], 'type'>>> = {
  '.': 'leave',
  B: 'break',
  '?': 'help',
  t: 'take',
  r: 'release',
  X: 'take-over',
}

export const ESCAPE_HELP: readonly string[] = [
  '~.  leave the console',
  '~B  send a break',
  '~t  take the keyboard, also from somebody else',
  '~r  give the keyboard back',
  '~X  end a console that somebody else holds at the BMC',
  '~~  type a ~',
  '(each only as the first keys of a line)',
]

/** Takes the next keys. What is no escape after all is typed, the `~` before it too. */
export function stepEscape(
  state: EscapeState,
  keys: Uint8Array,
): { readonly state: EscapeState; readonly deeds: readonly EscapeDeed[] } {
  const deeds: EscapeDeed[] = []
  let typed: number[] = []
  let now = state
  const flush = (): void => {
    if (typed.length > 0) deeds.push({ kind: 'type', bytes: Uint8Array.from(typed) })
    typed = []
  }
  for (const key of keys) {
    if (now === 'escaped') {
      const kind = DEEDS[String.fromCharCode(key)]
      if (kind !== undefined) {
        flush()
        deeds.push({ kind })
        now = 'line-start'
        continue
      }
      typed.push(TILDE)
      now = 'in-line'
      if (key === TILDE) continue
    } else if (now === 'line-start' && key === TILDE) {
      now = 'escaped'
      continue
    }
    typed.push(key)
    now = ENTER.includes(key) ? 'line-start' : 'in-line'
  }
  flush()
  return { state: now, deeds }
}
