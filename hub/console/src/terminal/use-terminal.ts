import { BLANK_VIEW, type ConsoleView } from '@brickyard/api/console-line'
import { useEffect, useRef, useState, type RefObject } from 'react'
import { openTerminal, type OpenTerminal } from './open-terminal.ts'

/** How long a refusal stands on the page. */
const REFUSAL_SHOWN_MS = 6000

/** A terminal on a sled's console while the page shows it. */
export interface UsedTerminal {
  readonly view: ConsoleView
  /** What was asked for in vain a moment ago. */
  readonly refusal: string | undefined
  /** Several lines that somebody wants to paste. */
  readonly paste: string | undefined
  readonly dropPaste: () => void
  readonly terminal: RefObject<OpenTerminal | undefined>
}

export function useTerminal(options: {
  readonly site: string
  readonly sled: string
  readonly tail: number
  readonly screenReader: boolean
  /** Where it is drawn. */
  readonly screen: RefObject<HTMLElement | null>
  /** Where the keys lead that lead out of it. */
  readonly bar: RefObject<HTMLElement | null>
}): UsedTerminal {
  const { site, sled, tail, screenReader, screen, bar } = options
  const [view, setView] = useState(BLANK_VIEW)
  const [refusal, setRefusal] = useState<string>()
  const [paste, setPaste] = useState<string>()
  const terminal = useRef<OpenTerminal>(undefined)
  useEffect(() => {
    if (screen.current === null) return
    const opened = openTerminal(screen.current, {
      site,
      sled,
      tail,
      screenReader,
      onView: setView,
      onRefused: (what, reason) => setRefusal(`${what}: ${reason}`),
      onPaste: setPaste,
      onLeave: () => bar.current?.querySelector('button')?.focus(),
    })
    terminal.current = opened
    return () => opened.close()
  }, [site, sled, tail, screenReader, screen, bar])
  useEffect(() => {
    if (refusal === undefined) return
    const timer = setTimeout(() => setRefusal(undefined), REFUSAL_SHOWN_MS)
    return () => clearTimeout(timer)
  }, [refusal])
  return { view, refusal, paste, dropPaste: () => setPaste(undefined), terminal }
}
