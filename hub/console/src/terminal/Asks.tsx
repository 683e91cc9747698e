import { Confirm } from '../ui/Confirm.tsx'

/** Several lines at once are looked at before they are typed: each runs as it comes. */
export function PasteAsk(props: {
  text: string
  isWriter: boolean
  onConfirm: () => void
  onClose: () => void
}) {
  const lines = props.text.trim().split(/\r\n|\r|\n/)
  return (
    <Confirm
      title={`Paste ${lines.length} lines`}
      action="Paste"
      busy={false}
      error={props.isWriter ? null : new Error('You only read here; take the keyboard first.')}
      onClose={props.onClose}
      onConfirm={props.onConfirm}
      wide
    >
      <p>Each line is typed as it stands, and ended with Enter.</p>
      <pre tabIndex={0} className="max-h-60 overflow-auto rounded bg-raised p-2 font-mono text-xs">
        {props.text}
      </pre>
    </Confirm>
  )
}

export function TakeAsk(props: {
  writer: string | null
  onConfirm: () => void
  onClose: () => void
}) {
  return (
    <Confirm
      title="Take the keyboard over"
      action="Take it over"
      danger
      busy={false}
      error={null}
      onClose={props.onClose}
      onConfirm={props.onConfirm}
    >
      <p>
        {props.writer ?? 'Somebody'} writes on this console and will only read from then on. The
        take-over is recorded.
      </p>
    </Confirm>
  )
}
