import { resourcesOf } from '@brickyard/redfish/collection'
import { parseVirtualMedia, type VirtualMedia } from '@brickyard/redfish/resources/virtual-media'
import { err, ok, type Result } from '@brickyard/std/result'
import type { BmcFault } from '../fault.ts'
import type { VirtualMediaControl } from '../virtual-media.ts'
import { named, type RedfishSession } from './redfish-session.ts'

/** Drives looked at; BMCs have a handful. */
const DRIVES_MAX = 16
const CD_TYPES = ['CD', 'DVD']

/** The first drive that takes a CD, of the manager or (newer services) of the system. */
export function createRedfishVirtualMedia(session: RedfishSession): VirtualMediaControl {
  let path: string | undefined

  async function drive(): Promise<Result<VirtualMedia & { readonly path: string }, BmcFault>> {
    if (path !== undefined) {
      const answer = await session.client.get(path)
      if (answer.ok) return ok({ path, ...parseVirtualMedia(answer.value.body) })
      if (answer.error.status !== 404) return err(named(answer.error, undefined))
      path = undefined
    }
    const places = await collections()
    if (!places.ok) return places
    let bare: { readonly path: string; readonly media: VirtualMedia } | undefined
    for (const place of places.value) {
      const found = await resourcesOf(session.client, place, DRIVES_MAX)
      if (!found.ok) return err(named(found.error, undefined))
      for (const one of found.value) {
        const media = parseVirtualMedia(one.body)
        const fits = media.mediaTypes.some((type) => CD_TYPES.includes(type))
        if (!fits) continue
        if (media.insertTarget === undefined) {
          bare ??= { path: one.path, media }
          continue
        }
        path = one.path
        return ok({ path, ...media })
      }
    }
    if (bare !== undefined) {
      path = bare.path
      return ok({ path, ...bare.media })
    }
    return err({ kind: 'refused', message: 'the BMC has no virtual CD drive' })
  }

  async function collections(): Promise<Result<readonly string[], BmcFault>> {
    const system = await session.system()
    if (!system.ok) return system
    const manager = await session.manager()
    if (!manager.ok && manager.error.kind !== 'refused') return manager
    const held = [manager.ok ? manager.value.value.virtualMedia : undefined]
    return ok([...held, system.value.value.virtualMedia].filter((one) => one !== undefined))
  }

  async function eject(): Promise<Result<void, BmcFault>> {
    const at = await drive()
    if (!at.ok) return at
    if (at.value.inserted === false || at.value.image === undefined) return ok(undefined)
    const { ejectTarget, path: drivePath } = at.value
    // A drive without actions takes its medium as a property (VirtualMedia before 1.2, and some since).
    const answer = await session.write('other', (client) =>
      ejectTarget === undefined
        ? client.patch(drivePath, { Image: null, Inserted: false })
        : client.post(ejectTarget, {}),
    )
    if (!answer.ok && answer.error.kind !== 'refused') return answer
    const now = await drive()
    if (!now.ok) return now
    if (now.value.image === undefined || now.value.inserted === false) return ok(undefined)
    if (!answer.ok) return answer
    return err({ kind: 'refused', message: `eject: the drive still holds ${now.value.image}` })
  }

  return {
    eject,
    async read() {
      const at = await drive()
      if (!at.ok) return at
      const { image, inserted, writeProtected } = at.value
      return ok({ url: inserted === false ? undefined : image, writeProtected })
    },
    async insert(url) {
      // Drives refuse a second medium, and some take it and keep the first.
      const emptied = await eject()
      if (!emptied.ok) return emptied
      const at = await drive()
      if (!at.ok) return at
      const { insertTarget, path: drivePath } = at.value
      const medium = { Image: url, Inserted: true, WriteProtected: true }
      const answer = await session.write('other', (client) =>
        insertTarget === undefined
          ? client.patch(drivePath, medium)
          : client.post(insertTarget, medium),
      )
      if (!answer.ok) return answer
      const now = await drive()
      if (!now.ok) return now
      if (now.value.image === url && now.value.inserted !== false) return ok(undefined)
      const held = now.value.image ?? 'nothing'
      return err({ kind: 'refused', message: `insert: asked for ${url}, the drive holds ${held}` })
    },
  }
}
