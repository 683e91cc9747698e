import {
  booleanOf,
  fieldOf,
  linkOf,
  linksOf,
  numberOf,
  pathOf,
  textOf,
  textsOf,
  type JsonObject,
} from '../loose-json.ts'
import { actionOf, type Action } from './reset-action.ts'
import { statusOf, type Status } from './status.ts'

/** `UpdateService`: which ways an update may come in. */
export interface UpdateService {
  /** False: refuse to update at all. */
  readonly enabled: boolean | undefined
  readonly multipartPush: string | undefined
  readonly push: string | undefined
  readonly imageBytesMax: number | undefined
  /** When a pushed image may be applied, e.g. `Immediate`; empty where the service does not say. */
  readonly pushTimes: readonly string[]
  /** Whether somebody has claimed the push URI for himself; undefined where nobody has to. */
  readonly pushBusy: boolean | undefined
  /** Begins what was pushed `OnStartUpdateRequest`. */
  readonly startUpdate: Action | undefined
  /** Allowed values are those of `TransferProtocol`. */
  readonly simpleUpdate: Action | undefined
  readonly firmwareInventory: string | undefined
  readonly status: Status
}

export const parseUpdateService = (body: JsonObject): UpdateService => ({
  enabled: booleanOf(body['ServiceEnabled']),
  multipartPush: pathOf(body['MultipartHttpPushUri']),
  push: pathOf(body['HttpPushUri']),
  imageBytesMax: numberOf(body['MaxImageSizeBytes']),
  pushTimes: textsOf(
    fieldOf(body, 'MultipartHttpPushUri@Redfish.OperationApplyTimeSupport', 'SupportedValues'),
  ),
  pushBusy: booleanOf(body['HttpPushUriTargetsBusy']),
  startUpdate: actionOf(body, '#UpdateService.StartUpdate'),
  simpleUpdate: actionOf(body, '#UpdateService.SimpleUpdate', 'TransferProtocol'),
  firmwareInventory: linkOf(body['FirmwareInventory']),
  status: statusOf(body),
})

/** `SoftwareInventory`: one piece of firmware. Most real BMCs tell id, name, version and no more. */
export interface SoftwareInventory {
  readonly id: string | undefined
  readonly name: string | undefined
  /** The literal text; comparing versions is a matter of each maker's scheme. */
  readonly version: string | undefined
  readonly manufacturer: string | undefined
  readonly softwareId: string | undefined
  readonly lowestSupportedVersion: string | undefined
  readonly releaseDate: string | undefined
  readonly updateable: boolean | undefined
  readonly writeProtected: boolean | undefined
  readonly relatedItems: readonly string[]
  readonly status: Status
}

export const parseSoftwareInventory = (body: JsonObject): SoftwareInventory => ({
  id: textOf(body['Id']),
  name: textOf(body['Name']),
  version: textOf(body['Version']),
  manufacturer: textOf(body['Manufacturer']),
  softwareId: textOf(body['SoftwareId']),
  lowestSupportedVersion: textOf(body['LowestSupportedVersion']),
  releaseDate: textOf(body['ReleaseDate']),
  updateable: booleanOf(body['Updateable']),
  writeProtected: booleanOf(body['WriteProtected']),
  relatedItems: linksOf(body['RelatedItem']),
  status: statusOf(body),
})
