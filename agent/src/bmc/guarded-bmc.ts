import type { Bmc } from '@brickyard/bmc/bmc'
import type { BmcFault } from '@brickyard/bmc/fault'
import { err, type Result } from '@brickyard/std/result'

type Answer<T> = Promise<Result<T, BmcFault>>
type Guard = <T>(call: () => Answer<T>) => Answer<T>

export interface BmcGuard {
  /** False once the work's time is over. */
  readonly living: () => boolean
  /** Why nothing may be changed on this sled, whoever asks; undefined when it may. */
  readonly untouchable: () => string | undefined
  /** Why its BMC may not be restarted now; undefined when it may. Left out: it never may. */
  readonly restartHeld?: () => string | undefined
  /** A restart was sent. */
  readonly onRestart?: () => void
}

const NO_RESTART = 'a BMC is restarted from its own queue alone'
const LATE = { kind: 'timeout', message: 'the deadline of this work has passed' } as const

/**
 * A BMC handed to one piece of work. Once its time is over every call is refused without reaching
 * the wire, so work that overran its deadline cannot interfere with what came after it. On a sled
 * that is not ours to touch every write is refused, a console too: this is the one place where that
 * is decided, and all work goes through it. Reading and the identify light change nothing.
 */
export function guardedBmc(bmc: Bmc, guard: BmcGuard): Bmc {
  const { living, untouchable } = guard
  const read: Guard = (call) => (living() ? call() : Promise.resolve(err(LATE)))
  const write: Guard = (call) => {
    const why = untouchable()
    return why === undefined
      ? read(call)
      : Promise.resolve(err({ kind: 'refused', message: `${why}: nothing is changed on it` }))
  }
  return {
    power: {
      read: () => read(() => bmc.power.read()),
      set: (verb) => write(() => bmc.power.set(verb)),
    },
    boot: {
      read: () => read(() => bmc.boot.read()),
      setNextBoot: (wanted) => write(() => bmc.boot.setNextBoot(wanted)),
    },
    identify: { light: (seconds) => read(() => bmc.identify.light(seconds)) },
    inventory: { read: () => read(() => bmc.inventory.read()) },
    ...guardedReaders(bmc, read, write),
    ...guardedControls(bmc, read, write),
    ...guardedSettings(bmc, read, write),
    restart: bmc.restart && guardedRestart(bmc.restart, guard, write),
    // The connection is the desk's: work that closes it would take it from everybody after.
    close: () => Promise.resolve(),
  }
}

function guardedReaders(
  { sensors, log, accounts, exposure, events }: Bmc,
  read: Guard,
  write: Guard,
): Pick<Bmc, 'sensors' | 'log' | 'accounts' | 'exposure' | 'events'> {
  return {
    events: events && { open: (listener) => read(() => events.open(listener)) },
    exposure: exposure && { read: () => read(() => exposure.read()) },
    sensors: sensors && { read: () => read(() => sensors.read()) },
    log: log && {
      read: (options) => read(() => log.read(options)),
      clear: (seen) => write(() => log.clear(seen)),
    },
    accounts: accounts && {
      list: () => read(() => accounts.list()),
      set: (slot, account) => write(() => accounts.set(slot, account)),
      disable: (slot) => write(() => accounts.disable(slot)),
      verify: (slot, password) => read(() => accounts.verify(slot, password)),
    },
  }
}

function guardedControls(
  { console, powerLimit, virtualMedia, firmware }: Bmc,
  read: Guard,
  write: Guard,
): Pick<Bmc, 'console' | 'powerLimit' | 'virtualMedia' | 'firmware'> {
  return {
    console: console && {
      open: (listener, options) => write(() => console.open(listener, options)),
    },
    powerLimit: powerLimit && {
      readDraw: () => read(() => powerLimit.readDraw()),
      readLimit: () => read(() => powerLimit.readLimit()),
      setLimit: (watts) => write(() => powerLimit.setLimit(watts)),
    },
    virtualMedia: virtualMedia && {
      read: () => read(() => virtualMedia.read()),
      insert: (url) => write(() => virtualMedia.insert(url)),
      eject: () => write(() => virtualMedia.eject()),
    },
    firmware: firmware && {
      read: () => read(() => firmware.read()),
      update: (wanted, onProgress) => write(() => firmware.update(wanted, onProgress)),
    },
  }
}

function guardedSettings(
  { restorePolicy, bios, secureBoot }: Bmc,
  read: Guard,
  write: Guard,
): Pick<Bmc, 'restorePolicy' | 'bios' | 'secureBoot'> {
  return {
    restorePolicy: restorePolicy && {
      read: () => read(() => restorePolicy.read()),
      set: (policy) => write(() => restorePolicy.set(policy)),
    },
    bios: bios && {
      read: () => read(() => bios.read()),
      set: (wanted) => write(() => bios.set(wanted)),
    },
    secureBoot: secureBoot && {
      read: () => read(() => secureBoot.read()),
      setEnabled: (enabled) => write(() => secureBoot.setEnabled(enabled)),
      resetKeys: (keys) => write(() => secureBoot.resetKeys(keys)),
    },
  }
}

function guardedRestart(
  restart: NonNullable<Bmc['restart']>,
  { restartHeld, onRestart }: BmcGuard,
  write: Guard,
): NonNullable<Bmc['restart']> {
  return {
    restart: (kind) =>
      write(() => {
        const held = restartHeld === undefined ? NO_RESTART : restartHeld()
        if (held !== undefined) return Promise.resolve(err({ kind: 'refused', message: held }))
        // Noted before it is sent: one whose end nobody saw counts as well.
        onRestart?.()
        return restart.restart(kind)
      }),
  }
}
