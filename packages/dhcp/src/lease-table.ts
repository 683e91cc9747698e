import { Ipv4, Subnet } from '@brickyard/model/ipv4'
import { AddressPool } from './address-pool.ts'
import { ExpiryHeap } from './expiry-heap.ts'

/** The network a lease machine serves, resolved and checked by the caller. */
export interface LeaseNetwork {
  readonly subnet: Subnet
  /** Our own address there: server id, never leased. */
  readonly serverAddress: Ipv4
  readonly pool: { readonly first: Ipv4; readonly last: Ipv4 }
  /** Pools of their own; who has none shares `pool`. */
  readonly pools?: Readonly<
    Partial<Record<ClientClass, { readonly first: Ipv4; readonly last: Ipv4 }>>
  >
  readonly leaseSeconds: number
  /** A BMC keeps its address: nobody is there to look for it. */
  readonly bmcLeaseSeconds?: number | undefined
  readonly router?: Ipv4 | undefined
  readonly dns: readonly Ipv4[]
  readonly domain?: string | undefined
  /** Only the authoritative server may say NAK to clients it does not know (RFC 2131 §4.3.2). */
  readonly authoritative: boolean
  /** Addresses kept for certain clients; the pool never gives them to others. */
  readonly reserved: ReadonlySet<Ipv4>
}

/** What a client is to the rack: declared as a sled or as a BMC, or declared by nobody. */
export type ClientClass = 'sled' | 'bmc' | 'unknown'

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
export const BMC_LEASE_SECONDS_DEFAULT = 7 * 24 * 3600
/**
 * Of a pool that strangers share, one address in eight stays free of them, up to a cage's worth: who
 * invents machines must not keep a sled from its address.
 */
const KEPT_FROM_STRANGERS = 1 / 8
const KEPT_FROM_STRANGERS_MAX = 32

/**
 * Every lease of one network, by address and by client, in order of expiry. Mutable and pure: no
 * clock, no store; the owner passes the time and saves what changed. Nothing is ever searched: an
 * operation costs the same with 6 leases and with 60 000, but for the heap of expiries.
 */
