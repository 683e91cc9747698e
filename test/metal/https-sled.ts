import { readFileSync } from 'node:fs'
import { Minutes } from '@brickyard/std/units'
import { claimBoot } from './boot-report.ts'
import { type Checks, until } from './checks.ts'
import { untilReady } from './late-sleds.ts'
import { makeOperatorKeys, type OperatorKeys } from './operator-keys.ts'
import type { QemuSled } from './qemu-sled.ts'
import { lateSled, type Rig } from './rig.ts'
import { RIG } from './rig-network.ts'
import { TLS_SLED } from './rig-sleds.ts'
import type { RigSite } from './site.ts'
import { withSettings } from './with-settings.ts'

const MISTRUST_LIMIT_MS = Minutes(3)

/**
 * UEFI HTTP boot with TLS: firmware that trusts the operator's authority loads an iPXE that speaks
 * HTTPS by HTTPS, which goes on so to script, kernel and initrd.
 */
export async function claimHttps(rig: Rig, site: RigSite, checks: Checks): Promise<void> {
  const keys = makeOperatorKeys(rig.folder)
  const sled = lateSled(rig, TLS_SLED)
  sled.bootsByHttp = true
  sled.tlsAuthorities = keys.signatureList
  await withSettings(site, httpsSettings(rig, keys), async () => {
    await site.declare([...rig.rackSleds, TLS_SLED])
    await untilReady(site, TLS_SLED)
    const seen = said(sled)
    const { name } = TLS_SLED
    for (const what of [
      '/assets/snponly.efi',
      '/boot.ipxe?',
      '/assets/vmlinuz-x86_64',
      '/assets/initrd-x86_64.img',
    ]) {
      const url = `https://${RIG.agentAddress}${what}`
      checks.claim(`${name}: ${what} by HTTPS`, seen.includes(url))
    }
    await claimBoot(site, checks, sled)
    await claimMistrusted(sled, checks)
  })
  await sled.powerOff()
}

/** The same firmware, told nothing, breaks off before it takes a byte of the loader. */
async function claimMistrusted(sled: QemuSled, checks: Checks): Promise<void> {
  sled.tlsAuthorities = undefined
  sled.forgetSettings()
  sled.bootOnce('network')
  sled.powerOn()
  await until(MISTRUST_LIMIT_MS, 'the firmware gives up', () =>
    said(sled).includes('Error:') ? true : undefined,
  )
  const holds = !said(sled).includes('Downloading')
  checks.claim(`${sled.hardware.name}: a certificate nobody vouches for is refused`, holds)
}

/** What its serial port said since the last start. */
export function said(sled: QemuSled): string {
  try {
    return readFileSync(sled.consolePath, 'latin1')
  } catch {
    // Not opened yet.
    return ''
  }
}

/** Plain HTTP gives no script any more. */
const httpsSettings = ({ files }: Rig, keys: OperatorKeys): object => ({
  loaders: { 'snponly.efi': files.httpsLoader },
  bootTls: { certificate: keys.bootCertificate, key: keys.bootKey, only: true },
})
