import type { ImageSpec } from '../store/images.ts'
import type { ImageTable } from '../store/tables.ts'
import { Refusal } from '../api/refusal.ts'
import { unreachable } from '@brickyard/std/assert'
import { err, ok, type Result } from '@brickyard/std/result'
import type { BlobFault } from './blob-store.ts'
import type { HubParts } from '../parts.ts'

type Parts = Pick<HubParts, 'blobs' | 'rawCheck' | 'log'>

/**
 * Takes the bytes of a declared image from `first` on. Bytes that do not have the declared hash, or
 * unpack to something else than declared, are refused and nothing of them is kept. Answers whether
 * the unpacked disk could be checked here.
 */
export async function receiveImage(
  { blobs, rawCheck }: Parts,
  image: ImageTable,
  first: number,
  body: AsyncIterable<Uint8Array>,
): Promise<Result<'verified' | 'unknown', Refusal>> {
  const received = await blobs.receive(image, first, body)
  if (!received.ok) return err(refusalOf(received.error, image))
  const spec = JSON.parse(image.spec) as ImageSpec
  // What is declared of a raw image is what was just hashed.
  if (spec.format === 'raw') return ok('verified')
  if (rawCheck === undefined) return ok('unknown')
  const bytes = blobs.stream(image.sha256, 0, image.bytes)
  let detail: string | undefined
  try {
    const raw = await rawCheck(bytes, spec.format, spec.rawBytes)
    if (raw === undefined) return ok('unknown')
    if (raw.bytes !== spec.rawBytes) {
      detail = `it unpacks to ${raw.bytes} bytes, declared are ${spec.rawBytes}`
    } else if (raw.sha256 !== spec.rawSha256) {
      detail = `it unpacks to SHA-256 ${raw.sha256}, declared is ${spec.rawSha256}`
    }
  } catch (error) {
    const why = error instanceof Error ? error.message : String(error)
    detail = `it cannot be unpacked as ${spec.format}: ${why}`
  }
  if (detail === undefined) return ok('verified')
  await blobs.remove(image.sha256)
  return err(new Refusal({ status: 422, code: 'wrong-raw-content', detail }))
}

function refusalOf(fault: BlobFault, image: ImageTable): Refusal {
  switch (fault.kind) {
    case 'busy':
      return new Refusal({
        status: 409,
        code: 'upload-running',
        detail: 'another upload of this image is under way',
      })
    case 'wrong-start':
      return new Refusal({
        status: 416,
        code: 'wrong-start',
        detail: `${fault.received} bytes are here; go on from there, or begin anew`,
      })
    case 'too-long':
      return new Refusal({
        status: 422,
        code: 'wrong-length',
        detail: `more than the declared ${image.bytes} bytes came; nothing was kept`,
      })
    case 'broken-off':
      return new Refusal({
        status: 400,
        code: 'broken-off',
        detail: `the upload ended after ${fault.received} of ${image.bytes} bytes; they are kept`,
      })
    case 'wrong-hash':
      return new Refusal({
        status: 422,
        code: 'wrong-hash',
        detail: `the bytes have SHA-256 ${fault.found}, declared is ${image.sha256}; nothing was kept`,
      })
    case 'no-room':
      return new Refusal({
        status: 507,
        code: 'no-room',
        detail: `the hub’s disk is full: ${image.bytes} bytes do not fit; nothing was kept`,
      })
    default:
      return unreachable(fault)
  }
}
