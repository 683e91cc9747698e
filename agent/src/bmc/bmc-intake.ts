import type { Bmc } from '@brickyard/bmc/bmc'
import type { BmcFault } from '@brickyard/bmc/fault'
import { probeCipherZero } from '@brickyard/bmc/ipmi/ipmi-exposure'
import type { SledName } from '@brickyard/model/names'
import type { BmcDeclaration, RackDocument, SledDeclaration } from '@brickyard/model/rack'
import type { BmcFinding, BmcSetting } from '@brickyard/protocol/events'
import type { Clock } from '@brickyard/runtime/clock'
import { readBody, type HttpClient } from '@brickyard/runtime/http'
import type { Log } from '@brickyard/runtime/log'
import type { Random } from '@brickyard/runtime/random'
import type { Udp } from '@brickyard/runtime/udp'
import { err, ok, type Result } from '@brickyard/std/result'
import { Hours, KiB, Minutes, Seconds } from '@brickyard/std/units'
import type { SiteStore } from '../store/site-store.ts'
import type { Troubles } from '../troubles.ts'
import type { BmcPins } from './bmc-pins.ts'
import { lookAtSettings } from './bmc-settings.ts'
import type { BmcDesk } from './bmc-desk.ts'
import { type BmcPoll, createBmcPoll } from './bmc-poll.ts'
import {
  checkExposure,
  isMakersLogin,
  withDrift,
  type Looked,
  KEY_CHANGED,
  keyChanged,
  type PinState,
} from './check-intake.ts'

/** Of `site.db`: what the last look over each BMC found; only what changed is told again. */
export const BMC_INTAKE_TABLE = `
CREATE TABLE bmc_intake (sled TEXT PRIMARY KEY, document TEXT NOT NULL) STRICT, WITHOUT ROWID
`

/** A BMC is looked over once a day. */
const EVERY_MS = Hours(24)
/** After it answered for the first time, or again: it may have been set back, or be another one. */
const FIRST_MS = Seconds(10)
/** One that comes and goes is not looked over each time. */
const LEAST_MS = Hours(1)
const RETRY_MS = Minutes(10)
/** A host that was switched has taken up its BIOS settings within this. */
const AFTER_BOOT_MS = Minutes(5)
const PROBE_TIMEOUT_MS = Seconds(5)
const PROBE_BYTES_MAX = KiB(64)

export interface BmcIntakeParts {
  readonly desk: BmcDesk
  readonly site: SiteStore
  readonly clock: Clock
  readonly log: Log
  readonly udp: Udp
  readonly http: HttpClient
  readonly random: Random
  readonly troubles: Pick<Troubles, 'set'>
  readonly rack: () => RackDocument | undefined
  readonly loginOf: (
    sled: SledName,
  ) => Result<{ declared: BmcDeclaration; login: { user: string; password: string } }, BmcFault>
  readonly pins: Pick<BmcPins, 'look'>
  readonly declaredOf: (sled: SledName) => SledDeclaration | undefined
}

interface Intake {
  readonly findings: readonly BmcFinding[]
  readonly settings: readonly BmcSetting[]
}

/** Looks over each BMC when it first lets us in and once a day: what is open, and its settings. */
export interface BmcIntake extends BmcPoll {
  /** It let us in, for the first time or again. */
  answers(sled: SledName): void
  /** Its power changed: settings that waited for a boot may hold now. */
  powerChanged(sled: SledName): void
}

