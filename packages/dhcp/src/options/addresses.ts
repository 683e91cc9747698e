import { Ipv4 } from '@brickyard/model/ipv4'
import { err, ok } from '@brickyard/std/result'
import type { OptionCodec } from '../option-codec.ts'

/** Options holding exactly one IPv4 address (RFC 2132). */
const oneAddress = (code: number): OptionCodec<Ipv4> => ({
  code,
  decode: (bytes) =>
    bytes.length === 4
      ? ok(Ipv4.fromBytes(bytes))
      : err(`option ${code} has ${bytes.length} bytes; expected 4`),
  encode: Ipv4.toBytes,
})

/** Options holding one or more IPv4 addresses (RFC 2132). */
const addresses = (code: number): OptionCodec<readonly Ipv4[]> => ({
  code,
  decode(bytes) {
    if (bytes.length === 0 || bytes.length % 4 !== 0) {
      return err(`option ${code} has ${bytes.length} bytes; expected a multiple of 4`)
    }
    const list: Ipv4[] = []
    for (let at = 0; at < bytes.length; at += 4) {
      list.push(Ipv4.fromBytes(bytes.subarray(at, at + 4)))
    }
    return ok(list)
  },
  encode: (list) => Uint8Array.from(list.flatMap((address) => [...Ipv4.toBytes(address)])),
})

/** RFC 2132 §3.3. */
export const subnetMask = oneAddress(1)
/** RFC 2132 §3.5, in order of preference. */
export const routers = addresses(3)
/** RFC 2132 §3.8, in order of preference. */
export const dnsServers = addresses(6)
/** RFC 2132 §5.3. */
export const broadcastAddress = oneAddress(28)
/** RFC 2132 §9.1: the address a client would like, or says it was offered. */
export const requestedAddress = oneAddress(50)
/** RFC 5859: TFTP servers, in order of preference; Cisco's firmware reads it in place of 66. */
export const tftpServers = addresses(150)
/** RFC 2132 §9.7: which server a message is from, or for. */
export const serverId = oneAddress(54)
