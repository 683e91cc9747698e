import { CONSOLE_TAIL_BYTES_MAX } from '@brickyard/api/console-wire'
import { useState, type RefObject } from 'react'
import { Button } from '../ui/Button.tsx'
import { TakeAsk } from './Asks.tsx'
import { writerText } from './console-words.ts'
import type { OpenTerminal } from './open-terminal.ts'
import type { UsedTerminal } from './use-terminal.ts'

interface ToolbarProps {
  readonly used: UsedTerminal
  readonly bar: RefObject<HTMLDivElement | null>
  readonly tail: number
  readonly setTail: (bytes: number) => void
  readonly screenReader: boolean
  readonly setScreenReader: (on: boolean) => void
}

/** What can be asked of a console beside typing, and who is there. */
export function Toolbar({ used, bar, tail, setTail, screenReader, setScreenReader }: ToolbarProps) {
  const { view, refusal, terminal } = used
  return (
    <div ref={bar} className="flex flex-wrap items-center gap-2" role="group" aria-label="Console">
      <Keyboard used={used} />
      <Button
        disabled={!view.isWriter || view.state !== 'open'}
        onClick={() => terminal.current?.line.sendBreak()}
      >
        Send break
      </Button>
      {view.state === 'elsewhere' && (
        <Button look="danger" onClick={() => terminal.current?.line.takeOver()}>
          End it elsewhere
        </Button>
      )}
      <CopyAll terminal={terminal} />
      <Button
        look="quiet"
        disabled={tail === CONSOLE_TAIL_BYTES_MAX}
        onClick={() => setTail(CONSOLE_TAIL_BYTES_MAX)}
      >
        Show all that is kept
      </Button>
      <Button
        look="quiet"
        aria-pressed={screenReader}
        onClick={() => setScreenReader(!screenReader)}
      >
        Screen reader mode
      </Button>
      <span role="status" className="ml-auto text-sm text-ink-soft">
        {refusal ?? writerText(view)}
      </span>
    </div>
  )
}

/** One writes; taking it from somebody is asked first. */
function Keyboard({ used: { view, terminal } }: { used: UsedTerminal }) {
  const [asking, setAsking] = useState(false)
  const write = (take: boolean): void => {
    setAsking(false)
    terminal.current?.line.write(take)
    terminal.current?.focus()
  }
  if (view.isWriter) {
    return <Button onClick={() => terminal.current?.line.release()}>Give the keyboard back</Button>
  }
  return (
    <>
      <Button
        look="solid"
        disabled={view.link !== 'connected'}
        onClick={() => (view.writer === null ? write(false) : setAsking(true))}
      >
        Take the keyboard
      </Button>
      {asking && (
        <TakeAsk
          writer={view.writer}
          onConfirm={() => write(true)}
          onClose={() => setAsking(false)}
        />
      )}
    </>
  )
}

function CopyAll({ terminal }: { terminal: RefObject<OpenTerminal | undefined> }) {
  const [said, setSaid] = useState('Copy all')
  const copy = (): void => {
    navigator.clipboard?.writeText(terminal.current?.text() ?? '').then(
      () => setSaid('Copied'),
      () => setSaid('Not allowed to copy'),
    )
  }
  return (
    <Button onClick={copy} onBlur={() => setSaid('Copy all')}>
      {said}
    </Button>
  )
}
