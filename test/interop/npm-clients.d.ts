/** What the tests use of two packages that bring no types. */

declare module 'tftp2' {
  interface Client {
    /** Settles after the last block; never, where the server refuses. */
    read(name: string, take: (piece: Buffer) => void, done: () => void): Promise<void>
    close(): void
  }
  function tftp(host: string, port: number): Client
  export = tftp
}

declare module 'dhcp' {
  import type { EventEmitter } from 'node:events'

  interface Client extends EventEmitter<{ bound: [object]; error: [unknown] }> {
    listen(port: number, address: string, listening: () => void): void
    sendDiscover(): void
  }
  const dhcp: {
    createClient(config: { readonly mac: string; readonly features: readonly string[] }): Client
  }
  export = dhcp
}
