import { useRouterState } from '@tanstack/react-router'
import { useEffect, useState } from 'react'

/** A page that changes without a load says its name to a screen reader; the title is set by then. */
const AFTER_MS = 150

export function RouteAnnouncer() {
  const path = useRouterState({ select: (state) => state.location.pathname })
  const [said, setSaid] = useState('')
  useEffect(() => {
    const timer = setTimeout(() => setSaid(document.title), AFTER_MS)
    return () => clearTimeout(timer)
  }, [path])
  return (
    <div aria-live="polite" aria-atomic="true" className="sr-only">
      {said}
    </div>
  )
}
