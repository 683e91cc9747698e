import { type BootClient, type BootFile, type BootStage, stageOf } from './boot-trace-events.ts'

/** IANA "Processor Architecture Types" (RFC 5970 §3.3), option 93. */
const ARCHITECTURE_WORDS: ReadonlyMap<number, string> = new Map([
  [0, 'BIOS x86'],
  [2, 'EFI Itanium'],
  [6, 'UEFI x86 (32 bit)'],
  [7, 'UEFI x64'],
  [9, 'UEFI x64 (as EFI byte code)'],
  [10, 'UEFI arm (32 bit)'],
  [11, 'UEFI arm64'],
  [15, 'UEFI x86 (32 bit) by HTTP'],
  [16, 'UEFI x64 by HTTP'],
  [18, 'UEFI arm (32 bit) by HTTP'],
  [19, 'UEFI arm64 by HTTP'],
  [20, 'BIOS x86 by HTTP'],
  [27, 'UEFI RISC-V 64'],
])

const STAGE_WORDS: Readonly<Record<BootStage, string>> = {
  firmware: 'Firmware',
  ipxe: 'iPXE',
  system: 'An operating system',
}

/** Who speaks, e.g. `Firmware (UEFI x64)`. */
export function speakerOf(client: BootClient): string {
  const stage = stageOf(client)
  const kind = stage === 'system' ? undefined : architectureWords(client)
  return kind === undefined ? STAGE_WORDS[stage] : `${STAGE_WORDS[stage]} (${kind})`
}

function architectureWords({ architectures }: BootClient): string | undefined {
  if (architectures.length === 0) return undefined
  return architectures
    .map((code) => ARCHITECTURE_WORDS.get(code) ?? `architecture ${code}`)
    .join(', ')
}

/** What a client's options say, one sentence each; option numbers for who compares with a capture. */
export function optionsInWords(client: BootClient): string[] {
  const { architectures, vendorClass, userClasses, hasIpxeFeatures } = client
  const said: (string | null | false | undefined)[] = [
    architectures.length > 0 && `option 93, architecture: ${architectures.join(', ')}`,
    vendorClass !== undefined && `option 60, vendor class: ${vendorClass}`,
    userClasses.length > 0 && `option 77, user class: ${userClasses.join(', ')}`,
    hasIpxeFeatures && `option 175: iPXE lists its features${httpsInWords(client)}`,
    client.uuid !== null && `option 97, UUID: ${client.uuid}`,
    client.hostName !== null && `option 12, host name: ${client.hostName}`,
    client.requestedAddress !== null && `option 50, wants the address ${client.requestedAddress}`,
    client.chosenServer !== null && `option 54, takes the offer of ${client.chosenServer}`,
    client.ownAddress !== null && `ciaddr, has the address ${client.ownAddress}`,
    client.relay !== null && `giaddr, came through the relay ${client.relay}`,
    client.circuitId !== null && `option 82, circuit: ${client.circuitId}`,
  ]
  return said.filter((text) => typeof text === 'string')
}

/** Whether it can be sent on by HTTPS; traces of earlier releases do not say. */
function httpsInWords({ speaksHttps }: BootClient): string {
  if (speaksHttps === undefined) return ''
  return speaksHttps ? ', HTTPS among them' : ', HTTPS not among them'
}

/** Which file we name and why, as the choice was made. */
export function bootFileInWords(client: BootClient, boot: BootFile): string {
  if (boot.way === 'none') return `nothing to boot is named: ${boot.reason}`
  const by = boot.way === 'tftp' ? 'TFTP' : 'HTTP'
  if (stageOf(client) === 'ipxe') return `to boot: its script by ${by}, since it is iPXE already`
  const kind = architectureWords(client) ?? 'firmware that names no architecture, taken for BIOS'
  return `to boot: ${boot.file} by ${by}, the loader for ${kind}`
}

const KIB = 1024

/** A size as people compare it: `512 B`, `84 kiB`, `61.4 MiB`. */
export function sizeInWords(bytes: number): string {
  if (bytes < KIB) return `${bytes} B`
  if (bytes < KIB * KIB) return `${Math.round(bytes / KIB)} kiB`
  return `${(bytes / (KIB * KIB)).toFixed(1)} MiB`
}

/** A time that was measured: `340 ms`, `12.4 s`, `3 min 20 s`. */
export function durationInWords(ms: number): string {
  if (ms < 1000) return `${Math.max(0, Math.round(ms))} ms`
  if (ms < 60_000) return `${(ms / 1000).toFixed(1)} s`
  const seconds = Math.round(ms / 1000)
  return `${Math.floor(seconds / 60)} min ${seconds % 60} s`
}

/** Firmware writes the first three fields of a UUID in either byte order: both name one machine. */
export function sameUuid(a: string, b: string): boolean {
  const [x, y] = [a.toLowerCase(), b.toLowerCase()]
  return x === y || x === swapped(y)
}

function swapped(uuid: string): string {
  const [first = '', second = '', third = '', ...rest] = uuid.split('-')
  const turn = (hex: string): string => (hex.match(/../g) ?? []).reverse().join('')
  return [turn(first), turn(second), turn(third), ...rest].join('-')
}
