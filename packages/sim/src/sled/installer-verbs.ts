import { encodeInventory } from '@brickyard/installer/inventory'
import type { InstallerStep, StepResult, VerbCall } from '@brickyard/installer/wire'
import { parseLines } from '@brickyard/installer/wire-lines'
import { err, ok, type Result } from '@brickyard/std/result'
import type { SledDisk } from './sled-disk.ts'
import { bmcUser } from './verbs/bmc-user.ts'
import { bootEntry } from './verbs/boot-entry.ts'
import { seed } from './verbs/seed.ts'
import { done, fail, type VerbContext } from './verbs/verb-context.ts'
import { verify } from './verbs/verify.ts'
import { wipe } from './verbs/wipe.ts'
import { write } from './verbs/write.ts'

/**
 * The installer's verbs as the simulated sled does them: same steps in, same results out as
 * packages/installer/sled/verbs, held to the same vectors, on a disk in memory.
 */
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

type DiskCall = Extract<VerbCall, { disk: string }>

function onDisk(call: DiskCall, disk: SledDisk, context: VerbContext): Promise<StepResult> {
  switch (call.verb) {
    case 'wipe':
      return wipe(call, disk, context)
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
