import {
  BUILTIN_FRU,
  decodeFruAreaInfo,
  decodeFruData,
  fruAreaInfoRequest,
  readFruRequest,
  type FruAreaInfo,
} from '@brickyard/ipmi/commands/fru-access'
import { COMPLETION, describeCompletion } from '@brickyard/ipmi/completion-code'
import { decodeFru, FRU_BYTES_MAX, fruExtent, type Fru } from '@brickyard/ipmi/fru'
import { err, ok, type Result } from '@brickyard/std/result'
import type { BmcFault } from '../fault.ts'
import type { IpmiSession } from './ipmi-session.ts'

/** Bytes asked for at once; BMCs that cannot give so many get the next smaller figure. */
const READ_BYTES = [128, 64, 32, 16, 8] as const

/** "Too many bytes": what a BMC with a small buffer says, in its several ways. */
const TOO_MANY: readonly number[] = [
  COMPLETION.requestTooShort,
  COMPLETION.fieldTooLong,
  COMPLETION.outOfRange,
  COMPLETION.cannotReturnBytes,
  COMPLETION.invalidField,
]

const protocol = (message: string) => err<BmcFault>({ kind: 'protocol', message })

/** The inventory of the chassis the BMC sits in. Reads no further than its areas reach. */
export async function readFru(session: IpmiSession): Promise<Result<Fru, BmcFault>> {
  const answer = await session.demand('Get FRU Area Info', fruAreaInfoRequest(BUILTIN_FRU))
  if (!answer.ok) return answer
  const info = decodeFruAreaInfo(answer.value)
  if (!info.ok) return protocol(info.error)
  const bytes = await readBytes(session, info.value)
  if (!bytes.ok) return bytes
  const fru = decodeFru(bytes.value)
  return fru.ok ? fru : protocol(fru.error)
}

async function readBytes(
  session: IpmiSession,
  info: FruAreaInfo,
): Promise<Result<Uint8Array, BmcFault>> {
  const whole = new Uint8Array(Math.min(info.bytes, FRU_BYTES_MAX))
  let size = 0
  let at = 0
  for (;;) {
    const end = Math.min(whole.length, fruExtent(whole.subarray(0, at)))
    if (at >= end) return ok(whole.subarray(0, at))
    const wanted = Math.min(READ_BYTES[size] ?? 0, whole.length - at)
    const piece = await readPiece(session, info.wordAccess, at, wanted)
    if (!piece.ok) return piece
    if (piece.value === 'too-many' && size + 1 < READ_BYTES.length) {
      size += 1
      continue
    }
    if (piece.value === 'too-many') return protocol('the BMC gives not even 8 bytes of its FRU')
    // A piece of nothing would go on for ever; one longer than asked for is cut.
    if (piece.value.length === 0) return protocol(`the FRU ends at ${at} of ${whole.length} bytes`)
    const taken = piece.value.subarray(0, wanted)
    whole.set(taken, at)
    at += taken.length
  }
}

async function readPiece(
  session: IpmiSession,
  wordAccess: boolean,
  at: number,
  bytes: number,
): Promise<Result<Uint8Array | 'too-many', BmcFault>> {
  const unit = wordAccess ? 2 : 1
  const offset = Math.floor(at / unit)
  const count = Math.max(1, Math.floor(bytes / unit))
  const answer = await session.ask(readFruRequest({ fru: BUILTIN_FRU, offset, count }))
  if (!answer.ok) return answer
  const { completionCode, data } = answer.value
  if (TOO_MANY.includes(completionCode)) return ok('too-many')
  if (completionCode !== COMPLETION.ok) {
    const message = `Read FRU Data was answered with ${describeCompletion(completionCode)}`
    return err({ kind: 'refused', message })
  }
  const piece = decodeFruData(data, wordAccess)
  return piece.ok ? piece : protocol(piece.error)
}
