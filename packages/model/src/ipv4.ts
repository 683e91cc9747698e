import { err, ok, type Result } from '@brickyard/std/result'

const DOT = 0x2e
const DIGIT_ZERO = 0x30

declare const brand: unique symbol

/** An IPv4 address in dotted decimal without leading zeroes. */
export type Ipv4 = string & { readonly [brand]: 'Ipv4' }

export const Ipv4 = {
  parse(text: string): Result<Ipv4> {
    const parts = text.split('.')
    const good =
      parts.length === 4 && parts.every((part) => /^(0|[1-9]\d{0,2})$/.test(part) && +part <= 255)
    return good ? ok(text as Ipv4) : err(`'${text}' is no IPv4 address such as 10.1.0.5`)
  },

  /** From an unsigned 32-bit number. */
  fromNumber(n: number): Ipv4 {
    return `${n >>> 24}.${(n >>> 16) & 255}.${(n >>> 8) & 255}.${n & 255}` as Ipv4
  },

  /** Digit by digit: DHCP asks for this several times a packet, and splitting costs ten times as much. */
  toNumber(address: Ipv4): number {
    let [number, part] = [0, 0]
    for (let at = 0; at < address.length; at++) {
      const code = address.charCodeAt(at)
      if (code === DOT) {
        number = number * 256 + part
        part = 0
      } else part = part * 10 + (code - DIGIT_ZERO)
    }
    return number * 256 + part
  },

  /** From the four bytes at `at`; one that is missing is our own bug upstream, and taken for 0. */
  fromBytes(bytes: Uint8Array, at = 0): Ipv4 {
    const [a, b, c, d] = [
      bytes[at] ?? 0,
      bytes[at + 1] ?? 0,
      bytes[at + 2] ?? 0,
      bytes[at + 3] ?? 0,
    ]
    return `${a}.${b}.${c}.${d}` as Ipv4
  },

  toBytes(address: Ipv4): Uint8Array {
    const n = Ipv4.toNumber(address)
    return Uint8Array.of(n >>> 24, (n >>> 16) & 255, (n >>> 8) & 255, n & 255)
  },

  ANY: '0.0.0.0' as Ipv4,
  BROADCAST: '255.255.255.255' as Ipv4,
}

/** An IPv4 subnet: the network address and the prefix length 0..32. */
export interface Subnet {
  readonly network: Ipv4
  readonly prefixLength: number
}

export const Subnet = {
  /** Accepts `10.1.0.0/24`; bits below the prefix must be zero. */
  parse(text: string): Result<Subnet> {
    const [addressText = '', lengthText = '', ...more] = text.split('/')
    const address = Ipv4.parse(addressText)
    const prefixLength = Number(lengthText)
    if (!address.ok || more.length > 0 || !/^\d{1,2}$/.test(lengthText) || prefixLength > 32) {
      return err(`'${text}' is no IPv4 subnet such as 10.1.0.0/24`)
    }
    const subnet = { network: address.value, prefixLength }
    if (Subnet.first(subnet) !== Ipv4.toNumber(address.value)) {
      const right = Ipv4.fromNumber(Subnet.first(subnet))
      return err(`'${text}' has bits set below the prefix; the network is ${right}/${lengthText}`)
    }
    return ok(subnet)
  },

  format: (subnet: Subnet): string => `${subnet.network}/${subnet.prefixLength}`,

  maskNumber: (subnet: Subnet): number =>
    subnet.prefixLength === 0 ? 0 : (0xffffffff << (32 - subnet.prefixLength)) >>> 0,

  mask: (subnet: Subnet): Ipv4 => Ipv4.fromNumber(Subnet.maskNumber(subnet)),

  /** The network address as a number. */
  first: (subnet: Subnet): number =>
    (Ipv4.toNumber(subnet.network) & Subnet.maskNumber(subnet)) >>> 0,

  /** The broadcast address as a number. */
  last: (subnet: Subnet): number =>
    (Subnet.first(subnet) | (~Subnet.maskNumber(subnet) >>> 0)) >>> 0,

  broadcast: (subnet: Subnet): Ipv4 => Ipv4.fromNumber(Subnet.last(subnet)),

  contains: (subnet: Subnet, address: Ipv4): boolean =>
    (Ipv4.toNumber(address) & Subnet.maskNumber(subnet)) >>> 0 === Subnet.first(subnet),
}
