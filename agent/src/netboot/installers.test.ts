import type { SiteName } from '@brickyard/model/names'
import { AUTHORITY, SIGNATURES, SIGNED_CONTENT } from '@brickyard/netboot/cms-signature-vectors'
import { memoryFiles } from '@brickyard/sim/memory-files'
import { describe, expect, it } from 'vitest'
import { type AgentConfig, LIMITS_DEFAULT } from '../agent-config.ts'
import { standingClock } from './dhcp-rig.ts'
import { loadInstallers, type ServedFiles } from './installers.ts'

/** Loads `/kernel` and `/initrd`; both are what the vector signs, unless told. */
async function load(
  codeSigning: AgentConfig['codeSigning'],
  { initrd = SIGNED_CONTENT, signed = true, grub = false } = {},
) {
  const files = memoryFiles()
  const put = (path: string, text: string | Uint8Array): Promise<void> =>
    files.writeAtomic(path, typeof text === 'string' ? new TextEncoder().encode(text) : text)
  await put('/kernel', SIGNED_CONTENT)
  await put('/initrd', initrd)
  if (signed) {
    const signature = new Uint8Array(Buffer.from(SIGNATURES.good, 'base64'))
    await put('/kernel.sig', signature)
    await put('/initrd.sig', signature)
  }
  const served: ServedFiles = {
    tftpFiles: new Map(grub ? [['grubx64.efi', new Uint8Array(1)]] : []),
    assets: new Map(),
    withheld: new Map(),
  }
  const troubles = new Map<string, string>()
  const config: AgentConfig = {
    site: 'edge-1' as SiteName,
    agentVersion: '0',
    stateFolder: '/',
    sockets: {},
    loaders: {},
    installers: { x86_64: { kernel: '/kernel', initrd: '/initrd', kernelArguments: [] } },
    codeSigning,
    limits: LIMITS_DEFAULT,
  }
  const clock = { ...standingClock().clock, wallMs: () => Date.parse('2027-01-01') }
  const trouble = (name: string, reason: string | undefined): void => {
    if (reason !== undefined) troubles.set(name, reason)
  }
  await loadInstallers({ config, ports: { files, clock }, trouble }, served)
  return { ...served, troubles }
}

const SIGNED = { authorities: [AUTHORITY], byLoader: true }

describe('the files of an installer', () => {
  it('are served as they are where nobody wants them signed', async () => {
    const { assets, withheld } = await load(undefined, { initrd: 'anything', signed: false })
    expect([...assets.keys()]).toEqual(['vmlinuz-x86_64', 'initrd-x86_64.img'])
    expect(withheld.size).toBe(0)
  })

  it('are served with their signatures where these are good', async () => {
    const { assets, troubles } = await load(SIGNED)
    expect([...assets.keys()]).toEqual([
      'vmlinuz-x86_64.sig',
      'vmlinuz-x86_64',
      'initrd-x86_64.img.sig',
      'initrd-x86_64.img',
    ])
    expect(troubles.size).toBe(0)
  })

  it('are not served when they were changed, by HTTP or by TFTP, and it is said which', async () => {
    const changed = await load(SIGNED, { initrd: `${SIGNED_CONTENT}!`, grub: true })
    const why = '/initrd is not what /initrd.sig was made for'
    expect([...changed.withheld]).toEqual([['initrd-x86_64.img', why]])
    expect([...changed.troubles]).toEqual([['initrd-x86_64.img', why]])
    expect(changed.assets.has('initrd-x86_64.img')).toBe(false)
    expect(changed.tftpFiles.has('assets/initrd-x86_64.img')).toBe(false)
    expect(changed.tftpFiles.has('assets/vmlinuz-x86_64')).toBe(true)
  })

  it('are not served without a signature', async () => {
    const { assets, troubles } = await load(SIGNED, { signed: false })
    expect(assets.size).toBe(0)
    expect(troubles.get('vmlinuz-x86_64')).toBe('there is no signature /kernel.sig')
  })
})
