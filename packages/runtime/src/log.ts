export type LogFields = Readonly<Record<string, string | number | boolean | null | undefined>>

/** Structured log. `error` means a person should look. Secrets never go in. */
export interface Log {
  debug(message: string, fields?: LogFields): void
  info(message: string, fields?: LogFields): void
  warn(message: string, fields?: LogFields): void
  error(message: string, fields?: LogFields): void
  child(fields: LogFields): Log
}
