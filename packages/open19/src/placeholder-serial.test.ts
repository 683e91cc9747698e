import { describe, expect, it } from 'vitest'
import { isPlaceholderSerial } from './placeholder-serial.ts'

describe('a serial that says nothing', () => {
  it.each([
    '',
    '   ',
    'To be filled by O.E.M.',
    'Default string',
    'XXXXXXXX',
    '00000000',
    '1234567890',
    '0123456789',
    '01234567890123456789AB',
  ])('%j', (serial) => {
    expect(isPlaceholderSerial(serial)).toBe(true)
  })

  it('may be missing altogether', () => {
    expect(isPlaceholderSerial(undefined)).toBe(true)
  })

  it.each(['D5S0R8000105', '11WLK93', 'A401031X0502795', '123', '2345', 'sim-sled-03'])(
    'is not %j',
    (serial) => {
      expect(isPlaceholderSerial(serial)).toBe(false)
    },
  )
})
