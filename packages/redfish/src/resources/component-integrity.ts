import { booleanOf, fieldOf, linkOf, linksOf, textOf, type JsonObject } from '../loose-json.ts'
import { actionOf } from './reset-action.ts'
import { statusOf, type Status } from './status.ts'

/** `ComponentIntegrity`: a part that can prove its own firmware (SPDM, TPM). */
export interface ComponentIntegrity {
  readonly id: string | undefined
  /** `SPDM`, `TPM`, `TCM`, `OEM`. */
  readonly type: string | undefined
  readonly typeVersion: string | undefined
  readonly enabled: boolean | undefined
  readonly target: string | undefined
  readonly protects: readonly string[]
  /** Of the part's identity, e.g. `Success`, `Invalid`. */
  readonly verification: string | undefined
  /** Where signed measurements are asked for. */
  readonly measureTarget: string | undefined
  readonly status: Status
}

export const parseComponentIntegrity = (body: JsonObject): ComponentIntegrity => ({
  id: textOf(body['Id']),
  type: textOf(body['ComponentIntegrityType']),
  typeVersion: textOf(body['ComponentIntegrityTypeVersion']),
  enabled: booleanOf(body['ComponentIntegrityEnabled']),
  target: linkOf(body['TargetComponentURI']) ?? textOf(body['TargetComponentURI']),
  protects: linksOf(fieldOf(body, 'Links', 'ComponentsProtected')),
  verification: textOf(
    fieldOf(
      body,
      'SPDM',
      'IdentityAuthentication',
      'ResponderAuthentication',
      'VerificationStatus',
    ),
  ),
  measureTarget: actionOf(body, '#ComponentIntegrity.SPDMGetSignedMeasurements')?.target,
  status: statusOf(body),
})
