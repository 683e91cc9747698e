import type { ComponentProps } from 'react'

type Look = 'solid' | 'plain' | 'danger' | 'quiet'

const LOOKS: Readonly<Record<Look, string>> = {
  solid: 'bg-solid text-solid-ink border-transparent hover:opacity-88',
  plain: 'bg-surface text-ink border-line-strong hover:bg-raised',
  danger: 'bg-bad-wash text-bad border-bad/50 hover:border-bad',
  quiet: 'bg-transparent text-ink-soft border-transparent hover:bg-raised hover:text-ink',
}

export const buttonClass = (look: Look = 'plain'): string =>
  `inline-flex h-8 items-center justify-center gap-1.5 rounded-md border px-3 text-sm font-medium whitespace-nowrap transition-colors disabled:opacity-45 ${LOOKS[look]}`

export function Button({
  look = 'plain',
  className = '',
  ...rest
}: ComponentProps<'button'> & { look?: Look }) {
  return <button type="button" className={`${buttonClass(look)} ${className}`} {...rest} />
}
