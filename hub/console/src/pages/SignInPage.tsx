import { useMutation, useQueryClient } from '@tanstack/react-query'
import { useRouter, useSearch } from '@tanstack/react-router'
import { useEffect, useState, type FormEvent } from 'react'
import { sessionQuery } from '../api/queries.ts'
import { answered, hub, HubError } from '../api/request.ts'
import { Brand } from '../layout/Shell.tsx'
import { ThemeSwitch } from '../layout/ThemeSwitch.tsx'
import { Button } from '../ui/Button.tsx'
import { ErrorNote } from '../ui/ErrorNote.tsx'
import { Field, inputClass } from '../ui/Field.tsx'

/** Only a path of this console is followed after signing in, never another origin. */
const safeNext = (next: string | undefined): string =>
  next !== undefined && /^\/(?![/\\])/.test(next) ? next : '/'

export function SignInPage() {
  const { next } = useSearch({ from: '/sign-in' })
  const router = useRouter()
  const queries = useQueryClient()
  const [user, setUser] = useState('')
  const [password, setPassword] = useState('')
  const enter = useMutation({
    mutationFn: () => answered(hub.login(user, password)),
    onSuccess: async (session) => {
      queries.setQueryData(sessionQuery.queryKey, session)
      router.history.push(safeNext(next))
    },
  })
  useEffect(() => {
    document.title = 'Sign in · Brickyard'
  }, [])
  const submit = (event: FormEvent): void => {
    event.preventDefault()
    enter.mutate()
  }
  const refused = enter.error instanceof HubError && enter.error.status === 401
  return (
    <main className="brickwork grid min-h-dvh place-items-center p-4">
      <div className="w-full max-w-sm">
        <div className="panel p-7 shadow-xl">
          <Brand />
          <h1 className="mt-6 text-lg font-semibold tracking-tight">Sign in to the hub</h1>
          <p className="mt-1 mb-5 text-sm text-ink-soft">
            The terminal that started it shows the first user and password.
          </p>
          <form onSubmit={submit} className="grid gap-4">
            <Field label="User">
              <input
                className={inputClass}
                name="user"
                autoComplete="username"
                required
                autoFocus
                value={user}
                onChange={(event) => setUser(event.target.value)}
              />
            </Field>
            <Field label="Password">
              <input
                className={inputClass}
                name="password"
                type="password"
                autoComplete="current-password"
                required
                value={password}
                onChange={(event) => setPassword(event.target.value)}
              />
            </Field>
            {enter.error !== null &&
              (refused ? (
                <p role="alert" className="text-sm text-bad">
                  User and password do not belong together.
                </p>
              ) : (
                <ErrorNote error={enter.error} />
              ))}
            <Button type="submit" look="solid" disabled={enter.isPending} className="h-9">
              {enter.isPending ? 'Signing in …' : 'Sign in'}
            </Button>
          </form>
        </div>
        <div className="mt-4 flex justify-center">
          <ThemeSwitch />
        </div>
      </div>
    </main>
  )
}
