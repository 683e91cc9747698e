import type { ReactNode } from 'react'

/** The few line drawings of the console, 16 by 16, so that no icon library is shipped. */
const ICONS = {
  overview: <path d="M2.5 8.5 8 3l5.5 5.5M4 7.5V13h8V7.5" />,
  sites: (
    <path d="M8 14s4.5-4.2 4.5-7.5a4.5 4.5 0 0 0-9 0C3.5 9.8 8 14 8 14zM8 8.2a1.7 1.7 0 1 0 0-3.4 1.7 1.7 0 0 0 0 3.4z" />
  ),
  sleds: <path d="M2.5 3.5h11v3.5h-11zM2.5 9h11v3.5h-11zM5 5.25h.01M5 10.75h.01" />,
  deployments: <path d="M8 2 14 5 8 8 2 5zM2 8l6 3 6-3M2 11l6 3 6-3" />,
  events: <path d="M5.5 4h8M5.5 8h8M5.5 12h8M2.5 4h.01M2.5 8h.01M2.5 12h.01" />,
  images: (
    <>
      <ellipse cx="8" cy="4" rx="5.5" ry="2" />
      <path d="M2.5 4v8c0 1.1 2.5 2 5.5 2s5.5-.9 5.5-2V4M2.5 8c0 1.1 2.5 2 5.5 2s5.5-.9 5.5-2" />
    </>
  ),
  search: <path d="M7 12A5 5 0 1 0 7 2a5 5 0 0 0 0 10zM10.6 10.6 14 14" />,
  copy: <path d="M5.5 5.5h8v8h-8zM3.5 10.5h-1v-8h8v1" />,
  check: <path d="m3 8.5 3.3 3.3L13 4.5" />,
  chevron: <path d="m4 6 4 4 4-4" />,
  power: <path d="M8 2v5.5M4.7 4.2a5 5 0 1 0 6.6 0" />,
  light: (
    <path d="M6 12.5h4M6.5 14.5h3M5.5 10.5C4 9.5 3.5 8 3.5 6.5a4.5 4.5 0 0 1 9 0c0 1.5-.5 3-2 4z" />
  ),
  plus: <path d="M8 3v10M3 8h10" />,
  sun: (
    <>
      <circle cx="8" cy="8" r="2.8" />
      <path d="M8 1.5v1.3M8 13.2v1.3M1.5 8h1.3M13.2 8h1.3M3.4 3.4l.9.9M11.7 11.7l.9.9M3.4 12.6l.9-.9M11.7 4.3l.9-.9" />
    </>
  ),
  moon: <path d="M13.5 9.5A6 6 0 0 1 6.5 2.5a6 6 0 1 0 7 7z" />,
  screen: <path d="M2 3h12v8H2zM5.5 14h5" />,
  person: (
    <path d="M8 8a2.8 2.8 0 1 0 0-5.6A2.8 2.8 0 0 0 8 8zM2.8 14c.4-2.6 2.5-4 5.2-4s4.8 1.4 5.2 4" />
  ),
  close: <path d="m4 4 8 8M12 4l-8 8" />,
} as const satisfies Readonly<Record<string, ReactNode>>

export type IconName = keyof typeof ICONS

export function Icon({ name, className = '' }: { name: IconName; className?: string }) {
  return (
    <svg
      viewBox="0 0 16 16"
      aria-hidden="true"
      fill="none"
      stroke="currentColor"
      strokeWidth="1.4"
      strokeLinecap="round"
      strokeLinejoin="round"
      className={`size-4 shrink-0 ${className}`}
    >
      {ICONS[name]}
    </svg>
  )
}
