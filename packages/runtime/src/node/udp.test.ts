import { describe, expect, it } from 'vitest'
import { nodeUdp } from './udp.ts'

describe('a UDP socket', () => {
  it('has sent what it was given when it is closed in the same breath', async () => {
    const receiver = await nodeUdp.bind({ address: '127.0.0.1', port: 0 })
    const heard = new Promise<number>((resolve) => {
      receiver.onDatagram((bytes) => resolve(bytes[0] as number))
    })
    const sender = await nodeUdp.bind({ address: '127.0.0.1', port: 0 })
    sender.send(Uint8Array.of(7), receiver.local)
    sender.close()
    expect(await heard).toBe(7)
    receiver.close()
  })
})
