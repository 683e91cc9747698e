import { actionOf, type Action } from './reset-action.ts'
import { booleanOf, oneOf, textOf, type JsonObject } from '../loose-json.ts'

/** `SecureBoot`. */
export interface SecureBoot {
  /** How the sled started this time. */
  readonly current: 'Enabled' | 'Disabled' | undefined
  /** How it shall start next time. */
  readonly enabled: boolean | undefined
  /** `UserMode`, `SetupMode`, `AuditMode`, `DeployedMode`. */
  readonly mode: string | undefined
  readonly resetKeys: Action | undefined
}

export const parseSecureBoot = (body: JsonObject): SecureBoot => ({
  current: oneOf(body['SecureBootCurrentBoot'], ['Enabled', 'Disabled']),
  enabled: booleanOf(body['SecureBootEnable']),
  mode: textOf(body['SecureBootMode']),
  resetKeys: actionOf(body, '#SecureBoot.ResetKeys', 'ResetKeysType'),
})
