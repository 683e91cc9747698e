import { useLiveState, type LiveState } from '../api/live.ts'
import { Mark, type Shape } from '../ui/Mark.tsx'
import { useLive } from './live-context.ts'

const SAID: Readonly<Record<LiveState, { word: string; shape: Shape; why: string; look: string }>> =
  {
    connecting: {
      word: 'connecting',
      shape: 'ring',
      why: 'Opening the live feed.',
      look: 'text-ink-faint',
    },
    live: {
      word: 'live',
      shape: 'disc',
      why: 'Changes arrive as they happen.',
      look: 'text-good',
    },
    polling: {
      word: 'refreshing every 15 s',
      shape: 'gap',
      why: 'The live feed is down: values are asked for every 15 s.',
      look: 'text-warn',
    },
  }

/** Whether what is on the screen follows the fleet by itself. */
export function LiveNote() {
  const said = SAID[useLiveState(useLive())]
  return (
    <span
      role="status"
      title={said.why}
      className={`inline-flex items-center gap-1.5 text-xs ${said.look}`}
    >
      <Mark shape={said.shape} className="size-3" />
      {said.word}
    </span>
  )
}
