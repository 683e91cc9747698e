import type { StepResult } from '@brickyard/installer/wire'
import { readPartitionTable } from '../partition-table.ts'
import { writeSeed } from '../seed-partition.ts'
import type { SledDisk } from '../sled-disk.ts'
import { type CallOf, done, fail, HEAD_BYTES, landHead, type VerbContext } from './verb-context.ts'

export async function seed(
  call: CallOf<'seed'>,
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
