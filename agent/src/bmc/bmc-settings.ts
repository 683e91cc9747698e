import type { BiosControl, BiosState } from '@brickyard/bmc/bios'
import type { Bmc } from '@brickyard/bmc/bmc'
import type { BmcFault } from '@brickyard/bmc/fault'
import type { SledName } from '@brickyard/model/names'
import type { RackDocument, SledProfile } from '@brickyard/model/rack'
import type { BmcSetting } from '@brickyard/protocol/events'
import { err, ok, type Result } from '@brickyard/std/result'
import type { SiteStore } from '../store/site-store.ts'
import type { BmcDesk } from './bmc-desk.ts'
import { chooseProfile, settingOf } from './check-intake.ts'

/** The sled's settings: read, set to what the site wants where they differ, read back. */
export async function lookAtSettings(
  parts: {
    readonly desk: Pick<BmcDesk, 'with'>
    readonly site: SiteStore
    readonly rack: () => RackDocument | undefined
  },
  sled: SledName,
): Promise<Result<BmcSetting[], BmcFault>> {
  const { desk, site } = parts
  const rack = parts.rack()
  const declared = rack?.sleds.find(({ name }) => name === sled)
  const record = site.sleds.get(sled)
  const profile = chooseProfile(rack?.profiles, [
    declared?.model,
    record?.facts?.model,
    record?.bmc?.model,
  ])
  const policy = await desk.with(sled, (bmc) => restorePolicy(bmc, profile))
  if (!policy.ok) return policy
  const isFree = record?.state !== 'in-use' && record?.state !== 'provisioning'
  const bios = await desk.with(sled, (bmc) => biosSettings(bmc, profile, isFree))
  if (!bios.ok) return bios
  return ok([...policy.value, ...bios.value])
}

const RESTORE_POLICY = 'power restore policy'

/** A BMC that has no such setting is told as it is; one that does not answer now is asked again. */
async function restorePolicy(
  { restorePolicy: control }: Bmc,
  profile: SledProfile | undefined,
): Promise<Result<BmcSetting[], BmcFault>> {
  const wanted = profile?.restorePolicy ?? null
  if (control === undefined) return ok([])
  const read = await control.read()
  if (!read.ok && read.error.kind !== 'refused') return read
  const found = read.ok ? read.value : null
  const base = { found, wanted }
  if (wanted === null || found === wanted) return ok([settingOf(RESTORE_POLICY, base)])
  const set = await control.set(wanted)
  if (!set.ok && set.error.kind !== 'refused') return set
  const became = set.ok
    ? ({ state: 'set', detail: 'it reads back so' } as const)
    : ({ state: 'differs', detail: set.error.message } as const)
  return ok([settingOf(RESTORE_POLICY, base, became)])
}

async function biosSettings(
  { bios }: Bmc,
  profile: SledProfile | undefined,
  isFree: boolean,
): Promise<Result<BmcSetting[], BmcFault>> {
  const wanted = Object.entries(profile?.bios ?? {})
  if (wanted.length === 0) return ok([])
  if (bios === undefined) {
    const became = { state: 'differs', detail: 'its BMC gives no way to the BIOS' } as const
    return ok(wanted.map(([name, value]) => biosSetting(name, undefined, value, became)))
  }
  const read = await bios.read()
  if (!read.ok) return read
  const { attributes, pending } = read.value
  const differs = wanted.filter(
    ([name, value]) => attributes[name] !== value && pending[name] !== value,
  )
  const refusal = differs.length === 0 ? undefined : await setBios(bios, differs, isFree)
  if (refusal !== undefined && !refusal.ok) return refusal
  const after = refusal?.value.state ?? read.value
  return ok(
    wanted.map(([name, value]) => {
      const waits = after.pending[name] === value
      return biosSetting(
        name,
        attributes[name],
        value,
        waits
          ? { state: 'waits-for-boot', detail: 'it holds from the next boot on' }
          : { state: 'differs', detail: refusal?.value.why ?? 'it was not taken' },
      )
    }),
  )
}

/** Gives the state that reads back, or why nothing was set. */
async function setBios(
  bios: BiosControl,
  differs: readonly (readonly [string, string | number | boolean])[],
  isFree: boolean,
): Promise<Result<{ state?: BiosState; why?: string }, BmcFault>> {
  if (!isFree) return ok({ why: 'it carries a deployment: set when it is free' })
  const set = await bios.set(Object.fromEntries(differs))
  if (set.ok) return ok({ state: set.value })
  return set.error.kind === 'refused' ? ok({ why: set.error.message }) : err(set.error)
}

const biosSetting = (
  name: string,
  found: string | number | boolean | null | undefined,
  wanted: string | number | boolean,
  became: Parameters<typeof settingOf>[2],
): BmcSetting =>
  settingOf(
    `BIOS ${name}`,
    { found: found === undefined || found === null ? null : String(found), wanted: String(wanted) },
    became,
  )
