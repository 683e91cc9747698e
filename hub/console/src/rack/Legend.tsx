/** What lines and fillings mean; colours are always beside their word. */
export function Legend() {
  return (
    <ul aria-label="Legend" className="flex flex-wrap gap-x-3.5 gap-y-1 text-xs text-ink-faint">
      <li className="flex items-center gap-1.5">
        <svg width="18" height="12" aria-hidden="true">
          <rect width="18" height="12" rx="2" fill="url(#hatch)" />
        </svg>
        nothing declared
      </li>
      <li className="flex items-center gap-1.5">
        <svg width="18" height="12" aria-hidden="true">
          <rect
            x="0.75"
            y="0.75"
            width="16.5"
            height="10.5"
            rx="2"
            fill="none"
            stroke="currentColor"
            strokeDasharray="3 2"
          />
        </svg>
        expected, not seen
      </li>
      <li className="flex items-center gap-1.5">
        <svg width="18" height="12" aria-hidden="true">
          <rect x="0.5" y="0.5" width="17" height="11" rx="2" fill="none" stroke="currentColor" />
          <rect x="3" y="3" width="12" height="6" rx="1" fill="none" stroke="currentColor" />
        </svg>
        change pending
      </li>
    </ul>
  )
}
