import type { Ipv4 } from '@brickyard/model/ipv4'
import type { Mac } from '@brickyard/model/mac'
import type { SledName } from '@brickyard/model/names'
import type { BootSled, BootWanted } from '@brickyard/netboot/boot-view'
import { systemClock } from '@brickyard/runtime/node/clock'
import { describe, expect, it } from 'vitest'
import { assetOf } from './asset.ts'
import { createBootScripts } from './boot-scripts.ts'
import type { NetbootEvent } from './report.ts'

const MAC = '52:54:00:98:00:03' as Mac
const ADDRESS = '10.98.0.13'

function askByGrub(boot: BootWanted, from = ADDRESS, mac = MAC) {
  const sled: BootSled = {
    name: 'sled-03' as SledName,
    architecture: 'x86_64',
    firmwareMode: 'uefi',
    secureBoot: true,
    address: ADDRESS as Ipv4,
    boot,
  }
  const asset = assetOf(new Uint8Array(1))
  const events: NetbootEvent[] = []
  const scripts = createBootScripts({
    directory: { sledFor: (client) => (client.mac === MAC ? sled : undefined) },
    clock: systemClock,
    report: (event) => void events.push(event),
    network: 'provisioning',
    bootUrl: 'http://10.98.0.1',
    assets: new Map([
      ['vmlinuz', asset],
      ['initrd.img', asset],
    ]),
    installers: { x86_64: { kernel: 'vmlinuz', initrd: 'initrd.img', kernelArguments: [] } },
    addressOf: (asked) => (asked === MAC ? (ADDRESS as Ipv4) : undefined),
  })
  return { text: scripts({ loader: 'grub', mac, uuid: undefined, from, secure: false }), events }
}

describe('scripts for GRUB', () => {
  it('boot the installer with the claim, for the sled alone', () => {
    const boot = { kind: 'installer', claimToken: 'c0ffee' } as const
    const { text, events } = askByGrub(boot)
    expect(text).toContain('linux /assets/vmlinuz brickyard.agent=http://10.98.0.1')
    expect(text).toContain('brickyard.claim=c0ffee')
    expect(events).toMatchObject([{ kind: 'netboot.served', body: { what: 'installer' } }])
    const stranger = askByGrub(boot, '10.98.0.150')
    expect(stranger.text).not.toContain('c0ffee')
    expect(stranger.text).toContain('asked from 10.98.0.150')
    expect(stranger.events).toMatchObject([{ kind: 'netboot.refused' }])
  })

  it('go to the disk, or say why nothing is booted', () => {
    expect(askByGrub({ kind: 'local-disk', reason: 'it is in-use' }).text).toContain('chainloader')
    expect(askByGrub({ kind: 'none', reason: 'held by ann' }).text).toContain('held by ann')
    expect(
      askByGrub({ kind: 'none', reason: '' }, ADDRESS, '52:54:00:98:00:99' as Mac).text,
    ).toContain('not declared at this site')
  })
})
