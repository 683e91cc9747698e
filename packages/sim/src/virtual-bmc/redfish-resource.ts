import type { RedfishFaults } from './redfish-faults.ts'
import type { RedfishModel } from './redfish-model.ts'
import type { Body } from './redfish-reply.ts'
import type { VirtualHost } from './virtual-host.ts'

/** What every resource is made from, read anew at each request. */
export interface RedfishView {
  readonly model: RedfishModel
  readonly host: VirtualHost
  readonly faults: RedfishFaults
  readonly sessions: readonly { readonly id: string; readonly user: string }[]
  readonly nowMs: number
  readonly wallMs: number
}

export type Tree = Readonly<Record<string, () => Body>>

export const ROOT = '/redfish/v1'
export const link = (path: string): Body => ({ '@odata.id': path })

export const collection = (path: string, type: string, members: readonly string[]): Body => ({
  '@odata.id': path,
  '@odata.type': `#${type}Collection.${type}Collection`,
  Name: `${type} Collection`,
  'Members@odata.count': members.length,
  Members: members.map((id) => link(id.startsWith('/') ? id : `${path}/${id}`)),
})

/** A resource's first lines. */
export const head = (path: string, type: string, version: string, name: string): Body => ({
  '@odata.id': path,
  '@odata.type': `#${type}.${version}.${type}`,
  Id: path.split('/').at(-1),
  Name: name,
})

export const OK = { State: 'Enabled', Health: 'OK' }

export const lightOf = ({ model }: RedfishView): Body =>
  model.persona.light === 'boolean'
    ? { LocationIndicatorActive: model.light !== 'Off' }
    : {
        IndicatorLED: model.light,
        'IndicatorLED@Redfish.AllowableValues': ['Lit', 'Blinking', 'Off'],
      }
