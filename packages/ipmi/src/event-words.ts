/** How grave a state is. */
export type Severity = 'ok' | 'warning' | 'critical' | 'unrecoverable'

/** One state of a sensor in words. */
export interface StateWords {
  readonly text: string
  readonly severity: Severity
}

/** The threshold event/reading type (IPMI 2.0 table 42-1). */
export const EVENT_TYPE_THRESHOLD = 0x01
/** "The states are those of the sensor type." */
export const EVENT_TYPE_SENSOR_SPECIFIC = 0x6f

/**
 * Sensor types with their states by offset (IPMI 2.0 table 42-3): `name: state 0 | state 1 …`. A
 * leading `?` marks a state as a warning, `!` as critical; an empty place is reserved.
 */
const SENSOR_TYPES: readonly string[] = [
  'reserved',
  'temperature',
  'voltage',
  'current',
  'fan',
  'physical security: !chassis intrusion|?drive bay intrusion|?I/O card area intrusion|?processor area intrusion|?unplugged from LAN|?unauthorized dock|?fan area intrusion',
  'platform security: ?front panel lockout violated|?user pre-boot password violated|?setup password violated|?network boot password violated|?pre-boot password violated|?out-of-band password violated',
  'processor: !internal error|!thermal trip|!BIST failure|!hang in POST|!startup failure|!configuration error|!uncorrectable CPU-complex error|present|?disabled|terminator present|?throttled|!uncorrectable machine check|?correctable machine check',
  'power supply: present|!failed|?failure predicted|!input lost|!input lost or out of range|?input out of range|!configuration error|inactive',
  'power unit: off|power cycled|240 VA power down|interlock power down|!input power lost|!soft power control failed|!failed|?failure predicted',
  'cooling device',
  'other units',
  'memory: ?correctable ECC error|!uncorrectable ECC error|!parity error|!scrub failed|?disabled|?correctable ECC log limit reached|present|!configuration error|spare|?throttled|!critical overtemperature',
  'drive slot: present|!fault|?failure predicted|hot spare|consistency check running|!in critical array|!in failed array|?rebuilding|!rebuild aborted',
  'POST memory resize',
  'system firmware: !error|!hang|progress',
  'event logging: ?correctable memory error logging off|?event type logging off|log cleared|!all logging off|!log full|?log almost full|?correctable machine check logging off',
  'watchdog 1: !BIOS reset|!OS reset|!OS shut down|!OS power down|!OS power cycle|!OS NMI|!OS expired|?OS pre-timeout interrupt',
  'system event: reconfigured|OEM boot event|!undetermined hardware failure|entry in auxiliary log|PEF action|clock set',
  'critical interrupt: !front panel NMI|!bus timeout|!I/O channel check NMI|!software NMI|!PCI parity error|!PCI system error|!EISA fail-safe timeout|?bus correctable error|!bus uncorrectable error|!fatal NMI|!bus fatal error|?bus degraded',
  'button: power pressed|sleep pressed|reset pressed|FRU latch open|FRU service requested',
  'module',
  'microcontroller',
  'add-in card',
  'chassis',
  'chipset: !soft power control failed|!thermal trip',
  'other FRU',
  'cable: connected|!configuration error',
  'terminator',
  'system boot: power up|hard reset|warm reset|user asked for PXE|automatic diagnostic|hard reset by software|warm reset by software|restart',
  'boot error: !no bootable medium|?non-bootable disk|!PXE server not found|!invalid boot sector|?timeout waiting for selection',
  'OS boot: A: booted|C: booted|PXE booted|diagnostic booted|CD-ROM booted|ROM booted|booted|installation started|installation done|?installation aborted|!installation failed',
  'OS stop: !critical stop while loading|!critical stop at run time|graceful stop|graceful shutdown|shutdown by PEF|?agent does not answer',
  'slot: !fault|identify|device installed|ready for device|ready for removal|power off|removal requested|interlock open|disabled|spare device',
  'ACPI power state: S0 working|S1 sleeping|S2 sleeping|S3 suspended to memory|S4 suspended to disk|S5 soft off|S4 or S5 soft off|G3 mechanical off|sleeping|G1 sleeping|S5 by override|legacy on|legacy off||unknown',
  'watchdog 2: ?expired|!hard reset|!power down|!power cycle|||||?interrupt',
  'platform alert: page|LAN alert|platform event trap|SNMP trap',
  'entity presence: present|?absent|disabled',
  'monitor ASIC',
  'LAN: ?heartbeat lost|heartbeat',
  'management subsystem: ?sensor access degraded|?controller access degraded|!controller off-line|!controller unavailable|?sensor failed|?FRU failed',
  'battery: ?low|!failed|present',
  'session audit: session opened|session closed|?wrong user name or password|?locked out by wrong passwords',
  'version change: hardware changed|firmware changed|!hardware incompatible|!firmware incompatible|!hardware version unsupported|!firmware version unsupported|hardware change succeeded|firmware change succeeded',
  'FRU state: not installed|inactive|activation requested|activating|active|deactivation requested|deactivating|?communication lost',
]

