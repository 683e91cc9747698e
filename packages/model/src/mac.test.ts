import { describe, expect, it } from 'vitest'
import { Mac } from './mac.ts'

describe('Mac', () => {
  it.each(['52:54:00:AB:cd:ef', '52-54-00-ab-cd-ef', '5254.00ab.cdef', '525400abcdef'])(
    'reads %s',
    (text) => {
      expect(Mac.parse(text)).toEqual({ ok: true, value: '52:54:00:ab:cd:ef' })
    },
  )

  it('refuses what is no MAC address and says so', () => {
    expect(Mac.parse('52:54:00')).toMatchObject({
      ok: false,
      error: expect.stringContaining('52:54:00'),
    })
    expect(Mac.fromBytes(new Uint8Array(5))).toMatchObject({ ok: false })
  })

  it('round-trips through bytes', () => {
    const mac = Mac.fromBytes(Uint8Array.of(0, 1, 2, 253, 254, 255))
    if (!mac.ok) throw new Error(mac.error)
    expect(mac.value).toBe('00:01:02:fd:fe:ff')
    expect([...Mac.toBytes(mac.value)]).toEqual([0, 1, 2, 253, 254, 255])
  })
})
