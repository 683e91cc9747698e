import { createHash } from 'node:crypto'
import { spawnSync } from 'node:child_process'
import { constants, gunzipSync, zstdDecompressSync } from 'node:zlib'
import type { ImageFormat } from '@brickyard/model/image'
import type { HttpResponse } from '@brickyard/runtime/http'
import type { Fault } from '@brickyard/installer/faults'
import { encodeInventory, type Inventory } from '@brickyard/installer/inventory'
import type { InstallerStep, StepResult, VerbCall } from '@brickyard/installer/wire'
import { parseLines } from '@brickyard/installer/wire-lines'
import { err, ok, type Result } from '@brickyard/std/result'
import { MiB } from '@brickyard/std/units'
import { readPartitionTable } from './partition-table.ts'
import { writeSeed } from './seed-partition.ts'
import type { SledDisk } from './sled-disk.ts'

/**
 * The installer's verbs as the simulated sled does them: same steps in, same results out as
 * packages/installer/sled/verbs, held to the same vectors, on a disk in memory.
 */
export interface VerbContext {
  readonly inventory: Inventory
  readonly disks: readonly SledDisk[]
  readonly held: HeldHead
  /** The clock as the claim's answer set it, seconds since 1970. */
  readonly clockSetSeconds: number
  fetchImage(sha256: string): Promise<Result<HttpResponse, string>>
  fetchSeed(file: string): Promise<Result<string, string>>
  fetchBmcPassword(): Promise<Result<string, string>>
  /** The way from the host to its own BMC; undefined where there is none. */
  readonly bmcDoor: BmcDoor | undefined
  /** Lets the time pass that the disk takes for so many bytes. */
  spend(bytes: number): Promise<void>
  progress(bytes: number, total: number): void
  /** Calls `work` if power is lost before the returned function was called. */
  atPowerLoss(work: () => void): () => void
  sleep(seconds: number): Promise<void>
}

/**
 * The first MiB of the image, in the installer's memory until everything else is on the disk
 * (packages/installer/sled/head.sh): a disk that was cut short boots nothing.
 */
export interface HeldHead {
  bytes: Uint8Array | undefined
}

/** What the installer does at its BMC from the inside (KCS): no login is asked for there. */
export interface BmcDoor {
  /** Names by slot, from 2 on; '' where a slot is empty. */
  names(): readonly string[]
  /** An administrator in a slot, for the LAN too. */
  put(slot: number, name: string, password: string): void
}

const FIRST_SLOT = 2
/** As in packages/installer/sled/verbs/bmc-user.sh. */
const BMC_PASSWORD_CHARS = 16

const HEAD_BYTES = MiB(1)
const ENDS_BYTES = MiB(4)
const SPEND_BYTES = MiB(1)

const done = (data: Readonly<Record<string, string | number>> = {}): StepResult => ({
  ok: true,
  data: new Map(Object.entries(data).map(([key, value]) => [key, String(value)])),
})
const fail = (fault: Fault, reason: string): StepResult => ({
  ok: false,
  fault,
  reason,
  data: new Map(),
})

export async function runVerb(step: InstallerStep, context: VerbContext): Promise<StepResult> {
  switch (step.verb) {
    case 'inventory':
      return inventory(context)
    case 'report':
      return done({ 'clock-set': context.clockSetSeconds, kernel: 'simulated' })
    case 'wait':
      await context.sleep(step.seconds)
      return done()
    case 'reboot':
    case 'poweroff':
      return done()
    case 'bmc-user':
      return bmcUser(step, context)
    case 'wipe':
    case 'write':
    case 'verify':
    case 'seed':
    case 'boot-entry': {
      const disk = takeDisk(step, context)
      return disk.ok ? onDisk(step, disk.value, context) : disk.error
    }
  }
}

async function bmcUser(
  { user, channel }: VerbCall & { readonly verb: 'bmc-user' },
  { bmcDoor, fetchBmcPassword }: VerbContext,
): Promise<StepResult> {
  if (bmcDoor === undefined) {
    const why = 'there is no /dev/ipmi0: this sled shows its system no way to its BMC'
    return fail('unsupported', why)
  }
  const password = await fetchBmcPassword()
  if (!password.ok) return fail('download', `the agent answered ${password.error} for the password`)
  const chars = password.value.length
  if (chars !== BMC_PASSWORD_CHARS) {
    return fail('bad-step', `the password has ${chars} letters, wanted ${BMC_PASSWORD_CHARS}`)
  }
  const names = bmcDoor.names()
  const own = names.indexOf(user)
  const at = own >= 0 ? own : names.indexOf('')
  if (at < 0) return fail('unsupported', `the BMC has no free user on channel ${channel}`)
  bmcDoor.put(at + FIRST_SLOT, user, password.value)
  return done({ user, slot: at + FIRST_SLOT, channel })
}

type DiskCall = Extract<VerbCall, { disk: string }>

