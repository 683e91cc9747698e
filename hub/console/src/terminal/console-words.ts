import type { ConsoleView } from '@brickyard/api/console-line'
import type { Said } from '../ui/state-words.ts'

const STATE_SAID: Readonly<Record<ConsoleView['state'], Said>> = {
  opening: { word: 'opening', shape: 'half', tone: 'busy' },
  open: { word: 'connected', shape: 'disc', tone: 'good' },
  reconnecting: { word: 'BMC away, reconnecting', shape: 'half', tone: 'warn' },
  elsewhere: { word: 'open elsewhere', shape: 'pause', tone: 'warn' },
  failed: { word: 'does not open, trying on', shape: 'cross', tone: 'bad' },
  'site-away': { word: 'site away', shape: 'gap', tone: 'warn' },
}

const LINK_SAID: Readonly<Record<Exclude<ConsoleView['link'], 'connected'>, Said>> = {
  connecting: { word: 'connecting', shape: 'half', tone: 'busy' },
  lost: { word: 'hub away, reconnecting', shape: 'gap', tone: 'warn' },
  ended: { word: 'ended', shape: 'cross', tone: 'bad' },
}

/** How it stands with the console, the nearest trouble first. */
export const consoleSaid = ({ link, state }: ConsoleView): Said =>
  link === 'connected' ? STATE_SAID[state] : LINK_SAID[link]

/** Who writes, from where this page stands. */
export function writerText({ isWriter, writer, readers, link }: ConsoleView): string {
  if (link !== 'connected') return ''
  const others = readers.length - 1
  const watched = others > 0 ? ` ${others} more read${others === 1 ? 's' : ''} along.` : ''
  if (isWriter) return `You write.${watched}`
  return `${writer === null ? 'Nobody writes.' : `${writer} writes.`}${watched}`
}

/** A quiet console looks like a broken one. */
export const isBlank = ({ link, state, receivedBytes }: ConsoleView): boolean =>
  link === 'connected' && state === 'open' && receivedBytes === 0

/** Why it does not go, and what helps. */
export function troubleText({ link, linkReason, state, stateReason }: ConsoleView): string | null {
  if (link === 'lost' || link === 'ended') return linkReason === '' ? null : linkReason
  if (link === 'connecting' || state === 'open' || state === 'opening') return null
  return stateReason
}
