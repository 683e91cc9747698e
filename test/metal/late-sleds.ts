import { createHash } from 'node:crypto'
import { readFileSync } from 'node:fs'
import { zstdCompressSync } from 'node:zlib'
import type { DeploymentAsked } from '@brickyard/api/schemas'
import { MiB, Minutes } from '@brickyard/std/units'
import { claimBoot } from './boot-report.ts'
import { type Checks, until } from './checks.ts'
import { claimReachDisks, claimSentOn } from './local-boots.ts'
import type { QemuSled } from './qemu-sled.ts'
import { lateSled, type Rig } from './rig.ts'
import { ARM64_SLED, type RigSled, SECURE_SLED } from './rig-sleds.ts'
import { answered, type RigSite, SITE } from './site.ts'
import { withSettings } from './with-settings.ts'

const INSPECT_LIMIT_MS = Minutes(10)
const DEPLOY_LIMIT_MS = Minutes(12)
/** The command runs beside the one that calls home. */
const SAYS_LIMIT_MS = Minutes(2)

/** As the agent knows it. */
const ARM64_IPXE = 'ipxe-arm64.efi'

/** The network that the OS of the sled is to have, and how it says that it has. */
const OWN_ADDRESS = '10.98.0.31'
const OWN_NETWORK = {
  nics: [
    {
      nic: 0,
      name: 'lan0',
      addressing: { kind: 'static' as const, subnet: '10.98.0.0/24', addresses: [OWN_ADDRESS] },
    },
  ],
}
/** By the kernel's log: what is written to the port itself is lost where getty resets it. */
const SAYS_NETWORK = `#cloud-config
runcmd: ['ip -4 -brief address show dev lan0 | sed "s/^/<1>/" >/dev/kmsg']
`

/**
 * A sled whose firmware has Microsoft's keys and checks every signature, from empty to in use by shim,
 * GRUB and Debian's kernel, with the network that its deployment asked for; and an image nobody
 * signed, which never reaches it.
 */
export async function claimSecureBoot(rig: Rig, site: RigSite, checks: Checks): Promise<void> {
  const { client } = site
  const { name } = SECURE_SLED
  await site.declare([...rig.rackSleds, SECURE_SLED])
  await untilReady(site, SECURE_SLED)
  checks.claim(`${name}: inspected through the signed chain`, true)
  await claimBoot(site, checks, lateSled(rig, SECURE_SLED))

  const unsigned = await uploadUnsigned(site)
  const refused = await answered(
    client.deployments.create({ count: 1, image: unsigned, constraints: only(SECURE_SLED) }),
  )
  const why = refused.reason ?? ''
  const holds = refused.state === 'refused' && why.includes('Secure Boot')
  checks.claim(`${name}: an unsigned image is refused`, holds, `${refused.state}: ${why}`)

  // The installer itself asked the firmware: a plan for a sled so declared ends where it says no.
  const took = await deployTo(site, SECURE_SLED, rig.files.facts.sha256, {
    network: OWN_NETWORK,
    userData: SAYS_NETWORK,
  })
  checks.claim(`${name}: in use with Secure Boot on`, true, took)
  await claimOwnNetwork(rig, checks)
  await claimSentOn([lateSled(rig, SECURE_SLED)], site, checks)
}

/** The OS itself says on its console which address it has, on the NIC by its new name. */
async function claimOwnNetwork(rig: Rig, checks: Checks): Promise<void> {
  const sled = rig.lateSleds.find(({ hardware }) => hardware.name === SECURE_SLED.name)
  const said = await until(SAYS_LIMIT_MS, `${SECURE_SLED.name} says its address`, () =>
    sled === undefined
      ? undefined
      : /lan0 +UP +(.*\S)/.exec(readFileSync(sled.consolePath, 'latin1'))?.[1],
  )
  const what = `${SECURE_SLED.name}: its OS has the address that its deployment asked for`
  checks.claim(what, said === `${OWN_ADDRESS}/24`, said)
}

/**
 * A sled of the other architecture, from empty to in use by the same call: inspected by a newer Debian's
 * iPXE for arm64, and installed by Debian 12's GRUB.
 */
