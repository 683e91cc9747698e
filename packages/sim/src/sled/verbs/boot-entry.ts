import type { StepResult } from '@brickyard/installer/wire'
import { readPartitionTable } from '../partition-table.ts'
import type { SledDisk } from '../sled-disk.ts'
import { type CallOf, done, fail, landHead, type VerbContext } from './verb-context.ts'

export async function bootEntry(
  call: CallOf<'boot-entry'>,
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
