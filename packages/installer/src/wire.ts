import { IMAGE_FORMATS, type ImageFormat } from '@brickyard/model/image'
import type { FirmwareMode } from '@brickyard/model/architecture'
import { err, ok, type Result } from '@brickyard/std/result'
import { type Fault, parseFault } from './faults.ts'
import { countField } from './inventory.ts'
import { encodeLines, type Fields, parseLines } from './wire-lines.ts'

/** What the installer says first: which intent it claims, and who it is. */
export interface ClaimRequest {
  readonly token: string
  readonly mac: string
  readonly uuid: string
  readonly serial: string
}

/** The agent's answer: the secret for everything that follows, and its clock (seconds since 1970). */
export interface ClaimReply {
  readonly session: string
  readonly timeSeconds: number
}

/** What one verb is to do. `disk` is a path of this boot; `diskBytes` guards against another disk. */
export type VerbCall =
  | { readonly verb: 'inventory' }
  | {
      readonly verb: 'wipe'
      readonly disk: string
      readonly diskBytes: number
      readonly mode: WipeMode
    }
  | {
      readonly verb: 'write'
      readonly disk: string
      readonly diskBytes: number
      /** SHA-256 of the bytes as served; also the name to fetch. */
      readonly image: string
      readonly imageBytes: number
      readonly format: ImageFormat
      readonly rawBytes: number
    }
  | {
      readonly verb: 'verify'
      readonly disk: string
      readonly diskBytes: number
      readonly rawBytes: number
      readonly rawSha256: string
    }
  | {
      readonly verb: 'seed'
      readonly disk: string
      readonly diskBytes: number
      /** Volume label of the seed's partition: CIDATA. */
      readonly label: string
      readonly files: readonly string[]
    }
  | {
      readonly verb: 'boot-entry'
      readonly disk: string
      readonly diskBytes: number
      readonly firmware: FirmwareMode
      readonly label: string
      /** Path of the loader on the EFI system partition, with backslashes. */
      readonly loader: string
    }
  | {
      readonly verb: 'bmc-user'
      /** The account to make anew. Its password is fetched with the session, and is in no step. */
      readonly user: string
      /** The BMC's channel on which the account may log in: that of its LAN. */
      readonly channel: number
    }
  | { readonly verb: 'report' }
  | { readonly verb: 'wait'; readonly seconds: number }
  | { readonly verb: 'reboot' }
  | { readonly verb: 'poweroff' }

export type Verb = VerbCall['verb']
export const VERBS = [
  'inventory',
  'wipe',
  'write',
  'verify',
  'seed',
  'boot-entry',
  'bmc-user',
  'report',
  'wait',
  'reboot',
  'poweroff',
] as const satisfies readonly Verb[]

/** `fast`: signatures, first and last MiBs. `full`: every byte reads back as zero afterwards. */
export type WipeMode = 'fast' | 'full'

export type InstallerStep = { readonly id: string } & VerbCall

export interface StepProgress {
  readonly percent: number
  readonly bytes: number
}

/** What a verb came to. `data` holds the verb's own lines (an inventory, a wipe's method …). */
export type StepResult =
  | { readonly ok: true; readonly data: Fields }
  | { readonly ok: false; readonly fault: Fault; readonly reason: string; readonly data: Fields }

export const encodeClaimRequest = (claim: ClaimRequest): string => encodeLines({ ...claim })

/** Reads the body of `POST /installer/claim`; only the token and the MAC must be there. */
export function parseClaimRequest(text: string): Result<ClaimRequest> {
  const fields = parseLines(text)
  if (!fields.ok) return fields
  const get = (key: string): string => fields.value.get(key) ?? ''
  if (!/^[A-Za-z0-9_-]{1,128}$/.test(get('token'))) return err('token is missing or malformed')
  const mac = get('mac').toLowerCase()
  if (!/^([0-9a-f]{2}:){5}[0-9a-f]{2}$/.test(mac)) return err(`mac is '${get('mac')}'`)
  return ok({ token: get('token'), mac, uuid: get('uuid').toLowerCase(), serial: get('serial') })
}

