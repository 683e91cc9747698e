import type { PowerState } from '@brickyard/model/operation'
import type { HostBootOverride, VirtualHost } from './virtual-host.ts'

/** A host that does at once what its BMC says, and remembers it. */
export function obedientHost() {
  const seen = {
    power: 'off' as PowerState,
    verbs: [] as string[],
    boot: undefined as HostBootOverride | undefined,
    /** Seconds of light asked for, in their order. */
    identify: [] as number[],
  }
  const host: VirtualHost = {
    power: () => seen.power,
    apply(verb) {
      seen.verbs.push(verb)
      seen.power = verb === 'off' || verb === 'soft' ? 'off' : 'on'
    },
    setBootOverride: (override) => void (seen.boot = override),
    bootOverride: () => seen.boot,
    identify: (seconds) => void seen.identify.push(seconds),
  }
  return { host, seen }
}
