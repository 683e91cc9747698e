import type { Passed } from './metal-switch.ts'

/** What carries IPv4: packets and ARP. */
const IPV4_TYPES = new Set([0x0800, 0x0806])

/** Counts a sled's IPv4 by port and VLAN, as frames come in at the switch. */
export class VlanTally {
  readonly #counts = new Map<string, number>()

  add({ port, frame, vlan, dropped }: Passed): void {
    if (frame === undefined || !IPV4_TYPES.has(frame.etherType)) return
    const tagged = frame.tag === undefined ? 'untagged' : vlan
    this.#count(`${port} ${dropped ?? tagged}`)
  }

  clear(): void {
    this.#counts.clear()
  }

  /** Tagged with this VLAN and passed on. */
  from = (ports: readonly string[], vlan: number): number =>
    ports.reduce((sum, port) => sum + (this.#counts.get(`${port} ${vlan}`) ?? 0), 0)

  /** Without a tag and passed on. */
  untagged = (ports: readonly string[]): number =>
    ports.reduce((sum, port) => sum + (this.#counts.get(`${port} untagged`) ?? 0), 0)

  /** What a port of a port channel did not pass on. */
  blocked = (port: string): number => this.#counts.get(`${port} blocked`) ?? 0

  #count(key: string): void {
    this.#counts.set(key, (this.#counts.get(key) ?? 0) + 1)
  }
}
