import { HubError } from '../api/request.ts'
import { CopyButton } from './Copy.tsx'
import { Mark } from './Mark.tsx'

/** A failure in words, with the code and the request id that the hub's log knows it by. */
export function ErrorNote({ error, retry }: { error: unknown; retry?: () => void }) {
  const hub = error instanceof HubError ? error : undefined
  const message = error instanceof Error ? error.message : String(error)
  const tag = [hub?.code, hub?.requestId]
    .filter((each) => typeof each === 'string')
    .join(' · request ')
  return (
    <div role="alert" className="rounded-lg border border-bad/40 bg-bad-wash px-3.5 py-3 text-sm">
      <div className="flex gap-2.5">
        <Mark shape="cross" className="mt-0.5 text-bad" />
        <div className="min-w-0 flex-1">
          <p className="text-ink">{message}</p>
          {(hub?.causes ?? []).map((cause) => (
            <p key={`${cause.field} ${cause.value}`} className="mt-1 text-ink-soft">
              <code className="font-mono text-xs">{cause.field}</code> is {cause.value}; expected{' '}
              {cause.expected}
            </p>
          ))}
          {tag !== '' && (
            <p className="mt-1 flex flex-wrap items-center gap-1 font-mono text-xs text-ink-soft">
              {tag}
              <CopyButton text={tag} name="the request id" />
            </p>
          )}
          {retry !== undefined && (
            <button type="button" onClick={retry} className="link mt-1.5 font-medium">
              Try again
            </button>
          )}
        </div>
      </div>
    </div>
  )
}
