import type { Image } from '@brickyard/model/image'
import { err, ok, type Result } from '@brickyard/std/result'
import type { Fault } from './faults.ts'
import type { DiskFacts } from './inventory.ts'

/** A refusal to choose: the fault and the sentence that names every disk and why not. */
export interface NoDisk {
  readonly fault: Fault
  readonly reason: string
}

/**
 * The disk an image goes to: of those it fits, the smallest, so that big data disks stay free;
 * the path settles ties, so that two runs on one sled choose alike.
 */
export function chooseDisk(
  disks: readonly DiskFacts[],
  image: Image,
  wantedSerial = '',
): Result<DiskFacts, NoDisk> {
  if (disks.length === 0) {
    return err({ fault: 'no-disk', reason: 'the sled has no disk that the installer can see' })
  }
  const named = disks.filter((disk) => wantedSerial === '' || disk.serial === wantedSerial)
  if (named.length === 0) {
    const seen = disks.map((disk) => `${disk.path} has '${disk.serial}'`).join(', ')
    return err({ fault: 'no-disk', reason: `no disk has serial '${wantedSerial}': ${seen}` })
  }
  const misfits = named.map((disk) => ({ disk, why: misfit(disk, image) }))
  const fitting = misfits.filter(({ why }) => why === '').map(({ disk }) => disk)
  const [best] = fitting.sort((a, b) => a.bytes - b.bytes || (a.path < b.path ? -1 : 1))
  if (best !== undefined) return ok(best)
  return err({
    fault: 'image-too-big',
    reason: `image ${image.name} fits no disk: ${misfits.map(({ why }) => why).join('; ')}`,
  })
}

function misfit(disk: DiskFacts, image: Image): string {
  const needed = Math.max(image.minDiskBytes, image.rawBytes)
  if (disk.bytes < needed) {
    return `${disk.path} has ${disk.bytes} bytes, the image needs ${needed}`
  }
  if (disk.sectorBytes !== image.sectorBytes) {
    return `${disk.path} has sectors of ${disk.sectorBytes} bytes, the image is made for ${image.sectorBytes}`
  }
  return ''
}
