import { describe, expect, it } from 'vitest'
import { deployCommand } from './deploy-command.ts'
import { emptyForm, networkSaid, readForm } from './deployment-form.ts'

const form = { ...emptyForm(undefined, 'abc'), name: 'web', count: '4' }

describe('readForm', () => {
  it('asks for what was typed and leaves out what was not', () => {
    expect(readForm(form)).toEqual({
      ok: true,
      value: {
        name: 'web',
        count: 4,
        image: 'abc',
        constraints: { spread: 'pack' },
        hostname: 'sled-{n}',
        sshKeys: [],
        userData: '',
      },
    })
  })

  it('reads labels and keys', () => {
    const read = readForm({
      ...form,
      sites: ['edge-1'],
      labels: ' gpu=none, zone=a ',
      sshKeys: 'ssh-ed25519 AAAA a\n\n ssh-ed25519 BBBB b ',
    })
    expect(read).toMatchObject({
      ok: true,
      value: {
        constraints: { sites: ['edge-1'], labels: { gpu: 'none', zone: 'a' } },
        sshKeys: ['ssh-ed25519 AAAA a', 'ssh-ed25519 BBBB b'],
      },
    })
  })

  it('reads a network, and leaves out what belongs to addresses while there are none', () => {
    const network = { ...form.network, bond: '802.3ad', subnet: '10.1.0.0/24' }
    expect(readForm({ ...form, network })).toMatchObject({
      ok: true,
      value: { network: { bonds: [{ mode: '802.3ad', members: ['nic0', 'nic1'] }] } },
    })
    const fixed = { ...network, bond: '', addresses: '10.1.0.5, 10.1.0.7-10.1.0.9' }
    expect(readForm({ ...form, network: fixed })).toMatchObject({
      value: {
        network: {
          nics: [
            {
              nic: 0,
              addressing: { subnet: '10.1.0.0/24', addresses: ['10.1.0.5', '10.1.0.7-10.1.0.9'] },
            },
          ],
        },
      },
    })
    expect(readForm({ ...form, network: { ...network, vlan: 'x' } })).toEqual({
      ok: false,
      error: "'x' is no VLAN; 1 to 4094.",
    })
  })

  it('names the field that is wrong', () => {
    expect(readForm({ ...form, count: '0' })).toMatchObject({ ok: false })
    expect(readForm({ ...form, count: '1.5' })).toMatchObject({ ok: false })
    expect(readForm({ ...form, name: 'Web!' })).toMatchObject({ ok: false })
    expect(readForm({ ...form, labels: 'gpu' })).toEqual({
      ok: false,
      error: "'gpu' is no label; write key=value.",
    })
  })
})

describe('deployCommand', () => {
  it('is the same request for a shell', () => {
    expect(
      deployCommand({
        name: 'web',
        image: 'debian 13',
        count: 4,
        constraints: { sites: ['edge-1', 'edge-2'], labels: { gpu: 'none' }, spread: 'site' },
        hostname: 'web-{n}',
      }),
    ).toBe(
      "yard deploy create --image 'debian 13' --count 4 --name web --site edge-1 --site edge-2 " +
        "--label gpu=none --spread site --hostname 'web-{n}' --wait",
    )
  })

  it('says the network in flags, or names a file', () => {
    const wish = { image: 'debian', count: 1 }
    const network = { ...form.network, bond: '802.3ad', vlan: '120', addresses: '10.1.0.5' }
    expect(deployCommand(wish, networkSaid({ ...network, subnet: '10.1.0.0/24' }))).toBe(
      'yard deploy create --image debian --count 1 --bond 802.3ad --vlan 120 --subnet 10.1.0.0/24 ' +
        '--address 10.1.0.5 --wait',
    )
    expect(deployCommand(wish, 'file')).toContain('--network network.yaml')
  })
})
