import { copyFileSync, mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import type { ApiEvent } from '@brickyard/api/schemas'
import { signFile } from '@brickyard/installer/sign-file'
import { Minutes } from '@brickyard/std/units'
import { type Checks, until } from './checks.ts'
import { KERNEL_ARGUMENTS } from './floor.ts'
import { said } from './https-sled.ts'
import { newestEvent } from './installations.ts'
import { untilReady } from './late-sleds.ts'
import { makeOperatorKeys, type OperatorKeys } from './operator-keys.ts'
import { ownLoader } from './own-loader.ts'
import type { QemuSled } from './qemu-sled.ts'
import { lateSled, type Rig } from './rig.ts'
import { RIG } from './rig-network.ts'
import { OWN_BIOS_SLED, OWN_LOADER_SLED, type RigSled, SIGNED_SLED } from './rig-sleds.ts'
import { answered, type RigSite, SITE } from './site.ts'
import { withSettings } from './with-settings.ts'

const REFUSAL_LIMIT_MS = Minutes(5)
const SERVED_LIMIT_MS = Minutes(1)
const EVENTS_LOOKED_AT = 200

/**
 * A loader that is to check signatures and cannot starts nothing; an appliance whose initrd was
 * manipulated gives it to nobody; with the true one back the sled boots. Everything goes by HTTPS.
 */
export async function claimSigned(rig: Rig, site: RigSite, checks: Checks): Promise<void> {
  const keys = makeOperatorKeys(rig.folder)
  const installer = signedInstaller(rig, SIGNED_SLED, keys)
  const settings = (byLoader: boolean): object =>
    signedSettings(keys, rig.files.httpsLoader, installer, byLoader)
  const sled = trustingSled(rig, SIGNED_SLED, keys)
  const { name } = SIGNED_SLED
  const before = await newestEvent(site)
  /** The agent looks at the installer anew, and the sled comes once more. */
  const again = async (): Promise<void> => {
    await sled.powerOff()
    await site.stopAgent()
    await site.startAgent(settings(false))
    sled.bootOnce('network')
    sled.powerOn()
  }
  await withSettings(site, settings(true), async () => {
    await site.declare([...rig.rackSleds, SIGNED_SLED])
    const cannot = await refusalOf(site, SIGNED_SLED, before)
    const told = cannot === 'its iPXE cannot check signatures: it knows no imgtrust'
    checks.claim(`${name}: a loader that cannot check signatures starts nothing`, told, cannot)

    const between = await newestEvent(site)
    installer.manipulate()
    await again()
    const why = await refusalOf(site, SIGNED_SLED, between)
    const holds = why.includes('is not what') && why.includes('initrd.img.sig was made for')
    checks.claim(`${name}: a manipulated initrd is served to nobody`, holds, why)
    checks.claim(`${name}: no installer has run`, !(await hasClaimed(site, SIGNED_SLED, before)))

    installer.restore()
    await again()
    await untilReady(site, SIGNED_SLED)
    checks.claim(`${name}: inspected by the signed installer`, true)
  })
  await sled.powerOff()
}

/**
 * The same when the appliance itself is not to be trusted: what became of the installer after the agent
 * had looked at it is for the loader to see. UEFI is given that loader; a NIC of a BIOS machine has it.
 */
export async function claimOwnLoader(rig: Rig, site: RigSite, checks: Checks): Promise<void> {
  const own = ownLoader()
  if (!own.ok) return checks.notRun('own-loader', own.error)
  const { keys, loader, rom } = own.value
  const stranger = makeOperatorKeys(join(rig.folder, 'stranger'))
  await claimRefusals(rig, site, checks, {
    keys,
    loader,
    sled: trustingSled(rig, OWN_LOADER_SLED, keys),
    hardware: OWN_LOADER_SLED,
    spoilKernel: (installer) => installer.unsign(),
    what: 'a kernel whose signature is gone',
  })
  const biosSled = lateSled(rig, OWN_BIOS_SLED)
  biosSled.romPath = rom
  await claimRefusals(rig, site, checks, {
    keys,
    loader,
    sled: biosSled,
    hardware: OWN_BIOS_SLED,
    spoilKernel: (installer) => installer.signKernelBy(stranger),
    what: 'a kernel that somebody else has signed',
  })
}

interface RefusalParts {
  readonly keys: OperatorKeys
  readonly loader: string
  readonly sled: QemuSled
  readonly hardware: RigSled
  readonly spoilKernel: (installer: SignedInstaller) => void
  readonly what: string
}

async function claimRefusals(
  rig: Rig,
  site: RigSite,
  checks: Checks,
  { keys, loader, sled, hardware, spoilKernel, what }: RefusalParts,
): Promise<void> {
  const installer = signedInstaller(rig, hardware, keys)
  const { name } = hardware
  await withSettings(site, signedSettings(keys, loader, installer, true), async () => {
    await untilServed()
    // The agent has looked by now, and looks no more.
    const before = await newestEvent(site)
    spoilKernel(installer)
    await site.declare([...rig.rackSleds, hardware])
    const kernel = await refusalOf(site, hardware, before)
    const ofKernel = kernel === "its iPXE found no valid signature of the installer's kernel"
    checks.claim(`${name}: iPXE refuses ${what}`, ofKernel, kernel)

    const between = await newestEvent(site)
    installer.manipulate()
    installer.signKernelBy(keys)
    const initrd = await refusalOf(site, hardware, between)
    const ofInitrd = initrd === "its iPXE found no valid signature of the installer's initrd"
    checks.claim(`${name}: iPXE refuses a manipulated initrd`, ofInitrd, initrd)
    checks.claim(`${name}: no installer has run`, !(await hasClaimed(site, hardware, before)))
    // A BIOS shows on its screen alone what iPXE says; its script, too, is given by HTTPS only.
    if (hardware.firmware === 'uefi') {
      const seen = said(sled).includes(`https://${RIG.agentAddress}/assets/vmlinuz-x86_64.sig`)
      checks.claim(`${name}: it took the signatures by HTTPS`, seen)
    }

    installer.restore()
    await untilReady(site, hardware)
    checks.claim(`${name}: inspected once both signatures are right, by itself`, true)
  })
  await sled.powerOff()
}

/** Until the agent has found the signature of the initrd good. */
const untilServed = (): Promise<true> =>
  until(SERVED_LIMIT_MS, 'the initrd is served', async () => {
    const url = `http://${RIG.agentAddress}/assets/initrd-x86_64.img`
    const { ok } = await fetch(url, { method: 'HEAD' })
    return ok || undefined
  })

interface SignedInstaller {
  readonly paths: { readonly kernel: string; readonly initrd: string }
  /** One bit of the initrd is another; the signature stays. */
  manipulate(): void
  /** The true initrd again. */
  restore(): void
  /** The kernel's signature is gone. */
  unsign(): void
  /** It is valid, and this one's. */
  signKernelBy(keys: OperatorKeys): void
}

function signedInstaller(
  { folder, files }: Rig,
  sled: RigSled,
  keys: OperatorKeys,
): SignedInstaller {
  const own = join(folder, `installer-of-${sled.name}`)
  mkdirSync(own)
  const paths = { kernel: join(own, 'vmlinuz'), initrd: join(own, 'initrd.img') }
  copyFileSync(files.vmlinuz, paths.kernel)
  copyFileSync(files.initrd, paths.initrd)
  for (const path of Object.values(paths)) signBy(path, keys)
  return {
    paths,
    manipulate() {
      const bytes = readFileSync(paths.initrd)
      const middle = bytes.length >> 1
      bytes[middle] = (bytes[middle] ?? 0) ^ 1
      writeFileSync(paths.initrd, bytes)
    },
    restore: () => copyFileSync(files.initrd, paths.initrd),
    unsign: () => rmSync(`${paths.kernel}.sig`),
    signKernelBy: (signer) => signBy(paths.kernel, signer),
  }
}

function signBy(path: string, keys: OperatorKeys): void {
  const signed = signFile(path, { certificate: keys.signingCertificate, key: keys.signingKey })
  if (!signed.ok) throw new Error(signed.error)
}

const signedSettings = (
  keys: OperatorKeys,
  loader: string,
  { paths }: SignedInstaller,
  byLoader: boolean,
): object => ({
  loaders: { 'snponly.efi': loader },
  bootTls: { certificate: keys.bootCertificate, key: keys.bootKey, only: true },
  codeSigning: { authorities: keys.authority, byLoader },
  installers: { x86_64: { ...paths, kernelArguments: KERNEL_ARGUMENTS.split(' ') } },
})

function trustingSled(rig: Rig, hardware: RigSled, keys: OperatorKeys): Rig['lateSleds'][number] {
  const sled = lateSled(rig, hardware)
  sled.bootsByHttp = true
  sled.tlsAuthorities = keys.signatureList
  return sled
}

/** Why the sled was given nothing, in the words of the journal at the hub. */
const refusalOf = (site: RigSite, { name }: RigSled, after: number): Promise<string> =>
  until(REFUSAL_LIMIT_MS, `${name} is refused`, async () => {
    const events = await eventsOf(site, name, after)
    const refused = events.find(({ kind }) => kind === 'netboot.refused')
    const body = refused?.body
    return typeof body === 'object' && body !== null && 'reason' in body
      ? String(body.reason)
      : undefined
  })

const hasClaimed = async (site: RigSite, { name }: RigSled, after: number): Promise<boolean> =>
  (await eventsOf(site, name, after)).some(({ kind }) => kind === 'intent.claimed')

async function eventsOf(site: RigSite, sled: string, after: number): Promise<ApiEvent[]> {
  const asked = { site: SITE, after, limit: EVENTS_LOOKED_AT }
  const { items } = await answered(site.client.events.list(asked))
  return items.filter((event) => event.sled === sled)
}
