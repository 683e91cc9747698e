import type { BootTraceAnswer } from '@brickyard/api/boot-schemas'
import { Mono } from '../ui/Panel.tsx'
import { Ago } from '../ui/Time.tsx'

type Watch = NonNullable<BootTraceAnswer['trace']>['watches'][number]

const named = ({ address, about }: Watch['foreignServers'][number]): string =>
  about === undefined ? address : `${address} (${about})`

/** The networks on which the site listens: what "nothing was heard" rests on. */
export function Watches({ watches, open }: { watches: readonly Watch[]; open: boolean }) {
  return (
    <details open={open} className="border-t border-line px-4 py-2.5 text-sm">
      <summary className="cursor-pointer text-ink-soft">Where the site listens</summary>
      {watches.length === 0 ? (
        <p className="pt-2">On no network: none could be opened.</p>
      ) : (
        <ul className="grid gap-2 pt-2">
          {watches.map((watch) => (
            <li key={watch.network}>
              <p>
                {watch.network} on <Mono>{watch.interface}</Mono>, {watch.mode} since{' '}
                <Ago atMs={watch.sinceAtMs} />
              </p>
              <p className="text-xs text-ink-faint">
                {watch.lastHeard === null ? (
                  'Nothing was heard there since then.'
                ) : (
                  <>
                    Last heard: {watch.lastHeard.what} of <Mono>{watch.lastHeard.mac}</Mono>,{' '}
                    <Ago atMs={watch.lastHeard.atMs} />
                  </>
                )}
                {watch.foreignServers.length > 0 &&
                  `. Other servers there: ${watch.foreignServers.map(named).join('; ')}`}
              </p>
            </li>
          ))}
        </ul>
      )}
    </details>
  )
}
