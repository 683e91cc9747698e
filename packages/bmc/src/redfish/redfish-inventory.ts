import { ok } from '@brickyard/std/result'
import type { InventoryReader } from '../inventory.ts'
import type { RedfishSession } from './redfish-session.ts'

/** Identity by system, chassis and manager. Only the system is required. */
export const createRedfishInventory = (session: RedfishSession): InventoryReader => ({
  async read() {
    const system = await session.system()
    if (!system.ok) return system
    const chassis = await session.chassis()
    if (!chassis.ok && chassis.error.kind !== 'refused') return chassis
    const manager = await session.manager()
    if (!manager.ok && manager.error.kind !== 'refused') return manager
    const { value: sled } = system.value
    const box = chassis.ok ? chassis.value.value : undefined
    const bmc = manager.ok ? manager.value.value : undefined
    return ok({
      manufacturer: sled.manufacturer ?? box?.manufacturer,
      model: sled.model ?? box?.model,
      partNumber: sled.partNumber ?? sled.sku ?? box?.partNumber,
      serial: sled.serial,
      chassisSerial: box?.serial,
      boardManufacturer: undefined,
      boardModel: undefined,
      boardSerial: undefined,
      assetTag: sled.assetTag ?? box?.assetTag,
      guid: guidOf(sled.uuid),
      bmcVersion: bmc?.firmwareVersion ?? 'unknown',
      bmcManufacturerId: undefined,
      bmcProductId: undefined,
      damaged: [chassis, manager].flatMap((part) => (part.ok ? [] : [part.error.message])),
    })
  },
})

const UUID = /^[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}$/

/** The orders of a UUID's bytes in use; services give it as SMBIOS shows it, or as it lies there. */
export function guidOf(
  uuid: string | undefined,
): { readonly canonical: string; readonly swapped: string; readonly asSent: string } | undefined {
  const asSent = uuid?.toLowerCase()
  if (asSent === undefined || !UUID.test(asSent)) return undefined
  const digits = asSent.replaceAll('-', '')
  const bytes = digits.match(/../g) ?? []
  const swapped = [3, 2, 1, 0, 5, 4, 7, 6, 8, 9, 10, 11, 12, 13, 14, 15].map(
    (at) => bytes[at] ?? '',
  )
  return { canonical: dashed(bytes.toReversed()), swapped: dashed(swapped), asSent }
}

const dashed = (bytes: readonly string[]): string =>
  bytes.join('').replace(/^(.{8})(.{4})(.{4})(.{4})(.{12})$/, '$1-$2-$3-$4-$5')
