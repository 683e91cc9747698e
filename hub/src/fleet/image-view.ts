import type { Image, ImageCreate } from '@brickyard/api/schemas'
import { problem, type Problem } from '@brickyard/std/problem'
import type { ImageSpec } from '../store/images.ts'
import type { ImageTable } from '../store/tables.ts'

/** An image as the API shows it. `receivedBytes` are those of an upload under way. */
export function imageView(row: ImageTable, receivedBytes: number): Image {
  const spec = JSON.parse(row.spec) as ImageSpec
  const ready = row.state === 'ready'
  return {
    sha256: row.sha256,
    name: row.name,
    state: ready ? 'ready' : 'awaiting-content',
    bytes: row.bytes,
    receivedBytes: ready ? row.bytes : receivedBytes,
    rawCheck: ready ? (row.raw_check === 'verified' ? 'verified' : 'unknown') : null,
    ...spec,
    createdAtMs: row.created_at_ms,
  }
}

/** What in a declaration cannot be true, or could never run anywhere. */
export function imageProblems(image: ImageCreate): Problem[] {
  const problems: Problem[] = []
  const no = (field: keyof ImageCreate, expected: string): void =>
    void problems.push(problem(field, image[field], expected))
  if (image.rawBytes > image.minDiskBytes) {
    no('minDiskBytes', `at least rawBytes, ${image.rawBytes}: the disk has to hold the image`)
  }
  if (image.arch === 'aarch64' && image.firmware.includes('bios')) {
    no('firmware', "only 'uefi' on aarch64: there is no BIOS there")
  }
  if (image.secureBoot && !image.firmware.includes('uefi')) {
    no('secureBoot', "false, or firmware with 'uefi': a BIOS knows no Secure Boot")
  }
  if (image.rawBytes % image.sectorBytes !== 0) {
    no('rawBytes', `a whole number of sectors of ${image.sectorBytes} bytes`)
  }
  if (image.format === 'raw' && image.rawBytes !== image.bytes) {
    no('rawBytes', `${image.bytes}, as bytes: a raw image is its own content`)
  }
  if (image.format === 'raw' && image.rawSha256 !== image.sha256) {
    no('rawSha256', 'the same as sha256: a raw image is its own content')
  }
  return problems
}
