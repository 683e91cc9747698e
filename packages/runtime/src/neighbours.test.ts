import { describe, expect, it } from 'vitest'
import { macInArpTable } from './neighbours.ts'

/** As Linux 6.1 writes it. */
const TABLE = `IP address       HW type     Flags       HW address            Mask     Device
10.98.0.9        0x1         0x2         02:00:00:00:00:09     *        br0
10.98.0.10       0x1         0x0         00:00:00:00:00:00     *        br0
`

describe('the table of neighbours', () => {
  it('names who answered, and not who was only asked for', () => {
    expect(macInArpTable(TABLE, '10.98.0.9')).toBe('02:00:00:00:00:09')
    expect(macInArpTable(TABLE, '10.98.0.10')).toBeUndefined()
    expect(macInArpTable(TABLE, '10.98.0.1')).toBeUndefined()
    expect(macInArpTable('', '10.98.0.1')).toBeUndefined()
  })
})
