import { cloneElement, useId, type ReactElement, type ReactNode } from 'react'

export const inputClass =
  'h-8 w-full rounded-md border border-line-strong bg-ground px-2.5 text-sm text-ink placeholder:text-ink-faint aria-invalid:border-bad'

interface FieldInput {
  id?: string
  'aria-describedby'?: string | undefined
}

/** A labelled input with its hint; the child is one input, select or textarea. */
export function Field(props: {
  label: string
  hint?: ReactNode
  children: ReactElement<FieldInput>
}) {
  const id = useId()
  const hintId = `${id}-hint`
  const described = props.hint === undefined ? undefined : hintId
  return (
    <div className="grid content-start gap-1.5">
      <label htmlFor={id} className="text-sm font-medium">
        {props.label}
      </label>
      {cloneElement(props.children, { id, 'aria-describedby': described })}
      {props.hint !== undefined && (
        <p id={hintId} className="text-xs text-ink-faint">
          {props.hint}
        </p>
      )}
    </div>
  )
}
