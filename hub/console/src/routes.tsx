import type { QueryClient } from '@tanstack/react-query'
import {
  createRootRouteWithContext,
  createRoute,
  createRouter,
  lazyRouteComponent,
  Outlet,
  redirect,
} from '@tanstack/react-router'
import { sessionQuery } from './api/queries.ts'
import { HubError } from './api/request.ts'
import { Shell } from './layout/Shell.tsx'
import { DeploymentPage } from './pages/DeploymentPage.tsx'
import { DeploymentsPage } from './pages/DeploymentsPage.tsx'
import { EventsPage } from './pages/EventsPage.tsx'
import { ImagesPage } from './pages/ImagesPage.tsx'
import { FailedPage, MissingPage } from './pages/MissingPage.tsx'
import { NewDeploymentPage } from './pages/NewDeploymentPage.tsx'
import { OverviewPage } from './pages/OverviewPage.tsx'
import { SignInPage } from './pages/SignInPage.tsx'
import { SitePage } from './pages/SitePage.tsx'
import { SitesPage } from './pages/SitesPage.tsx'
import { SledPage } from './pages/SledPage.tsx'
import { SledsPage } from './pages/SledsPage.tsx'

/** The table of contents: every page, its address and what its address may carry. */
interface RouterContext {
  readonly queries: QueryClient
}

/** Reads the search parameters that are texts; anything else in the address is dropped. */
const texts =
  <K extends string>(...names: readonly K[]) =>
  (search: Record<string, unknown>): Partial<Record<K, string>> =>
    Object.fromEntries(
      names.flatMap((name) => {
        const value = search[name]
        return typeof value === 'string' && value !== '' ? [[name, value]] : []
      }),
    ) as Partial<Record<K, string>>

const root = createRootRouteWithContext<RouterContext>()({
  component: Outlet,
  notFoundComponent: MissingPage,
  errorComponent: FailedPage,
})

const signIn = createRoute({
  getParentRoute: () => root,
  path: '/sign-in',
  validateSearch: texts('next'),
  component: SignInPage,
})

const signedIn = createRoute({
  getParentRoute: () => root,
  id: 'signed-in',
  component: Shell,
  errorComponent: FailedPage,
  beforeLoad: async ({ context, location }) => {
    try {
      await context.queries.ensureQueryData(sessionQuery)
    } catch (error) {
      if (!(error instanceof HubError) || error.status !== 401) throw error
      throw redirect({ to: '/sign-in', search: { next: location.href } })
    }
  },
})

const parent = { getParentRoute: () => signedIn }
const overview = createRoute({ ...parent, path: '/', component: OverviewPage })
const sites = createRoute({ ...parent, path: '/sites', component: SitesPage })
const site = createRoute({ ...parent, path: '/sites/$site', component: SitePage })
const sled = createRoute({ ...parent, path: '/sites/$site/sleds/$sled', component: SledPage })
const console = createRoute({
  ...parent,
  path: '/sites/$site/sleds/$sled/console',
  component: lazyRouteComponent(() => import('./pages/ConsolePage.tsx'), 'ConsolePage'),
})
const sleds = createRoute({
  ...parent,
  path: '/sleds',
  validateSearch: texts('q', 'site', 'state'),
  component: SledsPage,
})
const deployments = createRoute({ ...parent, path: '/deployments', component: DeploymentsPage })
const newDeployment = createRoute({
  ...parent,
  path: '/deployments/new',
  validateSearch: texts('site', 'image'),
  component: NewDeploymentPage,
})
const deployment = createRoute({ ...parent, path: '/deployments/$id', component: DeploymentPage })
const images = createRoute({ ...parent, path: '/images', component: ImagesPage })
const events = createRoute({
  ...parent,
  path: '/events',
  validateSearch: texts('site', 'sled', 'kind'),
  component: EventsPage,
})

const tree = root.addChildren([
  signIn,
  signedIn.addChildren([
    overview,
    sites,
    site,
    sled,
    console,
    sleds,
    deployments,
    newDeployment,
    deployment,
    images,
    events,
  ]),
])

export const createConsoleRouter = (queries: QueryClient) =>
  createRouter({
    routeTree: tree,
    context: { queries },
    defaultPreload: 'intent',
    scrollRestoration: false,
  })

declare module '@tanstack/react-router' {
  interface Register {
    router: ReturnType<typeof createConsoleRouter>
  }
}
