import { useMutation, useQuery, useQueryClient } from '@tanstack/react-query'
import { useRouter } from '@tanstack/react-router'
import { sessionQuery } from '../api/queries.ts'
import { answered, hub } from '../api/request.ts'
import { Icon } from '../ui/Icon.tsx'
import { Menu, MenuButton } from '../ui/Menu.tsx'
import { ThemeSwitch } from './ThemeSwitch.tsx'

export function AccountMenu() {
  const { data: session } = useQuery(sessionQuery)
  const queries = useQueryClient()
  const router = useRouter()
  const leave = useMutation({
    mutationFn: () => answered(hub.logout()),
    onSettled: async () => {
      queries.clear()
      await router.navigate({ to: '/sign-in', search: {} })
    },
  })
  if (session === undefined) return null
  return (
    <Menu
      label={`Account of ${session.user}`}
      face={
        <>
          <Icon name="person" />
          <span className="hidden sm:inline">{session.user}</span>
        </>
      }
    >
      <div className="border-b border-line px-3 py-2 text-sm">
        <div className="font-medium">{session.user}</div>
        <div className="text-xs text-ink-faint">
          {session.role} · tenant {session.tenant}
        </div>
      </div>
      <div className="border-b border-line px-3 py-2 lg:hidden">
        <ThemeSwitch />
      </div>
      <MenuButton onClick={() => leave.mutate()}>Sign out</MenuButton>
    </Menu>
  )
}
