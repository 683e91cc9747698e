import type { Result } from '@brickyard/std/result'
import type { RawOptions } from './option-area.ts'
import type { OptionCodec } from './option-codec.ts'
import * as addresses from './options/addresses.ts'
import { classlessRoutes } from './options/classless-routes.ts'
import { clientArchitectures } from './options/client-arch.ts'
import { clientId } from './options/client-id.ts'
import { clientInterface } from './options/client-interface.ts'
import { clientUuid } from './options/client-uuid.ts'
import { ipxeFeatures } from './options/ipxe-features.ts'
import { maxMessageSizeBytes } from './options/max-message-size.ts'
import { messageType } from './options/message-type.ts'
import { parameterList } from './options/parameter-list.ts'
import { relayAgent } from './options/relay-agent.ts'
import * as texts from './options/texts.ts'
import * as times from './options/times.ts'
import { userClasses } from './options/user-class.ts'
import { vendorClass } from './options/vendor-class.ts'
import { vendorIdentifyingClass, vendorIdentifyingOptions } from './options/vendor-identifying.ts'
import { vendorSpecific } from './options/vendor-specific.ts'

/**
 * Every option we read, in the order in which we write them: what a client cannot do without comes
 * first, so that a client with a small buffer loses the least. Option 82 is not optional and always
 * last (RFC 3046 §2.2).
 */
const CODECS = {
  messageType,
  serverId: addresses.serverId,
  leaseSeconds: times.leaseSeconds,
  subnetMask: addresses.subnetMask,
  clientId,
  requestedAddress: addresses.requestedAddress,
  vendorClass,
  vendorSpecific,
  tftpServerName: texts.tftpServerName,
  bootFileName: texts.bootFileName,
  routers: addresses.routers,
  dnsServers: addresses.dnsServers,
  renewalSeconds: times.renewalSeconds,
  rebindingSeconds: times.rebindingSeconds,
  hostName: texts.hostName,
  domainName: texts.domainName,
  classlessRoutes,
  tftpServers: addresses.tftpServers,
  configFile: texts.configFile,
  pathPrefix: texts.pathPrefix,
  rebootSeconds: times.rebootSeconds,
  vendorIdentifyingClass,
  vendorIdentifyingOptions,
  broadcastAddress: addresses.broadcastAddress,
  message: texts.message,
  parameterList,
  maxMessageSizeBytes,
  userClasses,
  clientArchitectures,
  clientInterface,
  clientUuid,
  ipxeFeatures,
  relayAgent,
} as const

type CodecName = keyof typeof CODECS
type ValueOf<C> = C extends OptionCodec<infer T> ? T : never

/** The options of a message by name; what we have no codec for is in `other`, raw. */
export type DhcpOptions = {
  readonly [K in CodecName]?: ValueOf<(typeof CODECS)[K]> | undefined
} & { readonly other?: ReadonlyMap<number, Uint8Array> | undefined }

const NAMES = Object.keys(CODECS) as CodecName[]
/** By code; an array, since every option of every packet is looked up here. */
const NAME_BY_CODE: readonly (CodecName | undefined)[] = Array.from({ length: 256 }, (_, code) =>
  NAMES.find((name) => CODECS[name].code === code),
)

/**
 * Names and reads the options of a packet. An option whose value makes no sense stays in `other`
 * and is named in `faults`: one vendor's odd option must not cost a client its address.
 */
export function decodeOptions(raw: RawOptions): { options: DhcpOptions; faults: string[] } {
  const options: Record<string, unknown> = {}
  let other: Map<number, Uint8Array> | undefined
  const faults: string[] = []
  for (const [code, bytes] of raw) {
    const name = NAME_BY_CODE[code]
    const value: Result<unknown> | undefined = name && CODECS[name].decode(bytes)
    if (name !== undefined && value?.ok === true) {
      options[name] = value.value
      continue
    }
    if (value?.ok === false) faults.push(value.error)
    other ??= new Map()
    other.set(code, bytes)
  }
  if (other !== undefined) options['other'] = other
  return { options, faults }
}

/** The options as code and value, in the order in which they are to be written. */
export function encodeOptions(options: DhcpOptions): [number, Uint8Array][] {
  const pairs: [number, Uint8Array][] = []
  for (const name of NAMES) {
    const value = options[name]
    if (value === undefined || name === 'relayAgent') continue
    // The record type ties each name to its own codec; TypeScript cannot follow that through a loop.
    const codec = CODECS[name] as OptionCodec<unknown>
    pairs.push([codec.code, codec.encode(value)])
  }
  for (const [code, bytes] of options.other ?? []) {
    if (!pairs.some(([present]) => present === code)) pairs.push([code, bytes])
  }
  if (options.relayAgent !== undefined) pairs.push([relayAgent.code, options.relayAgent])
  return pairs
}
