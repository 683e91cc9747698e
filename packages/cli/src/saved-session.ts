import { err, ok, type Result } from '@brickyard/std/result'
import { EXIT, failure, type CliFailure } from './exit-codes.ts'
import type { CliPorts } from './ports.ts'

/** Whom to talk to and as whom: from the environment, else as the last `yard login` left it. */
export interface SavedSession {
  readonly hub: string
  readonly token: string
}

export function sessionPath(env: CliPorts['env']): string {
  const base = env['XDG_CONFIG_HOME'] ?? `${env['HOME'] ?? '.'}/.config`
  return `${base}/brickyard/session.json`
}

async function readSaved(ports: CliPorts): Promise<Partial<SavedSession>> {
  const text = await ports.files.readText(sessionPath(ports.env))
  if (text === undefined) return {}
  try {
    const value: unknown = JSON.parse(text)
    return typeof value === 'object' && value !== null ? value : {}
  } catch {
    return {}
  }
}

/** Address of the hub, where one is known at all. */
export async function knownHub(ports: CliPorts): Promise<string | undefined> {
  return ports.env['BRICKYARD_HUB'] ?? (await readSaved(ports)).hub
}

export async function currentSession(ports: CliPorts): Promise<Result<SavedSession, CliFailure>> {
  const saved = await readSaved(ports)
  const hub = ports.env['BRICKYARD_HUB'] ?? saved.hub
  // A saved token is sent only to the hub that gave it.
  const token = ports.env['BRICKYARD_TOKEN'] ?? (hub === saved.hub ? saved.token : undefined)
  if (typeof hub !== 'string' || typeof token !== 'string') {
    return err(failure(EXIT.auth, 'You are not signed in: run yard login HUB.'))
  }
  return ok({ hub, token })
}

export const saveSession = (ports: CliPorts, session: SavedSession): Promise<void> =>
  ports.files.writeSecret(sessionPath(ports.env), `${JSON.stringify(session, null, 2)}\n`)

export const forgetSession = (ports: CliPorts): Promise<void> =>
  ports.files.remove(sessionPath(ports.env))
