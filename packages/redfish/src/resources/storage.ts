import {
  booleanOf,
  fieldOf,
  linkOf,
  linksOf,
  listOf,
  numberOf,
  oneOf,
  textOf,
  type JsonObject,
} from '../loose-json.ts'
import { statusOf, type Status } from './status.ts'

/** `Storage`: a controller and the drives behind it. */
export interface Storage {
  readonly id: string | undefined
  readonly name: string | undefined
  /** In the old form; the new one has a collection of its own. */
  readonly controllers: readonly StorageController[]
  readonly controllerCollection: string | undefined
  readonly drives: readonly string[]
  readonly status: Status
}

export interface StorageController {
  readonly name: string | undefined
  readonly manufacturer: string | undefined
  readonly model: string | undefined
  readonly serial: string | undefined
  readonly firmwareVersion: string | undefined
}

export const parseStorage = (body: JsonObject): Storage => ({
  id: textOf(body['Id']),
  name: textOf(body['Name']),
  controllers: listOf(body['StorageControllers']).map((one) => ({
    name: textOf(fieldOf(one, 'Name')),
    manufacturer: textOf(fieldOf(one, 'Manufacturer')),
    model: textOf(fieldOf(one, 'Model')),
    serial: textOf(fieldOf(one, 'SerialNumber')),
    firmwareVersion: textOf(fieldOf(one, 'FirmwareVersion')),
  })),
  controllerCollection: linkOf(body['Controllers']),
  drives: linksOf(body['Drives']),
  status: statusOf(body),
})

/** `Drive`. */
export interface Drive {
  readonly id: string | undefined
  readonly name: string | undefined
  readonly manufacturer: string | undefined
  readonly model: string | undefined
  readonly serial: string | undefined
  readonly revision: string | undefined
  readonly mediaType: 'HDD' | 'SSD' | 'SMR' | undefined
  readonly protocol: string | undefined
  readonly capacityBytes: number | undefined
  readonly lifeLeftPercent: number | undefined
  readonly failurePredicted: boolean | undefined
  readonly status: Status
}

export const parseDrive = (body: JsonObject): Drive => ({
  id: textOf(body['Id']),
  name: textOf(body['Name']),
  manufacturer: textOf(body['Manufacturer']),
  model: textOf(body['Model']),
  serial: textOf(body['SerialNumber']),
  revision: textOf(body['Revision']) ?? textOf(body['FirmwareVersion']),
  mediaType: oneOf(body['MediaType'], ['HDD', 'SSD', 'SMR']),
  protocol: textOf(body['Protocol']),
  capacityBytes: numberOf(body['CapacityBytes']),
  lifeLeftPercent: numberOf(body['PredictedMediaLifeLeftPercent']),
  failurePredicted: booleanOf(body['FailurePredicted']),
  status: statusOf(body),
})
