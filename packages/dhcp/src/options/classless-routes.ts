import { Ipv4, Subnet } from '@brickyard/model/ipv4'
import { err, ok } from '@brickyard/std/result'
import type { OptionCodec } from '../option-codec.ts'

export interface ClasslessRoute {
  readonly destination: Subnet
  /** 0.0.0.0: on the link itself (RFC 3442, "Local Subnet Routes"). */
  readonly router: Ipv4
}

/** As many as 255 bytes hold at five bytes each, so that nothing is ever longer than one option. */
const ROUTES_MAX = 51

/**
 * RFC 3442: routes as prefix length, the significant bytes of the destination, and the router. Bits
 * beyond the prefix are cleared, as the RFC asks of whoever reads them.
 */
export const classlessRoutes: OptionCodec<readonly ClasslessRoute[]> = {
  code: 121,
  decode(bytes) {
    const routes: ClasslessRoute[] = []
    let at = 0
    while (at < bytes.length) {
      const prefixLength = bytes[at++] as number
      const significant = Math.ceil(prefixLength / 8)
      if (prefixLength > 32 || at + significant + 4 > bytes.length || routes.length >= ROUTES_MAX) {
        return err(`option 121 has no route at byte ${at - 1}`)
      }
      const named = new Uint8Array(4)
      named.set(bytes.subarray(at, at + significant))
      const network = Ipv4.fromBytes(named)
      const first = Ipv4.fromNumber(Subnet.first({ network, prefixLength }))
      const router = Ipv4.fromBytes(bytes.subarray(at + significant, at + significant + 4))
      routes.push({ destination: { network: first, prefixLength }, router })
      at += significant + 4
    }
    return routes.length > 0 ? ok(routes) : err('option 121 is empty; expected routes')
  },
  encode: (routes) =>
    Uint8Array.from(
      routes.flatMap(({ destination: { network, prefixLength }, router }) => [
        prefixLength,
        ...Ipv4.toBytes(network).subarray(0, Math.ceil(prefixLength / 8)),
        ...Ipv4.toBytes(router),
      ]),
    ),
}
