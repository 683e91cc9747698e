import { createHash } from 'node:crypto'
import type { StepResult } from '@brickyard/installer/wire'
import type { SledDisk } from '../sled-disk.ts'
import { type CallOf, done, fail, SPEND_BYTES, type VerbContext } from './verb-context.ts'

export async function verify(
  call: CallOf<'verify'>,
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