function onDisk(call: DiskCall, disk: SledDisk, context: VerbContext): Promise<StepResult> {
  switch (call.verb) {
    case 'wipe':
      return wipe(call.mode, disk, context)
    case 'write':
      return write(call, disk, context)
    case 'verify':
      return verify(call, disk, context)
    case 'seed':
      return seed(call, disk, context)
    case 'boot-entry':
      return bootEntry(call, disk, context)
  }
}

function inventory(context: VerbContext): StepResult {
  const lines = parseLines(encodeInventory(context.inventory))
  return lines.ok ? { ok: true, data: lines.value } : fail('bad-step', lines.error)
}

function takeDisk(call: DiskCall, { disks }: VerbContext): Result<SledDisk, StepResult> {
  const disk = disks.find(({ facts }) => facts.path === call.disk)
  if (disk === undefined) return err(fail('no-disk', `there is no disk ${call.disk}`))
  const { bytes } = disk.facts
  if (bytes !== call.diskBytes) {
    const why = `${call.disk} has ${bytes} bytes, the step means one of ${call.diskBytes}`
    return err(fail('no-disk', why))
  }
  return ok(disk)
}

async function spendWith(context: VerbContext, bytes: number): Promise<void> {
  for (let at = 0; at < bytes; at += SPEND_BYTES) {
    await context.spend(Math.min(SPEND_BYTES, bytes - at))
    context.progress(Math.min(at + SPEND_BYTES, bytes), bytes)
  }
}

async function wipe(
  mode: 'fast' | 'full',
  disk: SledDisk,
  context: VerbContext,
): Promise<StepResult> {
  const { path, bytes } = disk.facts
  if (mode === 'fast') {
    const discarded = disk.discard()
    const cleared =
      disk.zero(0, Math.min(ENDS_BYTES, bytes)) && disk.zero(Math.max(0, bytes - ENDS_BYTES), bytes)
    if (!cleared) return fail('disk-io', `cannot overwrite the ends of ${path}`)
    const counted = discarded ? bytes : Math.min(bytes, 2 * ENDS_BYTES)
    return done({ mode, method: discarded ? 'discard' : 'overwrite', bytes: counted })
  }
  let method = 'discard'
  if (!disk.discard() || disk.firstNonZero() !== undefined) {
    method = 'overwrite'
    // What simulation leaves out is the waiting: a full pass over 480 GB takes virtual hours.
    await spendWith(context, Math.min(bytes, MiB(64)))
    if (!disk.zero(0, bytes)) return fail('disk-io', `cannot overwrite ${path}`)
  }
  const left = disk.firstNonZero()
  if (left !== undefined) {
    return fail('not-wiped', `old bytes read back from ${path} after the overwrite: byte ${left}`)
  }
  return done({ mode, method, bytes, 'verified-bytes': bytes })
}

async function write(
  call: VerbCall & { readonly verb: 'write' },
  disk: SledDisk,
  context: VerbContext,
): Promise<StepResult> {
  const { image, imageBytes, rawBytes, format } = call
  const { held } = context
  held.bytes = undefined
  if (rawBytes > disk.facts.bytes) {
    return fail(
      'image-too-big',
      `the image has ${rawBytes} bytes, ${disk.facts.path} has ${disk.facts.bytes}`,
    )
  }
  const answer = await context.fetchImage(image)
  if (!answer.ok) return fail('download', `the agent answered ${answer.error} for image ${image}`)
  const { status, body } = answer.value
  if (status !== 200) return fail('download', `the agent answered ${status} for image ${image}`)
  if (!disk.zero(0, HEAD_BYTES)) {
    return fail('disk-io', `cannot overwrite the head of ${disk.facts.path}`)
  }

  const hash = createHash('sha256')
  const pieces: Uint8Array[] = []
  let received = 0
  const keepTorn = context.atPowerLoss(() => {
    const torn = unpack(format, Buffer.concat(pieces), rawBytes, true)
    if (torn.ok) disk.write(HEAD_BYTES, torn.value.subarray(HEAD_BYTES, disk.facts.bytes))
  })
  let broke = ''
  try {
    for await (const piece of body) {
      hash.update(piece)
      pieces.push(piece)
      received += piece.length
      if (received > imageBytes) break
      const before = Math.floor(((received - piece.length) / imageBytes) * rawBytes)
      const now = Math.floor((received / imageBytes) * rawBytes)
      await context.spend(now - before)
      context.progress(now, rawBytes)
    }
  } catch (error) {
    broke = error instanceof Error ? `: ${error.message}` : ''
  }
  keepTorn()
  if (received !== imageBytes) {
    return fail('download', `the image broke off: ${received} of ${imageBytes} bytes came${broke}`)
  }
  const got = hash.digest('hex')
  if (got !== image) {
    return fail('wrong-hash', `the image arrived with hash ${got}, wanted ${image}`)
  }
  const raw = unpack(format, Buffer.concat(pieces), rawBytes, false)
  if (!raw.ok) return raw.error
  if (!disk.write(HEAD_BYTES, raw.value.subarray(HEAD_BYTES))) {
    return fail('disk-io', `the image could not be unpacked to ${disk.facts.path}`)
  }
  held.bytes = raw.value.slice(0, HEAD_BYTES)
  return done({ bytes: received, sha256: got, 'raw-bytes': raw.value.length })
}

