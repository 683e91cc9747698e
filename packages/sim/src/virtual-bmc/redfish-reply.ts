import type { RefusalKind } from './redfish-faults.ts'

export type Body = Readonly<Record<string, unknown>>

/** What one request is answered with. */
export interface Reply {
  readonly status: number
  readonly headers?: Readonly<Record<string, string>>
  readonly body?: Body
}

export const done: Reply = { status: 204 }

/** A refusal in the form of DSP0266 §8.6. */
export function refusal(
  status: number,
  id: string,
  text: string,
  args: readonly string[] = [],
  headers: Readonly<Record<string, string>> = {},
): Reply {
  const message = {
    '@odata.type': '#Message.v1_1_2.Message',
    MessageId: id,
    Message: text,
    MessageArgs: args,
    MessageSeverity: 'Critical',
    Resolution: 'None.',
  }
  return {
    status,
    headers,
    body: {
      error: {
        code: 'Base.1.12.GeneralError',
        message: 'A general error has occurred. See ExtendedInfo for more information.',
        '@Message.ExtendedInfo': [message],
      },
    },
  }
}

export const notFound = (path: string): Reply =>
  refusal(404, 'Base.1.12.ResourceMissingAtURI', `The resource at the URI ${path} was not found.`, [
    path,
  ])

export const badValue = (value: unknown, property: string): Reply =>
  refusal(
    400,
    'Base.1.12.PropertyValueNotInList',
    `The value '${String(value)}' for the property ${property} is not in the list of acceptable values.`,
    [String(value), property],
  )

/** Refusals as makers word them: ids are what drivers go by. */
export const MAKERS_REFUSALS: Readonly<Record<RefusalKind, Reply>> = {
  conflict: refusal(409, 'Base.1.12.ResourceInUse', 'The change cannot be made at present.'),
  'dell-sys518': refusal(
    500,
    'IDRAC.2.8.SYS518',
    'iDRAC is not ready. The configuration values cannot be accessed.',
  ),
  'dell-red014': refusal(503, 'IDRAC.2.8.RED014', 'A job is being created; try again later.'),
  'hpe-in-post': refusal(
    400,
    'iLO.2.14.UnableToModifyDuringSystemPOST',
    'The value cannot be modified while the system is in POST.',
  ),
  'hpe-wrong-state': refusal(
    400,
    'iLO.2.14.InvalidOperationForSystemState',
    'The operation is not valid in the current state of the system.',
  ),
  'part-silent': refusal(
    400,
    'Update.1.0.TransferFailed',
    'Transfer of the image to the device failed: it does not answer.',
  ),
  already: refusal(409, 'Base.1.12.NoOperation', 'The request made no change.'),
  licence: refusal(
    403,
    'SMC.1.0.OemLicenseNotPassed',
    'Not licensed to perform this request. The following licenses SFT-OOB-LIC were needed',
  ),
  'flash-mode': refusal(
    400,
    'SMC.1.0.OemFirmwareAlreadyInUpdateMode',
    'The firmware was already in update mode.',
  ),
  'nothing-to-update': refusal(
    400,
    'IDRAC.2.8.SUP029',
    'Unable to find any firmware updates that are applicable.',
  ),
}
