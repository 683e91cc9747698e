import { Ipv4 } from '@brickyard/model/ipv4'
import type { ClientKey } from './lease-table.ts'

/**
 * A range of addresses that are given out: fresh ones first, then the one longest free, so that a
 * machine that comes back finds its address. Never searched, whatever its size.
 */
export class AddressPool {
  readonly first: number
  readonly last: number
  /** Addresses given back, longest free first, with their last user. */
  readonly #freed = new Map<Ipv4, ClientKey>()
  /** From here on none was ever given out. */
  #nextFresh: number

  constructor(first: number, last: number) {
    this.first = first
    this.last = last
    this.#nextFresh = first
  }

  holds(address: number): boolean {
    return address >= this.first && address <= this.last
  }

  /** `lastUser` is empty where somebody was found on the address who does not belong there. */
  giveBack(address: Ipv4, lastUser: ClientKey): void {
    this.#freed.set(address, lastUser)
  }

  /** The address is in use again; tells who had it last. */
  take(address: Ipv4): ClientKey | undefined {
    const lastUser = this.#freed.get(address)
    if (lastUser !== undefined) this.#freed.delete(address)
    return lastUser
  }

  /** True for an address that a client had and gave back since we began, and nobody complained of. */
  wasUsed(address: Ipv4): boolean {
    return (this.#freed.get(address) ?? '') !== ''
  }

  /** The next address that nobody ever had and `mayGive` allows. */
  fresh(mayGive: (address: Ipv4) => boolean): Ipv4 | undefined {
    while (this.#nextFresh <= this.last) {
      const address = Ipv4.fromNumber(this.#nextFresh)
      if (!this.#freed.has(address) && mayGive(address)) return address
      this.#nextFresh++
    }
    return undefined
  }

  /** The address longest free that `mayGive` allows. */
  oldest(mayGive: (address: Ipv4) => boolean): Ipv4 | undefined {
    for (const address of this.#freed.keys()) {
      if (mayGive(address)) return address
    }
    return undefined
  }

  /** For people: `10.0.0.5 to 10.0.0.9`. */
  toString(): string {
    return `${Ipv4.fromNumber(this.first)} to ${Ipv4.fromNumber(this.last)}`
  }
}
