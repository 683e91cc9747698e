import * as fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import vectors from '../vectors/verbs.json' with { type: 'json' }
import { FAULTS, parseFault } from './faults.ts'
import { encodeInventory, type Inventory, parseInventory } from './inventory.ts'
import { encodeLines, parseLines } from './wire-lines.ts'
import {
  encodeClaimReply,
  encodeClaimRequest,
  encodeProgress,
  encodeResult,
  encodeStep,
  parseClaimReply,
  parseClaimRequest,
  parseProgress,
  parseResult,
  parseStep,
} from './wire.ts'

describe('steps', () => {
  const known = vectors.vectors.filter(
    ({ expect: { lines } }) =>
      !('fault' in lines && ['bad-step', 'unsupported'].includes(lines.fault)),
  )
  it.each(known)('reads and writes the step of: $name', ({ step }) => {
    const text = encodeLines(step)
    const parsed = parseStep(text)
    expect(parsed.ok && encodeStep(parsed.value)).toBe(text)
  })

  it.each([
    'verb=reboot\n',
    'id=../x\nverb=reboot\n',
    'id=1\nverb=flash\n',
    'id=1\nverb=wait\nseconds=soon\n',
    'id=1\nverb=wipe\ndisk=sda\ndisk-bytes=1\nmode=full\n',
    'id=1\nverb=wipe\ndisk=/dev/sda\ndisk-bytes=1\nmode=shred\n',
    'id=1\nverb=verify\ndisk=/dev/sda\ndisk-bytes=1\nraw-bytes=1\nraw-sha256=abc\n',
  ])('refuses %j', (text) => {
    expect(parseStep(text).ok).toBe(false)
  })
})

describe('claims', () => {
  const claim = { token: 'tok_1-A', mac: '52:54:00:98:00:01', uuid: '', serial: 'S 1' }

  it('carries who claims and what', () => {
    expect(parseClaimRequest(encodeClaimRequest(claim))).toEqual({ ok: true, value: claim })
    const reply = { session: 's1', timeSeconds: 1_795_225_200 }
    expect(parseClaimReply(encodeClaimReply(reply))).toEqual({ ok: true, value: reply })
  })

  it('refuses a token or session that could break out of a URL or header', () => {
    expect(parseClaimRequest(encodeClaimRequest({ ...claim, token: 'a b' })).ok).toBe(false)
    expect(parseClaimRequest(encodeClaimRequest({ ...claim, mac: 'x' })).ok).toBe(false)
    expect(parseClaimReply('session=a%0Ab\ntime=1\n').ok).toBe(false)
  })
})

describe('results and progress', () => {
  it('keeps fault, reason and data of a failure', () => {
    const failed = {
      ok: false,
      fault: 'disk-io',
      reason: '43% in',
      data: new Map([['offset', '4096']]),
    } as const
    expect(parseResult(encodeResult(failed))).toEqual({ ok: true, value: failed })
  })

  it('gives a failure without a reason one, and an unknown fault a known name', () => {
    const parsed = parseResult('ok=0\nfault=gremlins\n')
    expect(parsed).toMatchObject({
      value: { fault: 'bad-step', reason: 'bad-step, no reason given' },
    })
    for (const fault of FAULTS) expect(parseFault(fault)).toBe(fault)
  })

  it('caps a percentage at 100', () => {
    expect(parseProgress(encodeProgress({ percent: 43, bytes: 9 }))).toEqual({
      ok: true,
      value: { percent: 43, bytes: 9 },
    })
    expect(parseProgress('percent=250\nbytes=1\n')).toMatchObject({ value: { percent: 100 } })
    expect(parseProgress('percent=-1\nbytes=1\n').ok).toBe(false)
  })

  it('no reader throws, whatever arrives', () => {
    const readers = [parseStep, parseClaimReply, parseClaimRequest, parseProgress, parseResult]
    const keys = fc.constantFrom('id', 'verb', 'disk', 'disk-bytes', 'ok', 'token', 'mac', 'time')
    const values = fc.oneof(fc.string(), fc.constantFrom('1', 'wipe', 'write', '/dev/sda', 'seed'))
    fc.assert(
      fc.property(fc.array(fc.tuple(keys, values)), (pairs) => {
        const text = encodeLines(Object.fromEntries(pairs))
        return readers.every((read) => typeof read(text).ok === 'boolean')
      }),
    )
  })
})

describe('inventories', () => {
  const inventory: Inventory = {
    architecture: 'aarch64',
    firmwareMode: 'uefi',
    secureBoot: 'on',
    maker: 'Maker',
    model: 'Model 1',
    serial: 'S1',
    uuid: '6a0e1c52-0001-4000-8000-000000000001',
    boardSerial: 'B1',
    biosVendor: 'EDK II',
    biosVersion: '1',
    biosDate: '',
    cpuModel: 'cpu',
    cpuCount: 4,
    memoryBytes: 2 ** 40,
    disks: [
      {
        path: '/dev/nvme0n1',
        bytes: 8e12,
        sectorBytes: 4096,
        transport: 'nvme',
        rotational: false,
        model: 'm',
        serial: 's',
      },
    ],
    nics: [{ name: 'eth0', mac: '52:54:00:98:00:01', driver: 'igb', link: 'up' }],
  }
  const parse = (text: string) => {
    const fields = parseLines(text)
    return fields.ok ? parseInventory(fields.value) : fields
  }

  it('comes back as it was', () => {
    expect(parse(encodeInventory(inventory))).toEqual({ ok: true, value: inventory })
  })

  it.each([
    ['architecture=aarch64', 'architecture=mips'],
    ['firmware=uefi', 'firmware=coreboot'],
    ['disk.count=1', 'disk.count=2'],
    ['disk.count=1', 'disk.count=9999999'],
    ['disk.0.path=/dev/nvme0n1', 'disk.0.path=/dev/$(reboot)'],
    ['memory-bytes=1099511627776', 'memory-bytes=lots'],
    ['nic.0.mac=52:54:00:98:00:01', 'nic.0.mac=none'],
  ])('with %s made %s is refused', (from, to) => {
    const text = encodeInventory(inventory)
    expect(text).toContain(from)
    expect(parse(text.replace(from, to)).ok).toBe(false)
  })
})
