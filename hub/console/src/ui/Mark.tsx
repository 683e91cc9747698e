import type { ReactNode } from 'react'

/** Shapes that tell states apart without colour. Drawn in a box of 16 by 16, in `currentColor`. */
export type Shape =
  | 'disc'
  | 'ring'
  | 'half'
  | 'dots'
  | 'pause'
  | 'diamond'
  | 'cross'
  | 'gap'
  | 'square'
  | 'struck'
  | 'check'
  | 'triangle'

const stroke = {
  fill: 'none',
  stroke: 'currentColor',
  strokeWidth: 2,
  strokeLinecap: 'round',
} as const

const SHAPES: Readonly<Record<Shape, ReactNode>> = {
  disc: <circle cx="8" cy="8" r="5" fill="currentColor" />,
  ring: <circle cx="8" cy="8" r="4.5" {...stroke} />,
  half: (
    <>
      <circle cx="8" cy="8" r="5" {...stroke} strokeWidth={1.6} />
      <path d="M8 3a5 5 0 0 1 0 10z" fill="currentColor" />
    </>
  ),
  dots: <circle cx="8" cy="8" r="4.5" {...stroke} strokeDasharray="0.1 3.43" />,
  pause: <path d="M5.5 3.5v9M10.5 3.5v9" {...stroke} strokeWidth={2.6} />,
  diamond: (
    <>
      <path d="M8 1.8 14.2 8 8 14.2 1.8 8z" {...stroke} strokeWidth={1.6} strokeLinejoin="round" />
      <path d="M8 5v3.6M8 11v.1" {...stroke} strokeWidth={1.8} />
    </>
  ),
  cross: <path d="m4 4 8 8m0-8-8 8" {...stroke} strokeWidth={2.4} />,
  gap: <circle cx="8" cy="8" r="5" {...stroke} strokeWidth={1.8} strokeDasharray="3.2 2.1" />,
  square: <rect x="3.5" y="3.5" width="9" height="9" rx="1" {...stroke} />,
  struck: (
    <>
      <circle cx="8" cy="8" r="5" {...stroke} strokeWidth={1.6} />
      <path d="m4.5 11.5 7-7" {...stroke} strokeWidth={1.6} />
    </>
  ),
  check: <path d="m3.5 8.5 3 3 6-7" {...stroke} strokeLinejoin="round" />,
  triangle: (
    <>
      <path d="M8 2.2 14.4 13H1.6z" {...stroke} strokeWidth={1.6} strokeLinejoin="round" />
      <path d="M8 6.2v3M8 11v.1" {...stroke} strokeWidth={1.7} />
    </>
  ),
}

/** The drawing alone, to be placed in another SVG. */
export const markShape = (shape: Shape): ReactNode => SHAPES[shape]

export function Mark({ shape, className = '' }: { shape: Shape; className?: string }) {
  return (
    <svg viewBox="0 0 16 16" aria-hidden="true" className={`size-3.5 shrink-0 ${className}`}>
      {SHAPES[shape]}
    </svg>
  )
}
