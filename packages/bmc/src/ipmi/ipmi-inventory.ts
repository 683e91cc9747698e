import {
  decodeDeviceId,
  deviceIdRequest,
  firmwareVersion,
} from '@brickyard/ipmi/commands/device-id'
import { decodeSystemGuid, systemGuidRequest } from '@brickyard/ipmi/commands/system-guid'
import type { Fru } from '@brickyard/ipmi/fru'
import { err, ok, type Result } from '@brickyard/std/result'
import type { BmcFault } from '../fault.ts'
import type { BmcInventory, InventoryReader } from '../inventory.ts'
import { readFru } from './ipmi-fru.ts'
import type { IpmiSession } from './ipmi-session.ts'

/** Identity by Get Device ID, Get System GUID and the built-in FRU. Only the first one is required. */
export const createIpmiInventory = (session: IpmiSession): InventoryReader => ({
  async read() {
    const answer = await session.demand('Get Device ID', deviceIdRequest())
    if (!answer.ok) return answer
    const device = decodeDeviceId(answer.value)
    if (!device.ok) return err({ kind: 'protocol', message: device.error })
    const guid = await optional(session.demand('Get System GUID', systemGuidRequest()))
    if (!guid.ok) return guid
    const fru = await optional(readFru(session))
    if (!fru.ok) return fru
    const decoded = 'value' in guid.value ? decodeSystemGuid(guid.value.value) : undefined
    const missing = [guid.value, fru.value].flatMap((part) => ('why' in part ? [part.why] : []))
    return ok({
      ...fruTexts('value' in fru.value ? fru.value.value : undefined),
      guid: decoded?.ok === true ? decoded.value : undefined,
      bmcVersion: firmwareVersion(device.value),
      bmcManufacturerId: device.value.manufacturerId,
      bmcProductId: device.value.productId,
      damaged: [
        ...missing,
        ...(decoded?.ok === false ? [decoded.error] : []),
        ...('value' in fru.value ? fru.value.value.damaged : []),
      ],
    })
  },
})

type Optional<T> = { readonly value: T } | { readonly why: string }

/** A part that a BMC may refuse or garble without losing the rest; silence and logins still count. */
async function optional<T>(
  asked: Promise<Result<T, BmcFault>>,
): Promise<Result<Optional<T>, BmcFault>> {
  const answer = await asked
  if (answer.ok) return ok({ value: answer.value })
  const { kind, message } = answer.error
  return kind === 'refused' || kind === 'protocol' ? ok({ why: message }) : answer
}

type FruTexts = Omit<
  BmcInventory,
  'guid' | 'bmcVersion' | 'bmcManufacturerId' | 'bmcProductId' | 'damaged'
>

function fruTexts(fru: Fru | undefined): FruTexts {
  const { product, board, chassis } = fru ?? {}
  const text = (value: string | undefined): string | undefined => (value === '' ? undefined : value)
  return {
    manufacturer: text(product?.manufacturer) ?? text(board?.manufacturer),
    model: text(product?.product) ?? text(board?.product),
    partNumber: text(product?.partNumber),
    serial: text(product?.serial),
    chassisSerial: text(chassis?.serial),
    boardManufacturer: text(board?.manufacturer),
    boardModel: text(board?.product),
    boardSerial: text(board?.serial),
    assetTag: text(product?.assetTag),
  }
}
