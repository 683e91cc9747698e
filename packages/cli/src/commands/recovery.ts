import { decodeLogin, recoveryContext } from '@brickyard/model/sealed-login'
import { boxKeyId, boxKeys, openBox } from '@brickyard/std/sealed-box'
import { err, ok, type Result } from '@brickyard/std/result'
import {
  ask,
  confirmed,
  sledNamed,
  type Action,
  type Outcome,
  type StartContext,
} from '../context.ts'
import { EXIT, failure, type CliFailure } from '../exit-codes.ts'
import { facts, table, timeText } from '../output.ts'
import type { CliPorts } from '../ports.ts'
import { act } from './sleds.ts'

const KEY_BYTES = 32

export const sledRotateCredentials: Action = async (context) => {
  const ref = sledNamed(context)
  if (!ref.ok) return ref
  const question = `Give the BMC of ${ref.value.site}/${ref.value.sled} a new login and retire the old one?`
  const sure = await confirmed(context, question)
  if (!sure.ok) return sure
  return act(context, () => context.hub.sleds.rotateCredentials(ref.value.site, ref.value.sled))
}

/** What the hub keeps of one sled, sealed: enough to open it on a machine that knows no hub. */
interface KeptLogins {
  readonly site: string
  readonly sled: string
  readonly items: readonly {
    readonly user: string
    readonly keyId: string
    readonly box: string
    readonly sealedAtMs: number
    readonly operation: string
  }[]
}

/** With `--key` it is opened here; without, the JSON is what `yard recovery open` takes elsewhere. */
export const sledRecoverySecret: Action = async (context) => {
  const ref = sledNamed(context)
  if (!ref.ok) return ref
  const { site, sled } = ref.value
  const kept = await ask(context.hub.sleds.sealedLogins(site, sled))
  if (!kept.ok) return kept
  const all: KeptLogins = { site, sled, items: kept.value.items }
  if (all.items.length === 0) {
    return err(failure(EXIT.notFound, `The hub keeps no sealed login of ${site}/${sled}.`))
  }
  const keyFile = context.options.text('key')
  if (keyFile !== undefined) return await openAll(context.ports, all, keyFile)
  return ok({
    json: all,
    text: table(
      ['USER', 'SEALED', 'RECOVERY-KEY', 'OPERATION'],
      all.items.map(({ user, sealedAtMs, keyId, operation }) => [
        user,
        timeText(sealedAtMs),
        keyId,
        operation,
      ]),
    ),
  })
}

/** Makes the pair of keys here; the private one is written to a file and shown nowhere. */
export async function recoveryNewKey({ ports, args, say }: StartContext): Promise<Outcome> {
  const file = args[0] ?? ''
  if ((await ports.files.readText(file)) !== undefined) {
    return err(
      failure(EXIT.conflict, `${file} is there already; a key that is in use must not be lost.`),
    )
  }
  const { publicKey, privateKey } = boxKeys(ports.randomBytes(KEY_BYTES))
  const keyId = boxKeyId(publicKey)
  const lines = [
    `# Brickyard recovery key ${keyId}. It opens every BMC login sealed to it: keep it offline, twice.`,
    `public ${publicKey}`,
    `private ${privateKey}`,
  ]
  await ports.files.writeSecret(file, `${lines.join('\n')}\n`)
  say(`Move ${file} to where no network reaches it. Into the rack documents goes only:`)
  say(`  bmcPasswords: { recoveryKey: ${publicKey} }`)
  return ok({
    json: { keyId, publicKey, file },
    text: facts([
      ['recovery key', keyId],
      ['public', publicKey],
      ['file', file],
    ]),
  })
}

/** Opens what `yard sled recovery-secret -o json` wrote, on a machine that knows no hub. */
export async function recoveryOpen({ ports, args, options }: StartContext): Promise<Outcome> {
  const file = args[0] ?? ''
  const text = await ports.files.readText(file)
  if (text === undefined) return err(failure(EXIT.usage, `There is no file ${file}.`))
  const kept = parseKept(text)
  if (kept === undefined) {
    return err(failure(EXIT.usage, `${file} is not what yard sled recovery-secret -o json writes.`))
  }
  return await openAll(ports, kept, options.text('key') ?? '')
}

async function openAll(ports: CliPorts, kept: KeptLogins, keyFile: string): Promise<Outcome> {
  const key = await privateKeyOf(ports, keyFile)
  if (!key.ok) return key
  const { site, sled } = kept
  const opened = kept.items.map(({ box, sealedAtMs, user, keyId }) => {
    const bytes = openBox(key.value, recoveryContext(site, sled), box)
    const login = bytes.ok ? decodeLogin(bytes.value) : bytes
    return login.ok
      ? { ...login.value, sealedAtMs, why: null }
      : { user, password: null, sealedAtMs, why: `recovery key ${keyId}: ${login.error}` }
  })
  const output = {
    json: { site, sled, logins: opened },
    text: table(
      ['SEALED', 'USER', 'PASSWORD'],
      opened.map(({ sealedAtMs, user, password, why }) => [
        timeText(sealedAtMs),
        user,
        password ?? `(${why ?? ''})`,
      ]),
    ),
  }
  if (opened.some(({ password }) => password !== null)) return ok(output)
  return ok({ ...output, failed: failure(EXIT.failed, `${keyFile} opens none of them.`) })
}

async function privateKeyOf(ports: CliPorts, file: string): Promise<Result<string, CliFailure>> {
  const text = await ports.files.readText(file)
  if (text === undefined) return err(failure(EXIT.usage, `There is no key file ${file}.`))
  const key = /^private ([A-Za-z0-9_-]{43})$/m.exec(text)?.[1]
  if (key !== undefined) return ok(key)
  return err(failure(EXIT.usage, `${file} is no key file of yard recovery new-key.`))
}

/** Texts of a file that may have been anything. */
function parseKept(text: string): KeptLogins | undefined {
  let value: unknown
  try {
    value = JSON.parse(text)
  } catch {
    return undefined
  }
  const { site, sled, items } = (value ?? {}) as Partial<Record<string, unknown>>
  if (typeof site !== 'string' || typeof sled !== 'string' || !Array.isArray(items))
    return undefined
  const good = items.flatMap((item: unknown): KeptLogins['items'][number][] => {
    const { user, keyId, box, sealedAtMs, operation } = (item ?? {}) as Record<string, unknown>
    const texts = [user, keyId, box, operation]
    if (!texts.every((one) => typeof one === 'string') || typeof sealedAtMs !== 'number') return []
    return [
      {
        user: String(user),
        keyId: String(keyId),
        box: String(box),
        operation: String(operation),
        sealedAtMs,
      },
    ]
  })
  return good.length === items.length && good.length > 0 ? { site, sled, items: good } : undefined
}