/** Generic event types by their number (table 42-2), from 2 on; 1 are thresholds. */
const GENERIC_TYPES: readonly string[] = [
  '',
  '',
  'idle|active|busy',
  'deasserted|asserted',
  'no failure predicted|?failure predicted',
  'limit not exceeded|?limit exceeded',
  'performance met|?performance lags',
  'OK|?non-critical|!critical|!non-recoverable|?non-critical from more severe|!critical from non-recoverable|!non-recoverable|monitor|informational',
  'absent|present',
  'disabled|enabled',
  'running|in test|power off|on-line|?off-line|off duty|?degraded|power save|!install error',
  'fully redundant|!redundancy lost|?redundancy degraded|?not redundant, sufficient|?not redundant, sufficient from insufficient|!not redundant, insufficient|?degraded from full redundancy|?degraded from no redundancy',
  'D0|D1|D2|D3',
]

/** Events of thresholds by offset (table 42-2, type 1): even ones going low, odd ones going high. */
const THRESHOLD_WORDS = [
  'lower non-critical',
  'lower critical',
  'lower non-recoverable',
  'upper non-critical',
  'upper critical',
  'upper non-recoverable',
] as const
const THRESHOLD_SEVERITY: readonly Severity[] = ['warning', 'critical', 'unrecoverable']

const OEM_SENSOR_TYPES_FROM = 0xc0

/** A sensor type in words: `temperature`; `OEM 0xc3` for a maker's own. */
export function sensorTypeText(sensorType: number): string {
  const known = SENSOR_TYPES[sensorType]
  if (known !== undefined) return (known.split(': ', 1)[0] ?? known).trim()
  const hex = `0x${sensorType.toString(16)}`
  return sensorType >= OEM_SENSOR_TYPES_FROM ? `OEM ${hex}` : `sensor type ${hex}`
}

function marked(word: string | undefined): StateWords | undefined {
  if (word === undefined || word === '') return undefined
  if (word.startsWith('!')) return { text: word.slice(1), severity: 'critical' }
  if (word.startsWith('?')) return { text: word.slice(1), severity: 'warning' }
  return { text: word, severity: 'ok' }
}

/** A discrete state in words; undefined for reserved offsets and for a maker's own event types. */
export function stateWords(
  sensorType: number,
  eventType: number,
  offset: number,
): StateWords | undefined {
  if (eventType === EVENT_TYPE_SENSOR_SPECIFIC) {
    const known = SENSOR_TYPES[sensorType]
    const at = known?.indexOf(': ') ?? -1
    return known === undefined || at < 0
      ? undefined
      : marked(known.slice(at + 2).split('|')[offset])
  }
  const generic = GENERIC_TYPES[eventType]
  return generic === undefined || generic === '' ? undefined : marked(generic.split('|')[offset])
}

/** A threshold event in words: `upper critical going high`. */
export function thresholdWords(offset: number): StateWords | undefined {
  const threshold = THRESHOLD_WORDS[offset >> 1]
  const severity = THRESHOLD_SEVERITY[(offset >> 1) % THRESHOLD_SEVERITY.length]
  if (threshold === undefined || severity === undefined) return undefined
  return { text: `${threshold} going ${offset % 2 === 0 ? 'low' : 'high'}`, severity }
}

const RANK: Readonly<Record<Severity, number>> = {
  ok: 0,
  warning: 1,
  critical: 2,
  unrecoverable: 3,
}

/** The gravest of some; `ok` for none. */
export const gravest = (severities: readonly Severity[]): Severity =>
  severities.reduce((worst, next) => (RANK[next] > RANK[worst] ? next : worst), 'ok')
