import { booleanOf, textOf, textsOf, type JsonObject } from '../loose-json.ts'
import { actionOf } from './reset-action.ts'

/** `VirtualMedia`: a drive of the sled whose medium comes over the network. */
export interface VirtualMedia {
  readonly id: string | undefined
  /** `CD`, `DVD`, `USBStick`, `Floppy`. */
  readonly mediaTypes: readonly string[]
  /** URL of the medium in it. */
  readonly image: string | undefined
  readonly imageName: string | undefined
  readonly inserted: boolean | undefined
  readonly writeProtected: boolean | undefined
  readonly connectedVia: string | undefined
  readonly insertTarget: string | undefined
  readonly ejectTarget: string | undefined
}

export const parseVirtualMedia = (body: JsonObject): VirtualMedia => ({
  id: textOf(body['Id']),
  mediaTypes: textsOf(body['MediaTypes']),
  image: textOf(body['Image']),
  imageName: textOf(body['ImageName']),
  inserted: booleanOf(body['Inserted']),
  writeProtected: booleanOf(body['WriteProtected']),
  connectedVia: textOf(body['ConnectedVia']),
  insertTarget: actionOf(body, '#VirtualMedia.InsertMedia')?.target,
  ejectTarget: actionOf(body, '#VirtualMedia.EjectMedia')?.target,
})
