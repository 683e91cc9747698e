import type { Log, LogFields } from '@brickyard/runtime/log'

export interface LogLine {
  readonly level: 'debug' | 'info' | 'warn' | 'error'
  readonly message: string
  readonly fields: LogFields
}

/** Keeps the newest lines; a long run must not fill the memory. */
const LINES_MAX = 5000

/** A Log that keeps what was said, for tests and for the story printed when one fails. */
export function recordingLog(): Log & { readonly lines: readonly LogLine[] } {
  const lines: LogLine[] = []
  const make = (base: LogFields): Log => {
    const at = (level: LogLine['level']) => (message: string, fields?: LogFields) => {
      lines.push({ level, message, fields: { ...base, ...fields } })
      if (lines.length > LINES_MAX) lines.splice(0, LINES_MAX / 2)
    }
    return {
      debug: at('debug'),
      info: at('info'),
      warn: at('warn'),
      error: at('error'),
      child: (fields) => make({ ...base, ...fields }),
    }
  }
  return { ...make({}), lines }
}
