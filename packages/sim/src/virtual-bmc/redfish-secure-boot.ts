import { badValue, done, type Body, type Reply } from './redfish-reply.ts'
import { head, type RedfishView, type Tree } from './redfish-resource.ts'

/** In which mode a reset of the keys leaves Secure Boot. */
const MODE_AFTER: Readonly<Record<string, 'UserMode' | 'SetupMode'>> = {
  ResetAllKeysToDefault: 'UserMode',
  DeleteAllKeys: 'SetupMode',
  DeletePK: 'SetupMode',
}

export const secureBootTree = (path: string, { model }: RedfishView): Tree => ({
  [`${path}/SecureBoot`]: () => ({
    ...head(`${path}/SecureBoot`, 'SecureBoot', 'v1_1_0', 'UEFI Secure Boot'),
    SecureBootEnable: model.secureBoot,
    SecureBootCurrentBoot: model.secureBootRunning ? 'Enabled' : 'Disabled',
    SecureBootMode: model.secureBootMode,
    Actions: {
      '#SecureBoot.ResetKeys': {
        target: `${path}/SecureBoot/Actions/SecureBoot.ResetKeys`,
        'ResetKeysType@Redfish.AllowableValues': Object.keys(MODE_AFTER),
      },
    },
  }),
})

export function patchSecureBoot({ model, faults }: RedfishView, body: Body): Reply {
  const enable = body['SecureBootEnable']
  if (typeof enable !== 'boolean') return badValue(enable, 'SecureBootEnable')
  if (!faults.secureBootReverts) model.secureBoot = enable
  return done
}

export function resetKeys({ model }: RedfishView, body: Body): Reply {
  const type = body['ResetKeysType']
  const mode = typeof type === 'string' && Object.hasOwn(MODE_AFTER, type) && MODE_AFTER[type]
  if (typeof mode !== 'string') return badValue(type, 'ResetKeysType')
  model.secureBootModeNext = mode
  return done
}

/** A boot takes up what was waiting for it; without a platform key nothing is checked. */
export function takeUpSecureBoot({ model }: RedfishView): void {
  model.secureBootMode = model.secureBootModeNext ?? model.secureBootMode
  model.secureBootModeNext = undefined
  model.secureBootRunning = model.secureBoot && model.secureBootMode === 'UserMode'
}
