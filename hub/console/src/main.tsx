import { QueryCache, QueryClient, QueryClientProvider } from '@tanstack/react-query'
import { RouterProvider } from '@tanstack/react-router'
import { StrictMode } from 'react'
import { createRoot } from 'react-dom/client'
import { createLive } from './api/live.ts'
import { HubError } from './api/request.ts'
import { LiveContext } from './layout/live-context.ts'
import { createConsoleRouter } from './routes.tsx'
import './styles/app.css'

/** A refused request is refused again; only a hub that did not answer is asked once more. */
const RETRIES_WHEN_UNREACHABLE = 1

const queries = new QueryClient({
  queryCache: new QueryCache({
    onError: (error, query) => {
      if (!(error instanceof HubError) || error.status !== 401) return
      if (query.queryKey[0] === 'session') return
      // The session ended: the routes ask for it again and lead to the sign-in page.
      queries.removeQueries({ queryKey: ['session'] })
      void router.invalidate()
    },
  }),
  defaultOptions: {
    queries: {
      staleTime: 5_000,
      refetchOnWindowFocus: true,
      retry: (failures, error) =>
        error instanceof HubError && error.status === 0 && failures < RETRIES_WHEN_UNREACHABLE,
    },
  },
})
const router = createConsoleRouter(queries)
const live = createLive(queries)

const root = document.getElementById('root')
if (root === null) throw new Error('index.html has an element with the id root')
createRoot(root).render(
  <StrictMode>
    <QueryClientProvider client={queries}>
      <LiveContext value={live}>
        <RouterProvider router={router} />
      </LiveContext>
    </QueryClientProvider>
  </StrictMode>,
)