export class LeaseTable {
  readonly network: LeaseNetwork
  /**
   * Until then somebody may hold an address that is not recorded here, as the record was lost: what
   * is not kept for a client is looked for before it is offered, whoever asks. On the clock of leases.
   */
  doubtfulUntilMs = 0
  readonly #byAddress = new Map<Ipv4, Lease>()
  readonly #byKey = new Map<ClientKey, Lease>()
  readonly #byExpiry = new ExpiryHeap<Lease>(
    (lease) => this.#byAddress.get(lease.address) === lease,
  )
  /** Where each class may be given addresses, preferred first. */
  readonly #pools: Readonly<Record<ClientClass, readonly AddressPool[]>>
  readonly #allPools: readonly AddressPool[]
  /** A client's last address, so that it comes back to it. */
  readonly #lastOf = new Map<ClientKey, Ipv4>()
  /** As numbers: each packet asks for them several times. */
  readonly #subnet: { readonly first: number; readonly last: number }
  readonly #mayGive = (address: Ipv4): boolean =>
    !this.#byAddress.has(address) && this.#givable(address)

  constructor(network: LeaseNetwork) {
    this.network = network
    const { pools = {}, subnet } = network
    this.#subnet = { first: Subnet.first(subnet), last: Subnet.last(subnet) }
    const [shared, kept] = split(network.pool, pools.unknown === undefined)
    const main = kept === undefined ? [shared] : [shared, kept]
    const own = (range: { first: Ipv4; last: Ipv4 } | undefined): AddressPool[] | undefined =>
      range && [new AddressPool(Ipv4.toNumber(range.first), Ipv4.toNumber(range.last))]
    this.#pools = {
      sled: own(pools.sled) ?? main,
      bmc: own(pools.bmc) ?? main,
      unknown: own(pools.unknown) ?? [shared],
    }
    this.#allPools = [...new Set([...main, ...Object.values(this.#pools).flat()])]
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
    this.#byExpiry.push(lease, this.#byAddress.size)
    this.#unfree(lease.address)
    if (lease.state === 'declined') return
    this.#byKey.set(lease.key, lease)
  }

  /** Ends a lease; a pool address can be given out again, last of all. */
  free(address: Ipv4): void {
    const lease = this.#byAddress.get(address)
    if (lease === undefined) return
    this.#unlink(lease)
    const pool = this.#poolOf(address)
    if (pool === undefined || !this.#givable(address)) return
    const isGood = lease.state !== 'declined'
    pool.giveBack(address, isGood ? lease.key : '')
    if (isGood) this.#lastOf.set(lease.key, address)
  }

  /** Ends every lease whose time is over and returns them. */
  expire(nowMs: number): Lease[] {
    const over = this.#byExpiry.takeOver(nowMs)
    for (const lease of over) this.free(lease.address)
    return over
  }

  leaseSeconds(clientClass: ClientClass): number {
    const { leaseSeconds, bmcLeaseSeconds = BMC_LEASE_SECONDS_DEFAULT } = this.network
    return clientClass === 'bmc' ? Math.max(leaseSeconds, bmcLeaseSeconds) : leaseSeconds
  }

  /** True for an address of this subnet that a client may have at all. */
  usable(address: Ipv4): boolean {
    const { first, last } = this.#subnet
    const n = Ipv4.toNumber(address)
    if (n < first || n > last || address === this.network.serverAddress) return false
    const edges = this.network.subnet.prefixLength < 31
    return !edges || (n !== first && n !== last)
  }

  /** True for an address that a client of this class may be given. */
  inPool(address: Ipv4, clientClass: ClientClass): boolean {
    const n = Ipv4.toNumber(address)
    return this.#pools[clientClass].some((pool) => pool.holds(n)) && this.#givable(address)
  }

  /** The client's earlier address, else `wished`, else a fresh one, else the one longest free. */
  pick(key: ClientKey, wished: Ipv4 | undefined, clientClass: ClientClass): Ipv4 | undefined {
    const last = this.#lastOf.get(key)
    if (last !== undefined && this.isFree(last, clientClass)) return last
    if (wished !== undefined && this.isFree(wished, clientClass)) return wished
    for (const pool of this.#pools[clientClass]) {
      const address = pool.fresh(this.#mayGive)
      if (address !== undefined) return address
    }
    for (const pool of this.#pools[clientClass]) {
      const address = pool.oldest(this.#mayGive)
      if (address !== undefined) return address
    }
    return undefined
  }

  /** True for a pool address that nobody holds. */
  isFree(address: Ipv4, clientClass: ClientClass): boolean {
    return !this.#byAddress.has(address) && this.inPool(address, clientClass)
  }

  /** True for an address that nobody had since this table began. */
  isFresh(address: Ipv4): boolean {
    return !this.#byAddress.has(address) && this.#poolOf(address)?.wasUsed(address) !== true
  }

  /** What a class of clients is given, for people: `10.0.0.5 to 10.0.0.9`. */
  poolText(clientClass: ClientClass): string {
    return this.#pools[clientClass].map(String).join(' and ')
  }

  #poolOf(address: Ipv4): AddressPool | undefined {
    const n = Ipv4.toNumber(address)
    return this.#allPools.find((pool) => pool.holds(n))
  }

  /** A pool address for anybody: usable and not kept for somebody. */
  #givable(address: Ipv4): boolean {
    return this.usable(address) && !this.network.reserved.has(address)
  }

  #unfree(address: Ipv4): void {
    const lastUser = this.#poolOf(address)?.take(address)
    if (lastUser !== undefined && this.#lastOf.get(lastUser) === address) {
      this.#lastOf.delete(lastUser)
    }
  }

  #unlink(lease: Lease): void {
    this.#byAddress.delete(lease.address)
    if (this.#byKey.get(lease.key) === lease) this.#byKey.delete(lease.key)
  }
}

/** The part that strangers share, and the part that they never get. */
function split(
  range: { readonly first: Ipv4; readonly last: Ipv4 },
  isShared: boolean,
): [AddressPool, AddressPool | undefined] {
  const [first, last] = [Ipv4.toNumber(range.first), Ipv4.toNumber(range.last)]
  const wanted = Math.floor((last - first + 1) * KEPT_FROM_STRANGERS)
  const kept = isShared ? Math.min(wanted, KEPT_FROM_STRANGERS_MAX) : 0
  if (kept === 0) return [new AddressPool(first, last), undefined]
  return [new AddressPool(first, last - kept), new AddressPool(last - kept + 1, last)]
}
