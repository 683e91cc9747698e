import { useQuery } from '@tanstack/react-query'
import { Link, Outlet } from '@tanstack/react-router'
import { useEffect } from 'react'
import { overviewQuery } from '../api/queries.ts'
import { needsPerson } from '../ui/AttentionList.tsx'
import { Icon, type IconName } from '../ui/Icon.tsx'
import { AccountMenu } from './AccountMenu.tsx'
import { LiveNote } from './LiveNote.tsx'
import { useLive } from './live-context.ts'
import { Palette } from './Palette.tsx'
import { RouteAnnouncer } from './RouteAnnouncer.tsx'
import { ThemeSwitch } from './ThemeSwitch.tsx'

const PLACES = [
  { to: '/', word: 'Overview', icon: 'overview' },
  { to: '/sites', word: 'Sites', icon: 'sites' },
  { to: '/sleds', word: 'Sleds', icon: 'sleds' },
  { to: '/deployments', word: 'Deployments', icon: 'deployments' },
  { to: '/images', word: 'Images', icon: 'images' },
  { to: '/events', word: 'Events', icon: 'events' },
] as const satisfies readonly { to: string; word: string; icon: IconName }[]

/** The frame of every page after signing in. */
export function Shell() {
  const live = useLive()
  useEffect(() => {
    live.start()
    return live.stop
  }, [live])
  return (
    <div className="min-h-dvh lg:grid lg:grid-cols-[13.5rem_minmax(0,1fr)]">
      <a
        href="#main"
        className="sr-only-focusable fixed top-2 left-2 z-50 rounded-md bg-solid px-3 py-2 text-sm font-medium text-solid-ink"
      >
        Skip to content
      </a>
      <SideBar />
      <div className="flex min-w-0 flex-col">
        <TopBar />
        <main
          id="main"
          tabIndex={-1}
          className="mx-auto w-full max-w-[88rem] flex-1 px-4 py-6 pb-24 outline-none sm:px-6 lg:px-8 lg:pb-10"
        >
          <Outlet />
        </main>
      </div>
      <TabBar />
      <RouteAnnouncer />
    </div>
  )
}

export function Brand() {
  return (
    <span className="flex items-center gap-2.5">
      <img src="/mark.svg" alt="" width="24" height="24" />
      <span className="text-[0.95rem] font-semibold tracking-tight">Brickyard</span>
    </span>
  )
}

function SideBar() {
  return (
    <aside className="sticky top-0 hidden h-dvh flex-col border-r border-line bg-surface px-3 py-4 lg:flex">
      <Link to="/" className="mb-6 rounded-md px-2 py-1" aria-label="Brickyard, overview">
        <Brand />
      </Link>
      <nav aria-label="Main" className="grid gap-0.5">
        {PLACES.map((place) => (
          <Link
            key={place.to}
            to={place.to}
            activeOptions={{ exact: place.to === '/' }}
            className="group flex h-8 items-center gap-2.5 rounded-md px-2 text-sm text-ink-soft hover:bg-raised hover:text-ink data-[status=active]:bg-raised data-[status=active]:font-medium data-[status=active]:text-ink"
          >
            <Icon name={place.icon} className="group-data-[status=active]:text-brick" />
            {place.word}
            {place.to === '/' && <NeedsCount />}
          </Link>
        ))}
      </nav>
      <div className="mt-auto grid justify-items-start gap-3 px-2">
        <ThemeSwitch />
      </div>
    </aside>
  )
}

/** How many things need a person, beside the way to them. */
function NeedsCount() {
  const { data } = useQuery(overviewQuery)
  const count = (data?.attention ?? []).filter(needsPerson).length
  if (count === 0) return null
  return (
    <span className="ml-auto rounded-full bg-warn-wash px-1.5 text-xs font-medium text-warn">
      {count}
      <span className="sr-only"> need a person</span>
    </span>
  )
}

function TopBar() {
  return (
    <header className="sticky top-0 z-30 flex h-13 items-center gap-3 border-b border-line bg-ground/92 px-4 backdrop-blur sm:px-6 lg:px-8">
      <Link to="/" className="rounded-md lg:hidden" aria-label="Brickyard, overview">
        <Brand />
      </Link>
      <Palette />
      <div className="ml-auto flex items-center gap-4">
        <LiveNote />
        <AccountMenu />
      </div>
    </header>
  )
}

/** The same places at the thumb, on a phone. */
function TabBar() {
  return (
    <nav
      aria-label="Main, phone"
      className="fixed inset-x-0 bottom-0 z-30 grid grid-cols-6 border-t border-line bg-surface pb-[env(safe-area-inset-bottom)] lg:hidden"
    >
      {PLACES.map((place) => (
        <Link
          key={place.to}
          to={place.to}
          activeOptions={{ exact: place.to === '/' }}
          className="flex h-14 flex-col items-center justify-center gap-1 text-[0.625rem] text-ink-faint data-[status=active]:text-ink"
        >
          <Icon name={place.icon} />
          {place.word}
        </Link>
      ))}
    </nav>
  )
}
