import type { ReadEvent } from '@brickyard/protocol/events'
import { unreachable } from '@brickyard/std/assert'
import { eventText } from './event-text.ts'

/** Events that a person may have to do something about. */
export type NoticeEvent = Extract<
  ReadEvent,
  {
    kind:
      | 'image.refused'
      | 'dhcp.unknown-client'
      | 'dhcp.pool-exhausted'
      | 'dhcp.reservation-taken'
      | 'dhcp.foreign-server'
      | 'dhcp.address-in-use'
      | 'dhcp.flood'
      | 'netboot.refused'
      | 'intent.refused'
      | 'site.trouble'
      | 'journal.set-back'
  }
>

/**
 * What lasts on a network until its site says that it is over. The agent knows it in memory alone: a
 * new run of it, or a network that changed, begins anew.
 */
export const LASTING_KINDS = ['dhcp.foreign-server', 'dhcp.pool-exhausted', 'dhcp.flood'] as const

/** The network that the key of such a notice is about. */
export const isOfNetwork = (key: string, network: string): boolean => key.split('/')[1] === network

/** Each pool of a network runs dry by itself. */
export const poolKey = (about: { readonly network: string; readonly pool?: string | undefined }) =>
  `pool/${about.network}/${about.pool ?? ''}`

const poolInWords = ({ pool }: { readonly pool?: string | undefined }): string =>
  pool === undefined ? '' : `, pool ${pool}`

/** Two servers are two things to find. */
export const foreignKey = (about: { readonly network: string; readonly server: string }) =>
  `foreign/${about.network}/${about.server}`

/** The notice of an event: told again under the same key, only its time moves. */
export function noticeOf(event: NoticeEvent): { key: string; text: string } {
  switch (event.kind) {
    case 'image.refused': {
      const { sha256, reason } = event.body
      const text = `image ${sha256.slice(0, 12)}… was refused at the site: ${reason}`
      return { key: `image/${sha256}`, text }
    }
    case 'dhcp.unknown-client': {
      const { mac, network, vendor } = event.body
      const who = vendor === null ? mac : `${mac} (${vendor})`
      return { key: `client/${mac}`, text: `unknown machine ${who} asks on network ${network}` }
    }
    case 'dhcp.pool-exhausted':
      return {
        key: poolKey(event.body),
        text: `no address is left on network ${event.body.network}${poolInWords(event.body)}`,
      }
    case 'dhcp.reservation-taken':
      return { key: `reservation/${event.body.address}`, text: eventText(event.kind, event.body) }
    case 'dhcp.address-in-use':
      return { key: `in-use/${event.body.address}`, text: eventText(event.kind, event.body) }
    case 'dhcp.flood':
      return { key: `flood/${event.body.network}`, text: eventText(event.kind, event.body) }
    case 'dhcp.foreign-server':
      return { key: foreignKey(event.body), text: eventText(event.kind, event.body) }
    case 'netboot.refused':
      return {
        key: `netboot/${event.body.mac}`,
        text: `netboot of ${event.body.mac} was refused: ${event.body.reason}`,
      }
    case 'intent.refused':
      return {
        key: `intent/${event.body.mac}`,
        text: `a claim by ${event.body.mac} was refused: ${event.body.reason}`,
      }
    case 'site.trouble':
      return {
        key: `trouble/${event.body.what}`,
        text: `${event.body.what}: ${event.body.reason}`,
      }
    case 'journal.set-back': {
      const { kind, body } = event
      return { key: `set-back/${body.previousEpoch}`, text: eventText(kind, body) }
    }
    default:
      return unreachable(event)
  }
}
