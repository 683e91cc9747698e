import type { BootLine, BootState, HeardServer } from './boot-attempt.ts'

/** What a site would say to one machine that came to boot now. */
export interface PreviewedMachine {
  /** A sled's name, `BMC of` one, or `unknown machine`. */
  readonly machine: string
  readonly mac: string
  readonly state: BootState
  readonly summary: string
  /** Our part of the timeline: answers, files named, script. */
  readonly lines: readonly BootLine[]
}

/** One network as it would behave in a mode. */
export interface PreviewedNetwork {
  readonly network: string
  readonly role: string
  /** As it is now. */
  readonly mode: string
  /** As it was previewed. */
  readonly as: string
  /** Servers beside ours that were heard there: they would go on answering. */
  readonly foreignServers: readonly HeardServer[]
  readonly machines: readonly PreviewedMachine[]
}

/** A boot loader that a site serves. */
export interface ServedLoader {
  readonly name: string
  /** What its makers call it, where the file says so. */
  readonly version: string | null
  readonly sha256: string
  /** Where it comes from, for people. */
  readonly source: string
  /** The operator said which content it must have, and it has. */
  readonly pinned: boolean
}

/** What a site would answer; nothing was sent and nothing changed. */
export interface NetbootPreview {
  readonly asOfMs: number
  /** An agent of an earlier release does not say. */
  readonly loaders?: readonly ServedLoader[] | undefined
  readonly networks: readonly PreviewedNetwork[]
}