export async function claimArm64(rig: Rig, site: RigSite, checks: Checks): Promise<void> {
  const { name } = ARM64_SLED
  const sled = lateSled(rig, ARM64_SLED)
  const { arm64Ipxe, arm64 } = rig.files
  if (!arm64Ipxe.ok) checks.claim(`${name}: there is an iPXE for it`, false, arm64Ipxe.error)
  const loaders = arm64Ipxe.ok
    ? { [ARM64_IPXE]: arm64Ipxe.value }
    : { 'grubaa64.efi': arm64.loader }
  await withSettings(site, { loaders }, async () => {
    await site.declare([...rig.rackSleds, ARM64_SLED])
    await untilReady(site, ARM64_SLED)
    await claimBoot(site, checks, sled)
    if (arm64Ipxe.ok) await claimLoader(site, checks, sled)
  })
  const took = await deployTo(site, ARM64_SLED, rig.files.arm64.facts.sha256)
  checks.claim(`${name}: inspected, and in use after one call`, true, took)
  await claimReachDisks([lateSled(rig, ARM64_SLED)], site, checks)
}

/** What the agent saw go out: the loader by TFTP, then kernel and initrd by HTTP. */
async function claimLoader({ client }: RigSite, checks: Checks, sled: QemuSled): Promise<void> {
  const { name } = sled.hardware
  const { trace } = await answered(client.sleds.boots(SITE, name))
  const lines = (trace?.attempts ?? []).flatMap((attempt) => attempt.lines)
  // Firmware asks for the size first, and breaks that off.
  const texts = lines.flatMap(({ tone, text }) => (tone === 'good' ? [text] : []))
  const loader = texts.find((text) => text.includes(`${ARM64_IPXE} by TFTP`))
  const kernel = texts.find((text) => text.includes('vmlinuz-aarch64 by HTTP'))
  const holds = loader !== undefined && kernel !== undefined
  checks.claim(`${name}: booted by iPXE for arm64`, holds, `${loader}; ${kernel}`)
}

const only = ({ name }: RigSled): { labels: Record<string, string> } => ({ labels: { sled: name } })

/** Waits until the sled is `ready`: inspected by itself, or released. */
export async function untilReady({ client }: RigSite, { name }: RigSled): Promise<void> {
  let standing = ''
  await until(
    INSPECT_LIMIT_MS,
    `${name} is ready`,
    async () => {
      const { items } = await answered(client.sleds.list({ site: SITE }))
      const sled = items.find((one) => one.name === name)
      standing = `it is ${sled?.state}: ${sled?.stateReason}`
      if (sled?.state === 'failed') throw new Error(standing)
      return sled?.state === 'ready' ? true : undefined
    },
    () => standing,
  )
}

/** One call of the API until the sled is in use; how long it took, for people. */
async function deployTo(
  site: RigSite,
  sled: RigSled,
  image: string,
  more: Partial<DeploymentAsked> = {},
): Promise<string> {
  const startMs = Date.now()
  await untilInUse(site, sled, await askFor(site, sled, image, more))
  return `${((Date.now() - startMs) / 1000).toFixed(1)} s`
}

/** The one call of the API for this very sled; gives the deployment's id. */
export async function askFor(
  { client }: RigSite,
  sled: RigSled,
  image: string,
  more: Partial<DeploymentAsked> = {},
): Promise<string> {
  const asked = { count: 1, image, constraints: only(sled), ...more }
  return (await answered(client.deployments.create(asked))).id
}

export async function untilInUse(
  { client }: RigSite,
  sled: RigSled,
  deployment: string,
): Promise<void> {
  await until(DEPLOY_LIMIT_MS, `${sled.name} is in use`, async () => {
    const { state, reason, assignments } = await answered(client.deployments.get(deployment))
    if (state === 'failed' || state === 'refused') {
      throw new Error(`${state}: ${reason}; ${assignments.map((one) => one.reason).join('; ')}`)
    }
    return state === 'in-use' ? true : undefined
  })
}

/** A disk of zeroes, as an operator would register it. */
async function uploadUnsigned({ client }: RigSite): Promise<string> {
  const raw = new Uint8Array(MiB(1))
  const bytes = new Uint8Array(zstdCompressSync(raw))
  const sha256 = (of: Uint8Array): string => createHash('sha256').update(of).digest('hex')
  const image = {
    sha256: sha256(bytes),
    bytes: bytes.length,
    name: 'nobody-signed-it',
    kind: 'disk' as const,
    format: 'zstd' as const,
    arch: 'x86_64' as const,
    firmware: ['uefi' as const],
    secureBoot: false,
    seed: 'nocloud' as const,
    rawSha256: sha256(raw),
    rawBytes: raw.length,
    minDiskBytes: raw.length + MiB(16),
    sectorBytes: 512 as const,
  }
  await answered(client.images.create(image))
  await answered(client.images.putContent(image.sha256, new Blob([bytes]).stream()))
  return image.sha256
}