/** Unpacks at once: nothing that awaits the real event loop may be used here. */
function unpack(
  format: ImageFormat,
  bytes: Buffer,
  rawBytes: number,
  torn: boolean,
): Result<Uint8Array, StepResult> {
  // One byte more than allowed tells "too long" from "as long as said".
  const maxOutputLength = rawBytes + 1
  const raw = (): Uint8Array => {
    switch (format) {
      case 'raw':
        return bytes
      case 'zstd': {
        const flush = torn ? { finishFlush: constants.ZSTD_e_flush } : {}
        return zstdDecompressSync(bytes, { maxOutputLength, ...flush })
      }
      case 'gzip': {
        const flush = torn ? { finishFlush: constants.Z_SYNC_FLUSH } : {}
        return gunzipSync(bytes, { maxOutputLength, ...flush })
      }
      case 'xz': {
        // Node has no xz; the program is what the real installer uses too.
        const run = spawnSync('xz', ['-dc'], { input: bytes, maxBuffer: maxOutputLength })
        if (run.error !== undefined) throw run.error
        return run.stdout
      }
    }
  }
  try {
    const unpacked = raw()
    if (unpacked.length === rawBytes || torn) return ok(unpacked)
    return err(fail('wrong-hash', `the image is ${unpacked.length} bytes long, wanted ${rawBytes}`))
  } catch (error) {
    const why = error instanceof Error ? error.message : String(error)
    const tooLong =
      error instanceof Error && 'code' in error && error.code === 'ERR_BUFFER_TOO_LARGE'
    return tooLong
      ? err(fail('wrong-hash', `the image is more than ${rawBytes} bytes long`))
      : err(fail('disk-io', `the image could not be unpacked: ${why}`))
  }
}

async function verify(
  call: VerbCall & { readonly verb: 'verify' },
  disk: SledDisk,
  context: VerbContext,
): Promise<StepResult> {
  const hash = createHash('sha256')
  for (let at = 0; at < call.rawBytes; at += SPEND_BYTES) {
    const head = at === 0 ? context.held.bytes : undefined
    const piece = head ?? disk.read(at, Math.min(at + SPEND_BYTES, call.rawBytes))
    hash.update(piece)
    await context.spend(piece.length)
    context.progress(at + piece.length, call.rawBytes)
  }
  const got = hash.digest('hex')
  if (got !== call.rawSha256) {
    const why = `${call.disk} reads back with hash ${got}, wanted ${call.rawSha256}`
    return fail('wrong-hash', why)
  }
  return done({ 'raw-bytes': call.rawBytes, 'raw-sha256': got })
}

async function seed(
  call: VerbCall & { readonly verb: 'seed' },
  disk: SledDisk,
  context: VerbContext,
): Promise<StepResult> {
  const files = new Map<string, string>()
  for (const file of call.files) {
    const text = await context.fetchSeed(file)
    if (!text.ok) {
      return fail('download', `the agent answered ${text.error} for the seed's ${file}`)
    }
    files.set(file, text.value)
  }
  const { held } = context
  if (!landHead(held, disk)) return fail('disk-io', `cannot write the head of ${call.disk}`)
  const table = readPartitionTable(disk)
  const partition = table === undefined ? undefined : writeSeed(disk, call.label, files)
  if (held.bytes !== undefined) {
    held.bytes = disk.read(0, HEAD_BYTES)
    disk.zero(0, HEAD_BYTES)
  }
  if (table === undefined) {
    return fail('unsupported', `${call.disk} has no partition table to add the seed to`)
  }
  if (partition === undefined) return fail('disk-io', `cannot add a partition to ${call.disk}`)
  return done({ label: call.label, partition, files: files.size })
}

/** Writes the head that is held back to its place; false when the disk refuses. */
const landHead = ({ bytes }: HeldHead, disk: SledDisk): boolean =>
  bytes === undefined || disk.write(0, bytes)

async function bootEntry(
  call: VerbCall & { readonly verb: 'boot-entry' },
  disk: SledDisk,
  { inventory, held }: VerbContext,
): Promise<StepResult> {
  if (!landHead(held, disk)) return fail('disk-io', `cannot write the head of ${call.disk}`)
  if (call.firmware === 'bios') return done({ changed: 0 })
  if (inventory.firmwareMode !== 'uefi') {
    return fail('unsupported', 'the sled did not boot by UEFI')
  }
  const first = readPartitionTable(disk)?.partitions[0]
  if (first === undefined) return fail('unsupported', `${call.disk} has no EFI system partition`)
  return done({ changed: 1, entry: '0001', partition: first.number })
}
