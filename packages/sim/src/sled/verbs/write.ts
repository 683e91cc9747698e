import { createHash } from 'node:crypto'
import type { StepResult } from '@brickyard/installer/wire'
import type { SledDisk } from '../sled-disk.ts'
import { unpackImage } from './unpack-image.ts'
import { type CallOf, done, fail, HEAD_BYTES, type VerbContext } from './verb-context.ts'

export async function write(
  call: CallOf<'write'>,
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
    const torn = unpackImage(format, Buffer.concat(pieces), rawBytes, true)
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
  const raw = unpackImage(format, Buffer.concat(pieces), rawBytes, false)
  if (!raw.ok) return raw.error
  if (!disk.write(HEAD_BYTES, raw.value.subarray(HEAD_BYTES))) {
    return fail('disk-io', `the image could not be unpacked to ${disk.facts.path}`)
  }
  held.bytes = raw.value.slice(0, HEAD_BYTES)
  return done({ bytes: received, sha256: got, 'raw-bytes': raw.value.length })
}
