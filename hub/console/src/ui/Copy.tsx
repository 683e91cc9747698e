import { useEffect, useState } from 'react'
import { Icon } from './Icon.tsx'

/** How long the button says that it copied. */
const SAID_FOR_MS = 1500

/** Copies a text; needs a name because its face is only a drawing. */
export function CopyButton({ text, name }: { text: string; name: string }) {
  const [copied, setCopied] = useState(false)
  useEffect(() => {
    if (!copied) return
    const timer = setTimeout(() => setCopied(false), SAID_FOR_MS)
    return () => clearTimeout(timer)
  }, [copied])
  const copy = (): void => {
    navigator.clipboard?.writeText(text).then(
      () => setCopied(true),
      () => setCopied(false),
    )
  }
  return (
    <button
      type="button"
      onClick={copy}
      aria-label={copied ? 'Copied' : `Copy ${name}`}
      title={copied ? 'Copied' : `Copy ${name}`}
      className="inline-flex size-6 items-center justify-center rounded text-ink-faint hover:bg-raised hover:text-ink"
    >
      <Icon name={copied ? 'check' : 'copy'} />
    </button>
  )
}

/** The command that does the same from a terminal. */
export function CommandLine({ command }: { command: string }) {
  return (
    <div className="flex min-w-0 items-center gap-2 rounded-lg border border-line bg-raised py-1.5 pr-1.5 pl-3">
      <span className="shrink-0 text-2xs font-medium text-ink-faint">CLI</span>
      <code
        className="min-w-0 flex-1 overflow-x-auto font-mono text-xs whitespace-pre text-ink-soft"
        tabIndex={0}
        role="group"
        aria-label="Equivalent command"
      >
        {command}
      </code>
      <CopyButton text={command} name="the command" />
    </div>
  )
}
