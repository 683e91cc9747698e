import { useEffect, useId, useRef, useState, type KeyboardEvent, type ReactNode } from 'react'
import { buttonClass } from './Button.tsx'
import { Icon } from './Icon.tsx'

/** A button that opens a short list of buttons. Arrows move, Escape closes and gives focus back. */
export function Menu(props: {
  label: string
  face: ReactNode
  children: ReactNode
  disabled?: boolean
  bordered?: boolean
}) {
  const [open, setOpen] = useState(false)
  const frame = useRef<HTMLDivElement>(null)
  const opener = useRef<HTMLButtonElement>(null)
  const id = useId()
  useEffect(() => {
    if (!open) return
    frame.current?.querySelector<HTMLElement>('[data-menu-item]')?.focus()
    const away = (event: Event): void => {
      if (event.target instanceof Node && frame.current?.contains(event.target) !== true) {
        setOpen(false)
      }
    }
    document.addEventListener('pointerdown', away)
    return () => document.removeEventListener('pointerdown', away)
  }, [open])
  const move = (event: KeyboardEvent): void => {
    if (event.key === 'Escape') {
      setOpen(false)
      opener.current?.focus()
      return
    }
    const step = event.key === 'ArrowDown' ? 1 : event.key === 'ArrowUp' ? -1 : 0
    if (step === 0 || !open) return
    event.preventDefault()
    const items = [...(frame.current?.querySelectorAll<HTMLElement>('[data-menu-item]') ?? [])]
    const at = items.findIndex((item) => item === document.activeElement)
    items[(at + step + items.length) % items.length]?.focus()
  }
  return (
    <div ref={frame} className="relative" onKeyDown={move}>
      <button
        ref={opener}
        type="button"
        aria-label={props.label}
        aria-expanded={open}
        aria-controls={id}
        disabled={props.disabled}
        onClick={() => setOpen(!open)}
        className={buttonClass(props.bordered === true ? 'plain' : 'quiet')}
      >
        {props.face}
        <Icon name="chevron" className="size-3" />
      </button>
      {open && (
        <div
          id={id}
          onClick={(event) => {
            if (event.target instanceof Element && event.target.closest('[data-menu-item]')) {
              setOpen(false)
            }
          }}
          className="panel absolute right-0 z-40 mt-1.5 min-w-56 overflow-hidden py-1 shadow-xl"
        >
          {props.children}
        </div>
      )}
    </div>
  )
}

export function MenuButton(props: {
  onClick: () => void
  children: ReactNode
  note?: string
  danger?: boolean
}) {
  return (
    <button
      type="button"
      data-menu-item
      onClick={props.onClick}
      className={`block w-full px-3 py-1.5 text-left text-sm hover:bg-raised focus-visible:bg-raised focus-visible:outline-offset-[-2px] ${props.danger === true ? 'text-bad' : 'text-ink'}`}
    >
      {props.children}
      {props.note !== undefined && (
        <span className="block text-xs text-ink-faint">{props.note}</span>
      )}
    </button>
  )
}
