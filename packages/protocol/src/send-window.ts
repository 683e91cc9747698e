/**
 * Which journal events to send next (the site's half of the acknowledgement machine). At-least-once:
 * after a reconnect everything above the hub's acknowledgement is sent again; the hub keys on
 * (site, epoch, seq), so a resend is harmless.
 */
export interface SendWindow {
  /** Everything up to here is committed at the hub. */
  readonly ackedSeq: number
  /** Everything up to here was sent on the present connection. */
  readonly sentSeq: number
}

/** Events sent and not yet acknowledged; keeps a slow link's queue short. */
export const UNACKED_EVENTS_MAX = 400

/** A fresh connection: the hub said what it holds. A hub restored from a backup may hold less. */
export const openWindow = (hubAckedSeq: number): SendWindow => ({
  ackedSeq: hubAckedSeq,
  sentSeq: hubAckedSeq,
})

/** How many events after `sentSeq` may be sent now. */
export const roomInWindow = (window: SendWindow): number =>
  Math.max(0, UNACKED_EVENTS_MAX - (window.sentSeq - window.ackedSeq))

export const noteSent = (window: SendWindow, seq: number): SendWindow => ({
  ...window,
  sentSeq: Math.max(window.sentSeq, seq),
})

/** Takes an acknowledgement; one that goes back, or ahead of what was sent, changes nothing. */
export const noteAcked = (window: SendWindow, seq: number): SendWindow =>
  seq > window.ackedSeq && seq <= window.sentSeq ? { ...window, ackedSeq: seq } : window