export function createBmcIntake(parts: BmcIntakeParts): BmcIntake {
  const { site, clock, troubles, declaredOf } = parts
  const lookedMs = new Map<SledName, number>()
  async function look(sled: SledName): Promise<Result<Intake, BmcFault>> {
    const declared = declaredOf(sled)?.bmc
    if (declared === undefined) return err({ kind: 'refused', message: `${sled} has no BMC` })
    const pin = await parts.pins.look(sled, declared)
    // With another key nobody logs in: what was found before stands, and this on top of it.
    if (pin?.kind === 'changed') return ok(withChangedKey(readIntake(site, sled), pin))
    if (pin?.kind === 'learned' && pin.isNew) await parts.desk.forget(sled)
    const login = parts.loginOf(sled)
    if (!login.ok) return login
    const settings = await lookAtSettings(parts, sled)
    if (!settings.ok) return settings
    const looked = await lookAtWays(parts, sled, login.value)
    lookedMs.set(sled, clock.monotonicMs())
    return ok({ findings: checkExposure({ ...looked, pin }), settings: settings.value })
  }

  function take(sled: SledName, { findings, settings }: Intake): void {
    const before = readIntake(site, sled)
    const now: Intake = { findings, settings: withDrift(before?.settings ?? [], settings) }
    const critical = findings.filter(({ severity }) => severity === 'critical')
    const open = critical.map(({ text }) => text).join('; ')
    troubles.set(`BMC of ${sled}`, critical.length === 0 ? undefined : open)
    if (before !== undefined && JSON.stringify(before) === JSON.stringify(now)) return
    site.commit((change) => {
      change.event('sled.intake', {
        sled,
        findings: [...now.findings],
        settings: [...now.settings],
      })
      change.sql.run(
        'INSERT INTO bmc_intake (sled, document) VALUES (?, ?) ON CONFLICT (sled) DO UPDATE SET document = excluded.document',
        sled,
        JSON.stringify(now),
      )
    })
  }

  const poll = createBmcPoll({
    clock,
    everyMs: EVERY_MS,
    read: look,
    report(sled, intake) {
      if (!intake.ok) return poll.soon(sled, RETRY_MS)
      try {
        take(sled, intake.value)
      } catch (error) {
        parts.log.error('an intake could not be recorded', { sled, error: String(error) })
      }
    },
  })
  const tooSoon = (sled: SledName): boolean =>
    clock.monotonicMs() - (lookedMs.get(sled) ?? -Infinity) < LEAST_MS
  return {
    watch(sleds) {
      for (const sled of lookedMs.keys()) if (!sleds.includes(sled)) lookedMs.delete(sled)
      poll.watch(sleds.filter((sled) => declaredOf(sled)?.bmc !== undefined))
    },
    soon: (sled, delayMs) => poll.soon(sled, delayMs),
    answers(sled) {
      if (!tooSoon(sled)) poll.soon(sled, FIRST_MS)
    },
    powerChanged(sled) {
      const waits = readIntake(site, sled)?.settings.some(({ state }) => state === 'waits-for-boot')
      if (waits === true) poll.soon(sled, AFTER_BOOT_MS)
    },
    stop: () => poll.stop(),
  }
}

/** What the last look over the BMC of a sled found open; nothing before the first. */
export const findingsOf = (site: SiteStore, sled: SledName): readonly BmcFinding[] =>
  readIntake(site, sled)?.findings ?? []

const withChangedKey = (
  before: Intake | undefined,
  pin: PinState & { readonly kind: 'changed' },
): Intake => ({
  findings: [keyChanged(pin), ...(before?.findings ?? []).filter(({ id }) => id !== KEY_CHANGED)],
  settings: before?.settings ?? [],
})

function readIntake(site: SiteStore, sled: SledName): Intake | undefined {
  const row = site.read((sql) =>
    sql.get<{ document: string }>('SELECT document FROM bmc_intake WHERE sled = ?', sled),
  )
  return row === undefined ? undefined : (JSON.parse(row.document) as Intake)
}

/** By which ways others could come in. A way that cannot be asked for is not found open. */
async function lookAtWays(
  parts: BmcIntakeParts,
  sled: SledName,
  { declared, login }: { declared: BmcDeclaration; login: { user: string; password: string } },
): Promise<Omit<Looked, 'pin'>> {
  const { desk, clock, udp, random } = parts
  const ask = async <T>(
    what: (bmc: Bmc) => Promise<Result<T, BmcFault>> | undefined,
  ): Promise<T | undefined> => {
    const answer = await desk.with<T | undefined>(
      sled,
      async (bmc) => (await what(bmc)) ?? ok(undefined),
    )
    return answer.ok ? answer.value : undefined
  }
  const exposure = await ask((bmc) => bmc.exposure?.read())
  const accounts = await ask((bmc) => bmc.accounts?.list())
  const at = {
    address: declared.address,
    port: declared.protocol === 'ipmi' ? declared.port : IPMI_PORT,
  }
  const cipherZero = await probeCipherZero(at, { udp, clock, random })
  return {
    protocol: declared.protocol,
    makersLogin: isMakersLogin(login),
    exposure,
    accounts,
    cipherZero,
    redfishThere: declared.protocol === 'ipmi' && (await answersRedfish(parts.http, declared)),
  }
}

const IPMI_PORT = 623

/** The service root is readable by anybody (DSP0266 §13.3.7). */
async function answersRedfish(http: HttpClient, { address }: BmcDeclaration): Promise<boolean> {
  const answer = await http.request({
    method: 'GET',
    url: `https://${address}/redfish/v1/`,
    headers: { accept: 'application/json' },
    tls: { unverified: true },
    connectTimeoutMs: PROBE_TIMEOUT_MS,
    headerTimeoutMs: PROBE_TIMEOUT_MS,
    bodyTimeoutMs: PROBE_TIMEOUT_MS,
  })
  if (!answer.ok || answer.value.status !== 200) return false
  try {
    const body = await readBody(answer.value.body, PROBE_BYTES_MAX)
    return new TextDecoder().decode(body).includes('"RedfishVersion"')
  } catch {
    return false
  }
}
