import type { Architecture } from '@brickyard/model/architecture'
import { err, ok, type Result } from '@brickyard/std/result'
import { chooseDisk, type NoDisk } from './choose-disk.ts'
import type { InstallOrder, ProvisionOrder } from './install-order.ts'
import type { DiskFacts, Inventory } from './inventory.ts'
import type { VerbCall } from './wire.ts'

const SEED_LABEL = 'CIDATA'
/** The first LAN of nearly every BMC. */
const LAN_CHANNEL = 1

/** The verbs after the inventory, in their order. The error says why no disk will do. */
export function callsFor(order: InstallOrder, { disks }: Inventory): Result<VerbCall[], NoDisk> {
  switch (order.kind) {
    case 'inspect':
      return ok([{ verb: 'report' }, { verb: 'poweroff' }])
    case 'release':
      return releaseCalls(order.diskSerials, disks)
    case 'regain':
      return ok([
        { verb: 'bmc-user', user: order.user, channel: LAN_CHANNEL },
        { verb: 'report' },
        { verb: 'poweroff' },
      ])
    case 'provision': {
      const disk = chooseDisk(disks, order.image, order.diskSerial)
      return disk.ok ? ok(provisionCalls(order, disk.value)) : disk
    }
  }
}

function provisionCalls(order: ProvisionOrder, disk: DiskFacts): VerbCall[] {
  const { image } = order
  const target = { disk: disk.path, diskBytes: disk.bytes }
  const { rawBytes, rawSha256, format } = image
  const seed: VerbCall[] =
    image.seed === 'nocloud' && order.seedFiles.length > 0
      ? [{ verb: 'seed', ...target, label: SEED_LABEL, files: order.seedFiles }]
      : []
  return [
    { verb: 'wipe', ...target, mode: 'fast' },
    { verb: 'write', ...target, image: image.sha256, imageBytes: image.bytes, format, rawBytes },
    { verb: 'verify', ...target, rawBytes, rawSha256 },
    ...seed,
    {
      verb: 'boot-entry',
      ...target,
      firmware: order.firmwareMode,
      label: 'brickyard',
      loader: LOADERS[order.architecture],
    },
    { verb: 'report' },
    { verb: 'reboot' },
  ]
}

/** The removable-media path every UEFI image carries (UEFI 2.10 §3.5.1.1). */
const LOADERS: Readonly<Record<Architecture, string>> = {
  x86_64: '\\EFI\\BOOT\\BOOTX64.EFI',
  aarch64: '\\EFI\\BOOT\\BOOTAA64.EFI',
}

/** Every disk is wiped wholly; one that should be there and is not makes the wipe a lie. */
function releaseCalls(
  diskSerials: readonly string[],
  disks: readonly DiskFacts[],
): Result<VerbCall[], NoDisk> {
  const missing = diskSerials.filter((serial) => !disks.some((disk) => disk.serial === serial))
  if (missing.length > 0) {
    const reason = `disk ${missing.join(', ')} is no longer in the sled and cannot be wiped`
    return err({ fault: 'no-disk', reason })
  }
  const wipes = disks.map((disk): VerbCall => ({
    verb: 'wipe',
    disk: disk.path,
    diskBytes: disk.bytes,
    mode: 'full',
  }))
  return ok([...wipes, { verb: 'report' }, { verb: 'poweroff' }])
}
