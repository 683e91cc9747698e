/** How a boot stands. `done`: it came to where it was sent; `unanswered`: nothing was said to it. */
export const BOOT_STATES = ['going', 'done', 'stopped', 'refused', 'unanswered'] as const
export type BootState = (typeof BOOT_STATES)[number]

/** Who a line of a boot is about: the machine's own words, our answer, or what came after. */
export const BOOT_LINE_PARTS = ['client', 'answer', 'file', 'script', 'installer', 'note'] as const
export type BootLinePart = (typeof BOOT_LINE_PARTS)[number]

export const BOOT_TONES = ['plain', 'good', 'warning', 'bad'] as const
export type BootTone = (typeof BOOT_TONES)[number]

/** One line of a boot's timeline, in words: whoever shows it needs to know no protocol. */
export interface BootLine {
  readonly atMs: number
  /** When it was seen last; `atMs` where it was seen once. */
  readonly lastAtMs: number
  readonly count: number
  readonly part: BootLinePart
  readonly tone: BootTone
  readonly text: string
  /** Decoded options, reasons, sizes: one short sentence each. */
  readonly details: readonly string[]
}

/** One boot of one machine, as its site saw it. Times are wall clock of the site. */
export interface BootAttempt {
  readonly mac: string
  /** Null for a machine that nobody declared. */
  readonly sled: string | null
  readonly network: string
  readonly startedAtMs: number
  readonly lastAtMs: number
  readonly state: BootState
  /** How it ended or where it is, in one sentence. */
  readonly summary: string
  /** What a person should know beside the timeline: another NIC, another server, no answer taken. */
  readonly findings: readonly string[]
  readonly lines: readonly BootLine[]
}

/** A network as the site listens to it: what "nothing was heard" rests on. */
export interface NetworkWatch {
  readonly network: string
  readonly role: string
  readonly mode: string
  readonly interface: string
  readonly sinceAtMs: number
  /** The latest DHCP message of any client there since then; null for none. */
  readonly lastHeard: {
    readonly atMs: number
    readonly mac: string
    readonly what: string
  } | null
  /** Servers beside ours that were heard there, the latest first. */
  readonly foreignServers: readonly HeardServer[]
}

/** A DHCP server beside ours. */
export interface HeardServer {
  readonly address: string
  readonly atMs: number
  /** Its MAC, the relay it came through, what it gives and tells, in words; undefined: nothing. */
  readonly about?: string | undefined
}

/** Everything a site can say about how one machine boots, at `asOfMs`. */
export interface BootTrace {
  /** A sled's name or, for a machine nobody declared, its MAC. */
  readonly of: string
  readonly asOfMs: number
  /** What should be known beside its boots, e.g. that one is awaited and was not heard. */
  readonly findings?: readonly string[] | undefined
  /** Newest first. */
  readonly attempts: readonly BootAttempt[]
  readonly watches: readonly NetworkWatch[]
}
