/** One event as a store holds it. */
export interface HeldEvent {
  readonly epoch: string
  readonly seq: number
  readonly kind: string
  readonly body: string
}

export interface JournalComparison {
  /** Events the site has written since its journal began. */
  readonly sent: number
  /** Written at the site and not (yet) at the hub. */
  readonly missing: number
  /** Of these, how many the hub says it has: a loss, whatever may still arrive. */
  readonly lost: number
  /** Held more than once at the hub. */
  readonly twice: number
  /** Held at both ends and not the same, or at the hub and never written. */
  readonly wrong: number
}

/**
 * Compares a site's journal with what the hub holds of it, row by row, from both stores. `ackedSeq`
 * is what the hub acknowledged. Events the site has already pruned count by their numbers alone.
 */
export function compareJournals(
  site: { readonly epoch: string; readonly lastSeq: number; readonly events: readonly HeldEvent[] },
  hub: { readonly ackedSeq: number; readonly events: readonly HeldEvent[] },
): JournalComparison {
  const bySeq = new Map<number, HeldEvent[]>()
  let wrong = 0
  for (const event of hub.events) {
    if (event.epoch !== site.epoch) continue
    if (event.seq < 1 || event.seq > site.lastSeq) wrong++
    const held = bySeq.get(event.seq)
    if (held === undefined) bySeq.set(event.seq, [event])
    else held.push(event)
  }
  let missing = 0
  let lost = 0
  let twice = 0
  for (let seq = 1; seq <= site.lastSeq; seq++) {
    const count = bySeq.get(seq)?.length ?? 0
    if (count > 1) twice++
    if (count > 0) continue
    missing++
    if (seq <= hub.ackedSeq) lost++
  }
  for (const event of site.events) {
    const [held] = bySeq.get(event.seq) ?? []
    if (held !== undefined && !sameEvent(event, held)) wrong++
  }
  return { sent: site.lastSeq, missing, lost, twice, wrong }
}

/** Bodies are compared as values: the hub may write JSON with other spaces. */
const sameEvent = (a: HeldEvent, b: HeldEvent): boolean =>
  a.kind === b.kind && canonical(a.body) === canonical(b.body)

const canonical = (text: string): string => JSON.stringify(JSON.parse(text))
