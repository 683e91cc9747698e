import { Ipv4, Subnet } from '@brickyard/model/ipv4'

/** The network a lease machine serves, resolved and checked by the caller. */
export interface LeaseNetwork {
  readonly subnet: Subnet
  /** Our own address there: server id, never leased. */
  readonly serverAddress: Ipv4
  readonly pool: { readonly first: Ipv4; readonly last: Ipv4 }
  readonly leaseSeconds: number
  readonly router?: Ipv4 | undefined
  readonly dns: readonly Ipv4[]
  readonly domain?: string | undefined
  /** Only the authoritative server may say NAK to clients it does not know (RFC 2131 §4.3.2). */
  readonly authoritative: boolean
  /** Addresses kept for certain clients; the pool never gives them to others. */
  readonly reserved: ReadonlySet<Ipv4>
}

/** Who a lease is for: see `clientKeyOf` in lease-machine.ts. */
export type ClientKey = string

/**
 * `offered` is a promise in memory alone; `bound` is what the client may use; `declined` is an
 * address somebody else was found on, kept out of the pool for a while (its key is who said so).
 */
export type LeaseState = 'offered' | 'bound' | 'declined'

export interface Lease {
  readonly address: Ipv4
  readonly key: ClientKey
  readonly state: LeaseState
  /** On the machine's monotonic clock. */
  readonly expiresAtMs: number
}

/** How long an offer is kept for a client that is choosing. RFC 2131 §3.1 leaves it to us. */
export const OFFER_SECONDS = 60
/** How long a declined address rests. Long enough for a person to find the squatter. */
export const DECLINED_SECONDS = 600

/**
 * Every lease of one network, by address and by client, in order of expiry. Mutable and pure: no
 * clock, no store; the owner passes the time and saves what changed.
 *
 * All leases of one state last equally long, so insertion order is expiry order and nothing is ever
 * searched: each operation costs the same with 6 leases and with 60 000.
 */
export class LeaseTable {
  readonly network: LeaseNetwork
  readonly #byAddress = new Map<Ipv4, Lease>()
  readonly #byKey = new Map<ClientKey, Lease>()
  readonly #byExpiry: Readonly<Record<LeaseState, Map<Ipv4, Lease>>> = {
    offered: new Map(),
    bound: new Map(),
    declined: new Map(),
  }
  readonly #queues = Object.values(this.#byExpiry)
  /** Pool addresses given back, longest free first, with their last user. */
  readonly #freed = new Map<Ipv4, ClientKey>()
  /** A client's last address, so that it comes back to it. */
  readonly #lastOf = new Map<ClientKey, Ipv4>()
  /** Pool addresses from here on were never given out. */
  #nextFresh: number
  /** First and last addresses as numbers: each packet asks for them several times. */
  readonly #pool: { readonly first: number; readonly last: number }
  readonly #subnet: { readonly first: number; readonly last: number }

  constructor(network: LeaseNetwork) {
    this.network = network
    const { pool, subnet } = network
    this.#pool = { first: Ipv4.toNumber(pool.first), last: Ipv4.toNumber(pool.last) }
    this.#subnet = { first: Subnet.first(subnet), last: Subnet.last(subnet) }
    this.#nextFresh = this.#pool.first
  }

  /** The live lease of a client. Declined addresses belong to nobody. */
  ofClient(key: ClientKey): Lease | undefined {
    return this.#byKey.get(key)
  }

  at(address: Ipv4): Lease | undefined {
    return this.#byAddress.get(address)
  }

  /** Every lease there is, for views and tests. */
  all(): Iterable<Lease> {
    return this.#byAddress.values()
  }

  /** Sets a lease, replacing the client's earlier one and whatever the address had. */
  set(lease: Lease): void {
    const before = this.#byAddress.get(lease.address)
    if (before !== undefined) this.#unlink(before)
    const earlier = lease.state === 'declined' ? undefined : this.#byKey.get(lease.key)
    if (earlier !== undefined) this.free(earlier.address)
    this.#byAddress.set(lease.address, lease)
    this.#byExpiry[lease.state].set(lease.address, lease)
    this.#unfree(lease.address)
    if (lease.state === 'declined') return
    this.#byKey.set(lease.key, lease)
  }

  /** Ends a lease; a pool address can be given out again, last of all. */
  free(address: Ipv4): void {
    const lease = this.#byAddress.get(address)
    if (lease === undefined) return
    this.#unlink(lease)
    if (!this.inPool(address)) return
    this.#freed.set(address, lease.key)
    if (lease.state !== 'declined') this.#lastOf.set(lease.key, address)
  }

  /** Ends every lease whose time is over and returns them. */
  expire(nowMs: number): Lease[] {
    const over: Lease[] = []
    for (const queue of this.#queues) {
      for (const lease of queue.values()) {
        if (lease.expiresAtMs > nowMs) break
        over.push(lease)
      }
    }
    for (const lease of over) this.free(lease.address)
    return over
  }

  /** True for an address of this subnet that a client may have at all. */
  usable(address: Ipv4): boolean {
    const { first, last } = this.#subnet
    const n = Ipv4.toNumber(address)
    if (n < first || n > last || address === this.network.serverAddress) return false
    const edges = this.network.subnet.prefixLength < 31
    return !edges || (n !== first && n !== last)
  }

  inPool(address: Ipv4): boolean {
    const n = Ipv4.toNumber(address)
    return n >= this.#pool.first && n <= this.#pool.last && this.#givable(address)
  }

  /** The client's earlier address, else `wished`, else a fresh one, else the one longest free. */
  pick(key: ClientKey, wished: Ipv4 | undefined): Ipv4 | undefined {
    const last = this.#lastOf.get(key)
    if (last !== undefined && this.isFree(last)) return last
    if (wished !== undefined && this.isFree(wished)) return wished
    return this.#fresh() ?? this.#freed.keys().next().value
  }

  /** True for a pool address that nobody holds. */
  isFree(address: Ipv4): boolean {
    return this.inPool(address) && !this.#byAddress.has(address)
  }

  /** A pool address for anybody: usable and not kept for somebody. */
  #givable(address: Ipv4): boolean {
    return this.usable(address) && !this.network.reserved.has(address)
  }

  #fresh(): Ipv4 | undefined {
    while (this.#nextFresh <= this.#pool.last) {
      const address = Ipv4.fromNumber(this.#nextFresh)
      const known = this.#byAddress.has(address) || this.#freed.has(address)
      if (!known && this.#givable(address)) return address
      this.#nextFresh++
    }
    return undefined
  }

  #unfree(address: Ipv4): void {
    const lastUser = this.#freed.get(address)
    if (lastUser === undefined) return
    this.#freed.delete(address)
    if (this.#lastOf.get(lastUser) === address) this.#lastOf.delete(lastUser)
  }

  #unlink(lease: Lease): void {
    this.#byAddress.delete(lease.address)
    this.#byExpiry[lease.state].delete(lease.address)
    if (this.#byKey.get(lease.key) === lease) this.#byKey.delete(lease.key)
  }
}
