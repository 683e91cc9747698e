import type { HubFrame } from '@brickyard/protocol/frames'
import { eventPrint, nextProbe, noteProbe, type ForkSearch } from '@brickyard/protocol/journal-fork'
import { ackedSeq, eventsAfter, firstSeq, lastSeq } from '../store/journal.ts'
import type { SiteStore } from '../store/site-store.ts'

type Welcome = Extract<HubFrame, { kind: 'welcome' }>

/** Whether the hub's copy of the journal is of this journal, and if not, where they part ways. */
export interface JournalCheck {
  /** What to ask next; `done` with the last event that both hold alike. */
  next(): { readonly kind: 'ask' | 'done'; readonly seq: number }
  /** The hub's answer to an asked number. */
  held(seq: number, print: string | null): void
}

/**
 * Looks at a welcome: undefined when the hub's last event is our own, else (it is beyond our
 * journal, or another event under the same number) this site's store was set back, and the check
 * finds out where. A hub that cannot tell what it holds is believed up to what we know it
 * acknowledged: rather an event twice than none.
 */
export function checkJournal(site: SiteStore, welcome: Welcome): JournalCheck | undefined {
  const { ackedSeq: hubSeq, ackedPrint } = welcome
  const own = (seq: number): string | undefined => site.read((sql) => printOf(sql, seq))
  const [first, last, known] = site.read((sql) => [firstSeq(sql), lastSeq(sql), ackedSeq(sql)])
  const beyond = hubSeq > last
  if (!beyond) {
    const ours = own(hubSeq)
    if (typeof ackedPrint !== 'string' || ours === undefined || ours === ackedPrint)
      return undefined
  }
  let search: ForkSearch =
    ackedPrint === undefined
      ? { alike: known, differs: known + 1 }
      : { alike: first - 1, differs: beyond ? last + 1 : hubSeq }
  return {
    next() {
      const seq = nextProbe(search)
      return seq === undefined ? { kind: 'done', seq: search.alike } : { kind: 'ask', seq }
    },
    held(seq, print) {
      search = noteProbe(search, seq, print !== null && print === own(seq))
    },
  }
}

function printOf(sql: Parameters<typeof eventsAfter>[0], seq: number): string | undefined {
  const [event] = eventsAfter(sql, seq - 1, 1)
  return event?.seq === seq ? eventPrint(event) : undefined
}
