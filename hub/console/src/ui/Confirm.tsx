import { useId, useState, type FormEvent, type ReactNode } from 'react'
import { Button } from './Button.tsx'
import { Dialog } from './Dialog.tsx'
import { ErrorNote } from './ErrorNote.tsx'
import { inputClass } from './Field.tsx'

export interface ConfirmProps {
  readonly title: string
  /** What will happen, before the button. */
  readonly children: ReactNode
  /** The button's word. */
  readonly action: string
  readonly danger?: boolean
  readonly wide?: boolean
  /** A text the person has to type, and what it is called. */
  readonly typed?: { readonly text: string; readonly what: string } | undefined
  readonly busy: boolean
  readonly error: unknown
  readonly onConfirm: () => void
  readonly onClose: () => void
}

/** Asks before an act. A hard one is confirmed by typing something that only this thing has. */
export function Confirm(props: ConfirmProps) {
  const [typed, setTyped] = useState('')
  const inputId = useId()
  const ready = props.typed === undefined || typed.trim() === props.typed.text
  const submit = (event: FormEvent): void => {
    event.preventDefault()
    if (ready && !props.busy) props.onConfirm()
  }
  return (
    <Dialog title={props.title} onClose={props.onClose} wide={props.wide === true}>
      <form onSubmit={submit} className="grid gap-4">
        <div className="grid gap-2 text-ink-soft">{props.children}</div>
        {props.typed !== undefined && (
          <div className="grid gap-1.5">
            <label htmlFor={inputId} className="text-sm">
              Type {props.typed.what}{' '}
              <strong className="font-mono font-semibold">{props.typed.text}</strong> to confirm
            </label>
            <input
              id={inputId}
              className={inputClass}
              autoComplete="off"
              spellCheck={false}
              value={typed}
              onChange={(event) => setTyped(event.target.value)}
            />
          </div>
        )}
        {props.error !== null && props.error !== undefined && <ErrorNote error={props.error} />}
        <div className="flex justify-end gap-2">
          <Button onClick={props.onClose}>Cancel</Button>
          <Button
            type="submit"
            look={props.danger === true ? 'danger' : 'solid'}
            disabled={!ready || props.busy}
          >
            {props.busy ? 'Sending …' : props.action}
          </Button>
        </div>
      </form>
    </Dialog>
  )
}