export const encodeClaimReply = (reply: ClaimReply): string =>
  encodeLines({ session: reply.session, time: reply.timeSeconds })

export function parseClaimReply(text: string): Result<ClaimReply> {
  const fields = parseLines(text)
  if (!fields.ok) return fields
  const session = fields.value.get('session') ?? ''
  if (!/^[A-Za-z0-9_-]{1,128}$/.test(session)) return err('session is missing or malformed')
  const timeSeconds = countField(fields.value, 'time')
  return timeSeconds.ok ? ok({ session, timeSeconds: timeSeconds.value }) : timeSeconds
}

/** Writes a refusal: `reason=…` beside a status of 403 or 409. */
export const encodeRefusal = (reason: string): string => encodeLines({ reason })

/** Writes a step; the keys are those the sled's sh reads. */
export function encodeStep(step: InstallerStep): string {
  const head = { id: step.id, verb: step.verb }
  switch (step.verb) {
    case 'inventory':
    case 'report':
    case 'reboot':
    case 'poweroff':
      return encodeLines(head)
    case 'wait':
      return encodeLines({ ...head, seconds: step.seconds })
    case 'bmc-user':
      return encodeLines({ ...head, user: step.user, channel: step.channel })
    case 'wipe':
      return encodeLines({ ...head, ...diskLines(step), mode: step.mode })
    case 'write':
      return encodeLines({
        ...head,
        ...diskLines(step),
        image: step.image,
        'image-bytes': step.imageBytes,
        format: step.format,
        'raw-bytes': step.rawBytes,
      })
    case 'verify':
      return encodeLines({
        ...head,
        ...diskLines(step),
        'raw-bytes': step.rawBytes,
        'raw-sha256': step.rawSha256,
      })
    case 'seed':
      return encodeLines({
        ...head,
        ...diskLines(step),
        label: step.label,
        files: step.files.join(' '),
      })
    case 'boot-entry':
      return encodeLines({
        ...head,
        ...diskLines(step),
        firmware: step.firmware,
        label: step.label,
        loader: step.loader,
      })
  }
}

const diskLines = (call: { readonly disk: string; readonly diskBytes: number }) => ({
  disk: call.disk,
  'disk-bytes': call.diskBytes,
})

/** Reads a step as the simulated sled does. */
export function parseStep(text: string): Result<InstallerStep> {
  const fields = parseLines(text)
  if (!fields.ok) return fields
  const id = fields.value.get('id') ?? ''
  if (!STEP_ID_PATTERN.test(id)) return err(`id is '${id}'`)
  const call = parseCall(fields.value)
  return call.ok ? ok({ id, ...call.value }) : call
}

/** Ids are safe in a URL path and in sh without quoting. */
export const STEP_ID_PATTERN = /^[a-z0-9][a-z0-9.-]{0,63}$/
const SHA256_PATTERN = /^[0-9a-f]{64}$/

function parseCall(fields: Fields): Result<VerbCall> {
  const text = (key: string): string => fields.get(key) ?? ''
  const verb = VERBS.find((v) => v === text('verb'))
  if (verb === undefined) return err(`verb is '${text('verb')}'`)
  if (verb === 'inventory' || verb === 'report' || verb === 'reboot' || verb === 'poweroff') {
    return ok({ verb })
  }
  if (verb === 'wait') {
    const seconds = countField(fields, 'seconds')
    return seconds.ok ? ok({ verb, seconds: seconds.value }) : seconds
  }
  if (verb === 'bmc-user') return parseBmcUser(fields)
  const disk = text('disk')
  const diskBytes = countField(fields, 'disk-bytes')
  if (!disk.startsWith('/')) return err(`disk is '${disk}'; expected a path`)
  if (!diskBytes.ok) return diskBytes
  const target = { disk, diskBytes: diskBytes.value }
  switch (verb) {
    case 'wipe': {
      const mode = text('mode')
      if (mode !== 'fast' && mode !== 'full') return err(`mode is '${mode}'; expected fast or full`)
      return ok({ verb, ...target, mode })
    }
    case 'write':
      return parseWrite(fields, target)
    case 'verify': {
      const rawBytes = countField(fields, 'raw-bytes')
      if (!rawBytes.ok) return rawBytes
      const rawSha256 = text('raw-sha256')
      if (!SHA256_PATTERN.test(rawSha256)) return err(`raw-sha256 is '${rawSha256}'`)
      return ok({ verb, ...target, rawBytes: rawBytes.value, rawSha256 })
    }
    case 'seed': {
      const files = text('files').split(' ').filter(Boolean)
      return ok({ verb, ...target, label: text('label'), files })
    }
    case 'boot-entry': {
      const firmware = text('firmware')
      if (firmware !== 'bios' && firmware !== 'uefi') return err(`firmware is '${firmware}'`)
      return ok({ verb, ...target, firmware, label: text('label'), loader: text('loader') })
    }
  }
}

