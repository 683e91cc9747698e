import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { membersIn } from './collection.ts'
import { taskPathOf } from './follow-task.ts'
import { objectOf, pathOf } from './loose-json.ts'
import { messagesOf, parseMessageRegistry, wordsOf } from './message.ts'
import { PARSERS } from './every-parser.ts'
import { decodeSighting } from './ssdp.ts'

/** Names that parsers look for, so that random trees get deep into them. */
const NAMES = [
  '@odata.id',
  'Status',
  'Health',
  'State',
  'Boot',
  'Actions',
  'target',
  'Members',
  'Links',
  'Id',
  'PowerControl',
  'PowerLimit',
  'Temperatures',
  'Fans',
  'Reading',
  'Attributes',
  'Thresholds',
  'BootSourceOverrideTarget',
  'SensorType',
  'EntryCode',
  'MACAddress',
  'IPv4Addresses',
  'VLAN',
  '@Message.ExtendedInfo',
  'MessageArgs',
  'MessageId',
  'Message',
  'error',
  'TaskState',
  'Redundancy',
  'ResetType@Redfish.AllowableValues',
  '#ComputerSystem.Reset',
  '__proto__',
  'constructor',
  'toString',
] as const
/** What threw once: an argument that cannot be made into a text. */
const UNSPEAKABLE = { MessageArgs: [JSON.parse('{"toString": 1, "valueOf": 1}') as unknown] }
const VALUES = [
  '',
  'OK',
  'On',
  '/redfish/v1/x',
  '//evil',
  'https://e/x',
  '12.5',
  'true',
  'constructor',
]

const tree = fc.letrec((tie) => ({
  leaf: fc.oneof(
    fc.constant(null),
    fc.boolean(),
    fc.double(),
    fc.constantFrom(...VALUES),
    fc.string(),
  ),
  node: fc.oneof(
    { depthSize: 'small', withCrossShrink: true },
    tie('leaf'),
    fc.array(tie('node'), { maxLength: 4 }),
    fc.dictionary(fc.oneof(fc.constantFrom(...NAMES), fc.string()), tie('node'), { maxKeys: 8 }),
  ),
})).node

describe('any JSON', () => {
  it('may hold what cannot be made into a text', () => {
    for (const parse of Object.values(PARSERS)) expect(parse({ ...UNSPEAKABLE })).toBeDefined()
    const odd = { '@odata.type': UNSPEAKABLE.MessageArgs[0] }
    const answer = { status: 202, headers: {}, body: odd, etag: undefined, location: undefined }
    expect(taskPathOf(answer)).toBeUndefined()
  })

  it.each(Object.entries(PARSERS))('gives %s a value', (_, parse) => {
    fc.assert(
      fc.property(tree, (value) => {
        expect(parse(objectOf(value))).toBeDefined()
      }),
      { numRuns: 300 },
    )
  })

  it('gives messages, members and task paths, or none', () => {
    fc.assert(
      fc.property(tree, (value) => {
        const body = objectOf(value)
        for (const message of messagesOf(body)) expect(wordsOf(message)).toBeTypeOf('string')
        parseMessageRegistry(value)
        for (const { path } of membersIn(body)) expect(path).toMatch(/^\/(?!\/)/)
        const answer = { status: 202, headers: {}, body, etag: undefined, location: undefined }
        expect(taskPathOf(answer) ?? '/').toMatch(/^\/(?!\/)/)
      }),
      { numRuns: 1000 },
    )
  })

  it('never gives a path that leads to another host', () => {
    fc.assert(
      fc.property(fc.oneof(fc.webUrl(), fc.string(), fc.constantFrom(...VALUES)), (text) => {
        const path = pathOf(text)
        if (path === undefined) return
        expect(new URL(`https://10.0.0.9:443${path}`).host).toBe('10.0.0.9')
      }),
      { numRuns: 2000 },
    )
  })
})

describe('any datagram', () => {
  it('gives a sighting or an error', () => {
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 600 }), (datagram) => {
        expect(decodeSighting(datagram).ok).toBe(false)
      }),
    )
  })
})
