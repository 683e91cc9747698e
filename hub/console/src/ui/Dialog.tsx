import { useEffect, useId, useRef, type ReactNode } from 'react'
import { Icon } from './Icon.tsx'

/**
 * A modal on the browser's own `<dialog>`: it traps focus, closes on Escape and gives focus back.
 * It is in the page only while it is open.
 */
export function Dialog(props: {
  title: string
  onClose: () => void
  children: ReactNode
  wide?: boolean
}) {
  const ref = useRef<HTMLDialogElement>(null)
  const titleId = useId()
  useEffect(() => {
    const dialog = ref.current
    dialog?.showModal()
    // The browser would choose the first button, which is Close.
    dialog?.querySelector<HTMLElement>('input, [type=submit]')?.focus()
    return () => dialog?.close()
  }, [])
  return (
    <dialog
      ref={ref}
      aria-labelledby={titleId}
      onCancel={(event) => {
        event.preventDefault()
        props.onClose()
      }}
      onClick={(event) => {
        if (event.target === ref.current) props.onClose()
      }}
      className={`panel w-[calc(100vw-2rem)] p-0 shadow-2xl ${props.wide === true ? 'max-w-2xl' : 'max-w-md'}`}
    >
      <div className="flex items-center justify-between border-b border-line py-3 pr-3 pl-5">
        <h2 id={titleId} className="text-base font-semibold">
          {props.title}
        </h2>
        <button
          type="button"
          aria-label="Close"
          onClick={props.onClose}
          className="inline-flex size-8 items-center justify-center rounded-md text-ink-faint hover:bg-raised hover:text-ink"
        >
          <Icon name="close" />
        </button>
      </div>
      <div className="px-5 py-4">{props.children}</div>
    </dialog>
  )
}
