import { connect, createServer, type AddressInfo, type Socket } from 'node:net'
import { afterEach, describe, expect, it } from 'vitest'
import { openUplink } from './uplink.ts'

const closers: (() => unknown)[] = []
afterEach(async () => {
  for (const close of closers.splice(0).reverse()) await close()
})

async function echoServer(): Promise<number> {
  const server = createServer((socket) => socket.on('error', () => undefined).pipe(socket))
  closers.push(() => server.close())
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  return (server.address() as AddressInfo).port
}

const ended = (socket: Socket): Promise<void> =>
  new Promise((resolve) => void socket.on('error', () => undefined).once('close', () => resolve()))

describe('an uplink', () => {
  it('carries bytes both ways, drops what is open when cut, refuses then, and comes back', async () => {
    const uplink = await openUplink(await echoServer())
    closers.push(() => uplink.close())
    const talk = (): Promise<string> =>
      new Promise((resolve, reject) => {
        const socket = connect(uplink.port, '127.0.0.1', () => socket.write('hello'))
        socket.once('data', (data) => {
          resolve(data.toString())
          socket.destroy()
        })
        socket.once('error', reject)
        socket.once('close', () => resolve('closed'))
      })
    expect(await talk()).toBe('hello')
    const open = connect(uplink.port, '127.0.0.1')
    const end = ended(open)
    await new Promise<void>((resolve) => void open.write('x', () => resolve()))
    uplink.setCut(true)
    await end
    expect(await talk().catch(() => 'closed')).toBe('closed')
    uplink.setCut(false)
    expect(await talk()).toBe('hello')
  })
})
