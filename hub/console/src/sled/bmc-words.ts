import type { BmcFinding, BmcSetting, Sensor } from '@brickyard/api/bmc-schemas'
import type { Said } from '../ui/state-words.ts'

export const SENSOR_SAID: Readonly<Record<Sensor['health'], Said>> = {
  ok: { word: 'ok', shape: 'disc', tone: 'good' },
  warning: { word: 'warning', shape: 'triangle', tone: 'warn' },
  critical: { word: 'critical', shape: 'cross', tone: 'bad' },
  unrecoverable: { word: 'unrecoverable', shape: 'cross', tone: 'bad' },
  unknown: { word: 'unknown', shape: 'gap', tone: 'rest' },
}

export const FINDING_SAID: Readonly<Record<BmcFinding['severity'], Said>> = {
  critical: { word: 'critical', shape: 'cross', tone: 'bad' },
  warning: { word: 'warning', shape: 'triangle', tone: 'warn' },
  info: { word: 'info', shape: 'ring', tone: 'rest' },
}

export const SETTING_SAID: Readonly<Record<BmcSetting['state'], Said>> = {
  'as-wanted': { word: 'as wanted', shape: 'check', tone: 'good' },
  set: { word: 'set, read back', shape: 'check', tone: 'good' },
  'waits-for-boot': { word: 'from the next boot', shape: 'half', tone: 'busy' },
  differs: { word: 'differs', shape: 'diamond', tone: 'warn' },
  unknown: { word: 'not wanted otherwise', shape: 'ring', tone: 'rest' },
}

/** How far a BMC can be relied on: the word its site gives comes first in what it says. */
export function reliabilitySaid(score: number): Said {
  if (score >= 95) return { word: `${score} of 100`, shape: 'disc', tone: 'good' }
  if (score >= 80) return { word: `${score} of 100`, shape: 'half', tone: 'warn' }
  return { word: `${score} of 100`, shape: 'cross', tone: 'bad' }
}

export const sensorText = ({ value, unit }: Sensor): string => {
  if (value === null) return 'no reading'
  if (value === '') return 'no state holds'
  return unit === null ? String(value) : `${value} ${unit}`
}

/** In the order of the scale, with the word of the side that is meant. */
const LIMITS: readonly (readonly [name: string, says: string])[] = [
  ['lowerUnrecoverable', 'unrecoverable below'],
  ['lowerCritical', 'critical below'],
  ['lowerWarning', 'warning below'],
  ['upperWarning', 'warning above'],
  ['upperCritical', 'critical above'],
  ['upperUnrecoverable', 'unrecoverable above'],
]

export const limitsText = ({ limits }: Sensor): string =>
  LIMITS.flatMap(([name, says]) =>
    limits[name] === undefined ? [] : [`${says} ${limits[name]}`],
  ).join(', ')
