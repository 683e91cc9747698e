import '@xterm/xterm/css/xterm.css'
import type { ConsoleView } from '@brickyard/api/console-line'
import { CONSOLE_TAIL_BYTES_DEFAULT } from '@brickyard/api/console-wire'
import { commandText } from '@brickyard/cli/command-table'
import { ROLE_PERMISSIONS } from '@brickyard/api/permissions'
import { useQuery } from '@tanstack/react-query'
import { Link, useParams } from '@tanstack/react-router'
import { useRef, useState } from 'react'
import { sessionQuery } from '../api/queries.ts'
import { PasteAsk } from '../terminal/Asks.tsx'
import { consoleSaid, isBlank, troubleText } from '../terminal/console-words.ts'
import { Toolbar } from '../terminal/Toolbar.tsx'
import { useTerminal } from '../terminal/use-terminal.ts'
import { Badge } from '../ui/Badge.tsx'
import { CommandLine } from '../ui/Copy.tsx'
import { PageHead } from '../ui/Page.tsx'
import { Empty } from '../ui/Panel.tsx'
import { binaryText } from '../ui/quantity.ts'
import { AsOf } from '../ui/Time.tsx'

/** By the name that a session tells. */
const PERMISSIONS: Readonly<Record<string, readonly string[] | undefined>> = ROLE_PERMISSIONS

/** The serial console of a sled. Loaded when it is first opened: the terminal is large. */
export function ConsolePage() {
  const { site, sled } = useParams({ from: '/signed-in/sites/$site/sleds/$sled/console' })
  const role = useQuery(sessionQuery).data?.role
  const permissions = role === undefined ? undefined : PERMISSIONS[role]
  // A role that is not known here is the hub's to judge.
  if (permissions === undefined || permissions.includes('consoles.use')) {
    return <Console site={site} sled={sled} />
  }
  return (
    <>
      <PageHead title={`Console of ${sled}`} above={<Above site={site} sled={sled} />} />
      <Empty title={`Consoles are not for the role ${role}.`}>
        <p>An operator may read and type here.</p>
      </Empty>
    </>
  )
}

function Console({ site, sled }: { site: string; sled: string }) {
  const [tail, setTail] = useState(CONSOLE_TAIL_BYTES_DEFAULT)
  const [screenReader, setScreenReader] = useState(false)
  const screen = useRef<HTMLDivElement>(null)
  const bar = useRef<HTMLDivElement>(null)
  const used = useTerminal({ site, sled, tail, screenReader, screen, bar })
  const { view, paste, dropPaste, terminal } = used
  return (
    <>
      <PageHead
        title={`Console of ${sled}`}
        above={<Above site={site} sled={sled} />}
        beside={<Standing view={view} />}
      />
      <div className="grid gap-3">
        <Toolbar {...{ used, bar, tail, setTail, screenReader, setScreenReader }} />
        <div className="panel overflow-x-auto bg-[#0f1115] p-2">
          <div ref={screen} className="h-[max(18rem,calc(100dvh-21rem))] min-w-[660px] font-mono" />
        </div>
        {isBlank(view) && (
          <p className="text-sm text-ink-soft">
            Nothing was printed since the site began to listen. Take the keyboard and press Enter: a
            system that waits for a login says so again.
          </p>
        )}
        <p className="text-xs text-ink-faint">
          Shift+Escape leads out of the terminal. Everything printed and typed here, passwords too,
          is kept on record for 90 days; auditors and security admins may read it. {bytesText(view)}
        </p>
        <div className="max-w-2xl">
          <CommandLine command={commandText('sled console', [`${site}/${sled}`])} />
        </div>
      </div>
      {paste !== undefined && (
        <PasteAsk
          text={paste}
          isWriter={view.isWriter}
          onClose={dropPaste}
          onConfirm={() => {
            if (!view.isWriter) return
            terminal.current?.paste(paste)
            dropPaste()
            terminal.current?.focus()
          }}
        />
      )}
    </>
  )
}

function Above({ site, sled }: { site: string; sled: string }) {
  return (
    <>
      <Link to="/sites" className="hover:text-ink">
        Sites
      </Link>{' '}
      /{' '}
      <Link to="/sites/$site" params={{ site }} className="hover:text-ink">
        {site}
      </Link>{' '}
      /{' '}
      <Link to="/sites/$site/sleds/$sled" params={{ site, sled }} className="hover:text-ink">
        {sled}
      </Link>
    </>
  )
}

/** How it stands; while it is away, as of when. */
function Standing({ view }: { view: ConsoleView }) {
  const away = view.link !== 'connected' || view.state === 'site-away'
  const trouble = troubleText(view)
  return (
    <>
      <Badge said={consoleSaid(view)} stale={away} />
      {away && view.stateAtMs !== null && <AsOf atMs={view.stateAtMs} />}
      {trouble !== null && <span className="text-sm text-ink-soft">{trouble}</span>}
    </>
  )
}

const bytesText = ({ receivedBytes, lostBytes }: ConsoleView): string => {
  const lost = lostBytes === 0 ? '' : `, ${binaryText(lostBytes)} were missed`
  return `${binaryText(receivedBytes)} shown${lost}.`
}
