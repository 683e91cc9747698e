import type { BmcInventory } from '@brickyard/bmc/inventory'
import type { Inventory } from '@brickyard/installer/inventory'
import type { SledName } from '@brickyard/model/names'
import { isPlaceholderSerial } from '@brickyard/open19/placeholder-serial'
import type { SledFacts } from '@brickyard/protocol/events'

/** The first text that says something. */
const said = (...texts: (string | undefined)[]): string | null =>
  texts.find((text) => text !== undefined && text.trim() !== '') ?? null

/** What the installer saw, completed by what the BMC said of itself. */
export function sledFacts(
  sled: SledName,
  inventory: Inventory,
  bmc: BmcInventory | null,
): SledFacts {
  const hostSerial = isPlaceholderSerial(inventory.serial) ? undefined : inventory.serial
  return {
    sled,
    manufacturer: said(inventory.maker, bmc?.manufacturer),
    model: said(inventory.model, bmc?.model),
    serial: said(hostSerial, bmc?.serial, bmc?.chassisSerial),
    uuid: said(inventory.uuid, bmc?.guid?.canonical),
    cpuModel: said(inventory.cpuModel),
    cpuThreads: inventory.cpuCount,
    memoryBytes: inventory.memoryBytes,
    disks: inventory.disks.map(({ path, bytes, model, serial }) => ({
      path,
      bytes,
      model: said(model),
      serial: said(serial),
    })),
    nics: inventory.nics.map(({ name, mac }) => ({ name, mac })),
    biosVersion: said(inventory.biosVersion),
    bmcVersion: said(bmc?.bmcVersion),
  }
}

/** Why a chassis in a known place must not be taken for the one that was there; undefined: it may. */
export function identityDrift(
  facts: SledFacts,
  declaredSerial: string | undefined,
  before: SledFacts | null,
  confirmed: boolean,
): string | undefined {
  const { serial } = facts
  if (serial === null || isPlaceholderSerial(serial)) return undefined
  if (declaredSerial !== undefined && declaredSerial.trim() !== serial.trim()) {
    return `its serial is ${serial}, the rack document says ${declaredSerial}`
  }
  const known = before?.serial ?? null
  if (declaredSerial === undefined && !confirmed && known !== null && known !== serial) {
    return `its serial is ${serial}, before it was ${known}; somebody has to confirm the change`
  }
  return undefined
}