/** A name of IPMI 2.0 §22.28 that is safe in sh, and a channel that may be a LAN (§6.3). */
function parseBmcUser(fields: Fields): Result<VerbCall> {
  const user = fields.get('user') ?? ''
  if (!/^[a-z][a-z0-9-]{0,15}$/.test(user)) return err(`user is '${user}'`)
  const channel = countField(fields, 'channel')
  if (!channel.ok) return channel
  if (channel.value < 1 || channel.value > 11) {
    return err(`channel is ${channel.value}; expected 1 to 11`)
  }
  return ok({ verb: 'bmc-user', user, channel: channel.value })
}

function parseWrite(
  fields: Fields,
  target: { readonly disk: string; readonly diskBytes: number },
): Result<VerbCall> {
  const image = fields.get('image') ?? ''
  if (!SHA256_PATTERN.test(image)) return err(`image is '${image}'; expected a SHA-256 in hex`)
  const imageBytes = countField(fields, 'image-bytes')
  const rawBytes = countField(fields, 'raw-bytes')
  if (!imageBytes.ok) return imageBytes
  if (!rawBytes.ok) return rawBytes
  const formatText = fields.get('format')
  const format = IMAGE_FORMATS.find((f) => f === formatText)
  if (format === undefined) return err(`format is '${formatText ?? ''}'`)
  return ok({
    verb: 'write',
    ...target,
    image,
    imageBytes: imageBytes.value,
    format,
    rawBytes: rawBytes.value,
  })
}

export const encodeProgress = (progress: StepProgress): string =>
  encodeLines({ percent: progress.percent, bytes: progress.bytes })

export function parseProgress(text: string): Result<StepProgress> {
  const fields = parseLines(text)
  if (!fields.ok) return fields
  const percent = countField(fields.value, 'percent')
  const bytes = countField(fields.value, 'bytes')
  if (!percent.ok) return percent
  if (!bytes.ok) return bytes
  return ok({ percent: Math.min(percent.value, 100), bytes: bytes.value })
}

export const encodeResult = (result: StepResult): string => {
  const data = Object.fromEntries(result.data)
  return result.ok
    ? encodeLines({ ok: 1, ...data })
    : encodeLines({ ok: 0, fault: result.fault, reason: result.reason, ...data })
}

const REASON_CHARS_MAX = 1000

/** Reads the body of a result. A failure without a reason gets one, so that none is ever silent. */
export function parseResult(text: string): Result<StepResult> {
  const fields = parseLines(text)
  if (!fields.ok) return fields
  const data = new Map(fields.value)
  for (const key of ['ok', 'fault', 'reason']) data.delete(key)
  const okText = fields.value.get('ok')
  if (okText === '1') return ok({ ok: true, data })
  if (okText !== '0') return err(`ok is '${okText ?? ''}'; expected 0 or 1`)
  const fault = parseFault(fields.value.get('fault') ?? '')
  const said = (fields.value.get('reason') ?? '').slice(0, REASON_CHARS_MAX)
  return ok({ ok: false, fault, reason: said === '' ? `${fault}, no reason given` : said, data })
}
