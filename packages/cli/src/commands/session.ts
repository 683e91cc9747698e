import { createClient } from '@brickyard/api/client'
import { err, ok } from '@brickyard/std/result'
import { ask, type Action, type Outcome, type StartContext } from '../context.ts'
import { EXIT, failure } from '../exit-codes.ts'
import { forgetSession, knownHub, saveSession, sessionPath } from '../saved-session.ts'

/** Signs in. The password is typed unseen or piped in; it never stands on the command line. */
export async function login({ ports, args, options, say }: StartContext): Promise<Outcome> {
  const hubText = args[0] ?? (await knownHub(ports))
  if (hubText === undefined) {
    return err(failure(EXIT.usage, 'Which hub? Write yard login https://HUB.'))
  }
  if (!URL.canParse(hubText) || !/^https?:/.test(hubText)) {
    return err(failure(EXIT.usage, `'${hubText}' is no address; write e.g. https://hub.example`))
  }
  const hub = new URL(hubText).origin
  const named = options.text('user') ?? (ports.interactive ? await ports.ask('User: ', false) : '')
  const user = named.trim()
  if (user === '') return err(failure(EXIT.usage, 'As whom? Say --user NAME.'))
  const typed = ports.interactive
    ? await ports.ask(`Password of ${user}: `, true)
    : await ports.readInput()
  const password = typed.replace(/\r?\n$/, '')
  if (password === '') return err(failure(EXIT.usage, 'No password was given.'))
  const session = await ask(
    createClient({ fetch: ports.fetch, baseUrl: hub }).login(user, password),
  )
  if (!session.ok) return session
  const { token, ...rest } = session.value
  if (token === null) return err(failure(EXIT.failed, 'The hub gave no token.'))
  await saveSession(ports, { hub, token })
  say(`Signed in to ${hub} as ${rest.user} (${rest.role}); kept in ${sessionPath(ports.env)}.`)
  return ok({ json: { ...rest, hub }, text: '' })
}

export const logout: Action = async ({ hub, ports, say }) => {
  const ended = await ask(hub.logout())
  await forgetSession(ports)
  // A session that was over already is as signed out as one can be.
  if (!ended.ok && ended.error.exit !== EXIT.auth) return ended
  say('Signed out.')
  return ok({ json: {}, text: '' })
}
