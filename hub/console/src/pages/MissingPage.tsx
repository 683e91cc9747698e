import { Link, type ErrorComponentProps } from '@tanstack/react-router'
import { ErrorNote } from '../ui/ErrorNote.tsx'
import { PageHead } from '../ui/Page.tsx'

export function MissingPage() {
  return (
    <main className="mx-auto max-w-2xl p-6">
      <PageHead title="Nothing here" below="No page of the console has this address." />
      <Link to="/" className="link">
        Go to the overview
      </Link>
    </main>
  )
}

/** Shown when a page could not be drawn at all. */
export function FailedPage({ error, reset }: ErrorComponentProps) {
  return (
    <main className="mx-auto max-w-2xl p-6">
      <PageHead title="This page failed" />
      <ErrorNote error={error} retry={reset} />
    </main>
  )
}
