import type { StepResult } from '@brickyard/installer/wire'
import { MiB } from '@brickyard/std/units'
import type { SledDisk } from '../sled-disk.ts'
import { type CallOf, done, fail, spendWith, type VerbContext } from './verb-context.ts'

const ENDS_BYTES = MiB(4)

export async function wipe(
  { mode }: CallOf<'wipe'>,
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
