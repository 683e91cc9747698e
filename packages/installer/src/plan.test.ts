import { describe, expect, it } from 'vitest'
import {
  GB,
  disk,
  inventory,
  image,
  provision,
  good,
  inventoryResult,
  Driver,
  claimed,
} from './plan-rig.ts'

describe('order of the verbs', () => {
  it('provisions: look, wipe, write, verify, seed, boot entry, report, reboot', () => {
    const driver = claimed(provision)
    expect(driver.until('reboot')).toEqual([
      'inventory',
      'wipe',
      'write',
      'verify',
      'seed',
      'boot-entry',
      'report',
    ])
    expect(driver.plan.diskReady).toBe(true)
    expect(driver.plan.history.map(({ verb }) => verb)).toHaveLength(7)
    driver.answer(good)
    expect(driver.plan.phase).toBe('done')
    expect(driver.step().verb).toBe('reboot')
  })

  it('inspects without touching a disk and powers off', () => {
    const driver = claimed({ kind: 'inspect', architecture: 'x86_64' })
    expect(driver.until('poweroff')).toEqual(['inventory', 'report'])
    driver.answer(good)
    expect(driver.plan).toMatchObject({ phase: 'done', diskReady: false })
    expect(driver.plan.inventory).toEqual(inventory)
  })

  it('releases by wiping every disk wholly', () => {
    const driver = claimed({ kind: 'release', architecture: 'x86_64', diskSerials: ['A'] })
    const two = { ...inventory, disks: [disk, { ...disk, path: '/dev/sdb', serial: 'B' }] }
    driver.answer(inventoryResult(two))
    expect(driver.answer(good)).toMatchObject({ verb: 'wipe', disk: '/dev/sda', mode: 'full' })
    expect(driver.answer(good)).toMatchObject({ verb: 'wipe', disk: '/dev/sdb', mode: 'full' })
    expect(driver.answer(good).verb).toBe('report')
    expect(driver.answer(good).verb).toBe('poweroff')
    expect(driver.plan.phase).toBe('done')
  })

  it('leaves the seed out of an image that takes none', () => {
    const driver = claimed({ ...provision, image: { ...image, seed: 'none' } })
    expect(driver.until('reboot')).not.toContain('seed')
  })
})

describe('what can never work fails before the disk is touched', () => {
  it.each([
    ['another architecture', { arch: 'aarch64' }, /aarch64.*x86_64/],
    ['another firmware', { firmware: ['bios'] }, /boots by bios/],
    ['no disk image', { kind: 'netboot' }, /no disk image/],
  ] as const)('%s', (_, change, reason) => {
    const driver = new Driver({ ...provision, image: { ...image, ...change } })
    expect(driver.plan).toMatchObject({ phase: 'failed', fault: 'unsupported' })
    expect(driver.plan.reason).toMatch(reason)
    expect(driver.claim()).toBe(false)
  })

  it('an unsigned image for a sled that checks signatures', () => {
    const driver = new Driver({ ...provision, secureBoot: true })
    expect(driver.plan).toMatchObject({ phase: 'failed', fault: 'unsupported' })
    expect(driver.plan.reason).toContain('not signed for Secure Boot')
    const signed = new Driver({
      ...provision,
      secureBoot: true,
      image: { ...image, secureBoot: true },
    })
    expect(signed.plan.phase).toBe('awaiting-claim')
  })

  it.each([
    ['no disk at all', { disks: [] }, 'no-disk', /no disk/],
    [
      'an image too big for the disk',
      { disks: [{ ...disk, bytes: GB }] },
      'image-too-big',
      /needs/,
    ],
    ['other sectors', { disks: [{ ...disk, sectorBytes: 4096 }] }, 'image-too-big', /4096/],
    ['a sled of another architecture', { architecture: 'aarch64' }, 'unsupported', /aarch64/],
    ['a sled that booted by BIOS', { firmwareMode: 'bios' }, 'unsupported', /bios/],
    ['an unsigned image', { secureBoot: 'on' }, 'unsupported', /not signed for Secure Boot/],
  ] as const)('%s', (_, change, fault, reason) => {
    const driver = claimed(provision)
    driver.answer(inventoryResult({ ...inventory, ...change }))
    expect(driver.plan).toMatchObject({ phase: 'failed', fault })
    expect(driver.plan.reason).toMatch(reason)
    expect(driver.step().verb).toBe('poweroff')
  })

  it('a sled declared with Secure Boot whose firmware has it off', () => {
    const signed = { ...image, secureBoot: true }
    const driver = claimed({ ...provision, secureBoot: true, image: signed })
    driver.answer(inventoryResult(inventory))
    expect(driver.plan).toMatchObject({ phase: 'failed', fault: 'unsupported' })
    expect(driver.plan.reason).toContain('switched off')
  })

  it('a sled declared with Secure Boot whose firmware does not say whether it is on', () => {
    const signed = { ...image, secureBoot: true }
    const driver = claimed({ ...provision, secureBoot: true, image: signed })
    driver.answer(inventoryResult({ ...inventory, secureBoot: 'unknown' }))
    expect(driver.plan).toMatchObject({ phase: 'failed', fault: 'unsupported' })
    expect(driver.plan.reason).toContain('did not say whether it is on')
    expect(driver.step().verb).toBe('poweroff')
    // Where nobody relies on it, what is unknown stands in nobody's way.
    const any = claimed(provision)
    any.answer(inventoryResult({ ...inventory, secureBoot: 'unknown' }))
    expect(any.step().verb).toBe('wipe')
  })

  it('a release whose known disk is gone', () => {
    const driver = claimed({ kind: 'release', architecture: 'x86_64', diskSerials: ['Z'] })
    driver.answer(inventoryResult(inventory))
    expect(driver.plan).toMatchObject({ phase: 'failed', fault: 'no-disk' })
  })
})

describe('choosing the disk', () => {
  it('takes the smallest that fits, and the named one when there is a name', () => {
    const disks = [
      { ...disk, path: '/dev/sdc', bytes: 8 * GB, serial: 'C' },
      { ...disk, path: '/dev/sda', bytes: GB, serial: 'A' },
      { ...disk, path: '/dev/sdb', bytes: 4 * GB, serial: 'B' },
    ]
    const free = claimed(provision)
    free.answer(inventoryResult({ ...inventory, disks }))
    expect(free.step()).toMatchObject({ verb: 'wipe', disk: '/dev/sdb', mode: 'fast' })
    const named = claimed({ ...provision, diskSerial: 'C' })
    named.answer(inventoryResult({ ...inventory, disks }))
    expect(named.step()).toMatchObject({ disk: '/dev/sdc' })
  })
})
