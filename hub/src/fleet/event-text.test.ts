import { describe, expect, it } from 'vitest'
import { eventText } from './event-text.ts'

const where = { network: 'provisioning', mac: '02:00:00:00:00:01', sled: null }

describe('events in words', () => {
  it.each([
    ['dhcp.foreign-server', { network: 'provisioning', server: '10.0.0.9' }, '10.0.0.9, answers'],
    ['dhcp.foreign-server-gone', { network: 'provisioning', server: '10.0.0.9' }, 'is gone from'],
    [
      'dhcp.address-in-use',
      { network: 'provisioning', address: '10.0.0.7', mac: where.mac },
      'somebody uses it',
    ],
    ['dhcp.flood', { network: 'provisioning' }, 'more unknown machines'],
    ['dhcp.flood-over', { network: 'provisioning', clients: 900 }, 'there were 900'],
    ['dhcp.client-seen', { ...where, address: '10.0.0.5', stage: 'ipxe' }, 'asked on provisioning'],
    ['dhcp.would-answer', { ...where, asked: 'discover', would: 'offer' }, 'would be offer'],
    ['dhcp.pool-available', { network: 'provisioning' }, 'addresses again'],
    [
      'dhcp.address-declined',
      { network: 'provisioning', address: '10.0.0.5', asked: where.mac, reason: '' },
      'somebody else has it',
    ],
    [
      'dhcp.reservation-taken',
      { network: 'provisioning', address: '10.0.0.5', asked: where.mac, holder: 'x' },
      'held by another',
    ],
    [
      'tftp.refused',
      { network: 'provisioning', client: '10.0.0.5', name: '../x', reason: 'no such file' },
      "'../x' by TFTP",
    ],
    [
      'sled.console',
      { sled: 'sled-01', what: 'writer', by: 'ann', from: 'bob' },
      'ann writes on the console of sled-01, taken over from bob',
    ],
    [
      'sled.console',
      { sled: 'sled-01', what: 'writer', by: null, from: 'bob' },
      'bob writes no more',
    ],
    ['sled.console', { sled: 'sled-01', what: 'took-over', by: 'ann' }, 'at its BMC'],
  ])('tell %s', (kind, body, words) => {
    expect(eventText(kind, body)).toContain(words)
  })

  it('say so when this release cannot read one', () => {
    expect(eventText('sled.state', { sled: 7 })).toContain('cannot read')
    expect(eventText('from.the-future', {})).toContain('from.the-future')
  })
})
