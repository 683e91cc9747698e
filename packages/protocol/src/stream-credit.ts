/**
 * Credit of one direction of a stream (DESIGN.md §5), in bytes, counted from the stream's beginning:
 * who sends may have sent no more than was granted, so that what is not taken waits at its source.
 */
export interface SenderCredit {
  readonly granted: number
  readonly sent: number
}

export interface ReceiverCredit {
  /** Bytes that may be on the way or waiting at the receiver. */
  readonly windowBytes: number
  readonly granted: number
  readonly received: number
  /** Received and done with. */
  readonly taken: number
}

export const senderCredit = (granted = 0): SenderCredit => ({ granted, sent: 0 })

/** Bytes that may be sent now. */
export const creditRoom = (credit: SenderCredit): number => credit.granted - credit.sent

/**
 * A grant came; nonsense in it changes nothing. `windowBytesMax`: no more may be on its way, whatever
 * the other end grants, where what is sent waits in our own memory.
 */
export function noteGrant(
  credit: SenderCredit,
  bytes: number,
  windowBytesMax = Number.MAX_SAFE_INTEGER,
): SenderCredit {
  const granted = credit.granted + bytes
  if (!Number.isSafeInteger(granted) || bytes <= 0) return credit
  return { ...credit, granted: Math.min(granted, credit.sent + windowBytesMax) }
}

export const noteBytesSent = (credit: SenderCredit, bytes: number): SenderCredit => ({
  ...credit,
  sent: credit.sent + bytes,
})

/** `granted`: what the other end may send before the first grant, as both ends know. */
export const receiverCredit = (windowBytes: number, granted = 0): ReceiverCredit => ({
  windowBytes,
  granted,
  received: 0,
  taken: 0,
})

/** Bytes came; undefined when they are more than was granted, which only a broken peer sends. */
export function noteReceived(credit: ReceiverCredit, bytes: number): ReceiverCredit | undefined {
  const received = credit.received + bytes
  return received > credit.granted ? undefined : { ...credit, received }
}

export const noteTaken = (credit: ReceiverCredit, bytes: number): ReceiverCredit => ({
  ...credit,
  taken: Math.min(credit.received, credit.taken + bytes),
})

/** What to grant now: nothing before half the window is free, so that grants stay few. */
export function nextGrant(credit: ReceiverCredit): {
  readonly credit: ReceiverCredit
  readonly bytes: number
} {
  const bytes = credit.windowBytes - (credit.granted - credit.taken)
  if (bytes <= 0 || bytes * 2 < credit.windowBytes) return { credit, bytes: 0 }
  return { credit: { ...credit, granted: credit.granted + bytes }, bytes }
}
