import type { UseQueryResult } from '@tanstack/react-query'
import type { ReactNode } from 'react'
import { ErrorNote } from './ErrorNote.tsx'

/**
 * What a query says: the data, the reason why there is none, or that it is on its way. Data that
 * was fetched before stays on the screen when a refresh fails.
 */
export function Answer<T>(props: { query: UseQueryResult<T>; children: (data: T) => ReactNode }) {
  const { data, error, refetch } = props.query
  if (data !== undefined) {
    return (
      <>
        {error !== null && (
          <div className="mb-4">
            <ErrorNote error={error} retry={() => void refetch()} />
          </div>
        )}
        {props.children(data)}
      </>
    )
  }
  if (error !== null) return <ErrorNote error={error} retry={() => void refetch()} />
  return (
    <p role="status" className="breathe py-6 text-sm text-ink-faint">
      Loading …
    </p>
  )
}
