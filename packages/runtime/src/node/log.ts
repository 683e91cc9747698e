import pino from 'pino'
import type { Log, LogFields } from '../log.ts'

/** JSON lines on standard error, which systemd's journal takes. */
export function jsonLog(level: 'debug' | 'info' | 'warn' | 'error' | 'silent', name: string): Log {
  return wrap(pino({ level, name }, pino.destination({ dest: 2, sync: true })))
}

const wrap = (logger: pino.Logger): Log => ({
  debug: (message, fields) => logger.debug(fields ?? {}, message),
  info: (message, fields) => logger.info(fields ?? {}, message),
  warn: (message, fields) => logger.warn(fields ?? {}, message),
  error: (message, fields) => logger.error(fields ?? {}, message),
  child: (fields: LogFields) => wrap(logger.child(fields)),
})
