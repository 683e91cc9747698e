import { connect, createServer, type AddressInfo, type Socket } from 'node:net'

/**
 * A site's uplink: TCP from a port of this machine to the hub's agent listener, byte for byte, so
 * that TLS runs end to end through it. Cut, it drops what is open and refuses what is new.
 */
export interface Uplink {
  readonly port: number
  readonly cut: boolean
  setCut(cut: boolean): void
  /** Ends what is open, as the system does with the sockets of a process that was killed. */
  drop(): void
  close(): Promise<void>
}

export async function openUplink(hubPort: number): Promise<Uplink> {
  const open = new Set<Socket>()
  let cut = false
  const drop = (): void => {
    for (const socket of open) socket.destroy()
  }
  const server = createServer((near) => {
    if (cut) return void near.destroy()
    const far = connect(hubPort, '127.0.0.1')
    for (const [socket, other] of [
      [near, far],
      [far, near],
    ] as const) {
      open.add(socket)
      socket.on('error', () => other.destroy())
      socket.on('close', () => {
        open.delete(socket)
        other.destroy()
      })
      socket.pipe(other)
    }
  })
  await new Promise<void>((resolve, reject) => {
    server.once('error', reject)
    server.listen(0, '127.0.0.1', resolve)
  })
  return {
    port: (server.address() as AddressInfo).port,
    get cut() {
      return cut
    },
    setCut(wanted) {
      cut = wanted
      if (cut) drop()
    },
    drop,
    close: () => {
      drop()
      return new Promise((resolve) => void server.close(() => resolve()))
    },
  }
}
