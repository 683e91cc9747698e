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
}

const LATE = { kind: 'timeout', message: 'the deadline of this work has passed' } as const

/**
 * A BMC handed to one piece of work. Once its time is over every call is refused without reaching
 * the wire, so work that overran its deadline cannot interfere with what came after it. On a sled
 * that is not ours to touch every write is refused, a console too: this is the one place where that
 * is decided, and all work goes through it. Reading and the identify light change nothing.
 */
export function guardedBmc(bmc: Bmc, { living, untouchable }: BmcGuard): Bmc {
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
    // The connection is the desk's: work that closes it would take it from everybody after.
    close: () => Promise.resolve(),
  }
}

function guardedReaders(
  { sensors, log, accounts }: Bmc,
  read: Guard,
  write: Guard,
): Pick<Bmc, 'sensors' | 'log' | 'accounts'> {
  return {
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
  { console, powerLimit, restorePolicy, virtualMedia, firmware }: Bmc,
  read: Guard,
  write: Guard,
): Pick<Bmc, 'console' | 'powerLimit' | 'restorePolicy' | 'virtualMedia' | 'firmware'> {
  return {
    console: console && {
      open: (listener, options) => write(() => console.open(listener, options)),
    },
    powerLimit: powerLimit && {
      readDraw: () => read(() => powerLimit.readDraw()),
      readLimit: () => read(() => powerLimit.readLimit()),
      setLimit: (watts) => write(() => powerLimit.setLimit(watts)),
    },
    restorePolicy: restorePolicy && {
      read: () => read(() => restorePolicy.read()),
      set: (policy) => write(() => restorePolicy.set(policy)),
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
  { bios, secureBoot, restart }: Bmc,
  read: Guard,
  write: Guard,
): Pick<Bmc, 'bios' | 'secureBoot' | 'restart'> {
  return {
    bios: bios && {
      read: () => read(() => bios.read()),
      set: (wanted) => write(() => bios.set(wanted)),
    },
    secureBoot: secureBoot && {
      read: () => read(() => secureBoot.read()),
      setEnabled: (enabled) => write(() => secureBoot.setEnabled(enabled)),
      resetKeys: (keys) => write(() => secureBoot.resetKeys(keys)),
    },
    restart: restart && { restart: (kind) => write(() => restart.restart(kind)) },
  }
}
