import { rmSync } from 'node:fs'
import { createServer, type Server, type Socket } from 'node:net'
import { join } from 'node:path'
import { FrameStream, framed } from './frame-stream.ts'
import { forward, type Forwarded, type MacTable, type SwitchPort } from './forwarding.ts'
import {
  type Lag,
  type LagEvent,
  type LagIdentity,
  newLag,
  type PortRole,
  rolesOf,
  stepLag,
} from './lag-machine.ts'
import { decodeLacpPdu, encodeLacpPdu, SLOW_PROTOCOLS_MAC } from './lacp-pdu.ts'
import { MiB } from '@brickyard/std/units'

/** The granularity of LACP's timers, which are whole seconds. */
const TICK_MS = 250
/** What waits for a guest that does not read; more is dropped, as a switch does. */
const QUEUE_BYTES_MAX = MiB(4)

export interface SwitchSettings {
  /** Its own address: what LACP partners see as the system. */
  readonly system: string
  readonly ports: readonly SwitchPort[]
  /** Of the port channels that ports name. */
  readonly lags: Readonly<Record<string, { readonly key: number; readonly fallback: boolean }>>
  /** A folder for the sockets of the ports. */
  readonly folder: string
}

/** A frame that came in by a port, and what became of it. */
export type Passed = Pick<Forwarded, 'frame' | 'vlan' | 'dropped'> & {
  readonly port: string
  readonly bytes: Uint8Array
}

/**
 * A managed switch in this process: what `forwarding.ts` and `lag-machine.ts` decide, over unix sockets
 * that QEMU's `-netdev stream` connects to. A port has a link while something is connected to it and its
 * cable is in. It works as long as this process does not stand still for LACP's three seconds.
 */
export class MetalSwitch {
  /** Hears of every frame that comes in, LACP's too. */
  onFrame: ((passed: Passed) => void) | undefined
  readonly #settings: SwitchSettings
  readonly #servers: Server[] = []
  readonly #sockets = new Map<string, Socket>()
  readonly #unplugged = new Set<string>()
  readonly #lags = new Map<string, Lag>()
  readonly #timer: NodeJS.Timeout
  #roles: ReadonlyMap<string, PortRole> = new Map()
  #table: MacTable = new Map()

  private constructor(settings: SwitchSettings) {
    this.#settings = settings
    for (const name of Object.keys(settings.lags))
      this.#lags.set(name, newLag(this.#lagOf(name), this.#members(name)))
    this.#timer = setInterval(() => this.#tick(), TICK_MS)
  }

  static async open(settings: SwitchSettings): Promise<MetalSwitch> {
    const opened = new MetalSwitch(settings)
    for (const { name } of settings.ports) await opened.#listen(name)
    return opened
  }

  /** Where QEMU connects to this port. */
  socketPath = (port: string): string => join(this.#settings.folder, `switch-${port}.sock`)

  /** Pulls the cable of a port, or puts it back in. */
  setCable(port: string, isIn: boolean): void {
    if (isIn) this.#unplugged.delete(port)
    else this.#unplugged.add(port)
    this.#link(port)
  }

  /** Turns LACP fallback of a port channel on or off, as an administrator does. */
  setFallback(name: string, fallback: boolean): void {
    const lag = this.#lags.get(name)
    if (lag !== undefined) this.#lags.set(name, { ...lag, fallback })
    this.#settle()
  }

  /** What each port of a port channel does now. */
  roles = (name: string): Record<string, PortRole> =>
    Object.fromEntries(this.#members(name).map((port) => [port, this.#roles.get(port) ?? 'down']))

  /** The system that a port channel has as its LACP partner. */
  partner(name: string): string | undefined {
    const ports = [...(this.#lags.get(name)?.ports.values() ?? [])]
    return ports.find(({ partner }) => partner !== undefined)?.partner?.system
  }

  async close(): Promise<void> {
    clearInterval(this.#timer)
    for (const socket of this.#sockets.values()) socket.destroy()
    await Promise.all(this.#servers.map((server) => new Promise((done) => server.close(done))))
  }

  #lagOf = (name: string): LagIdentity => {
    const { key = 0, fallback = false } = this.#settings.lags[name] ?? {}
    return { system: this.#settings.system, key, fallback }
  }

  #members = (lag: string): string[] =>
    this.#settings.ports.filter((port) => port.lag === lag).map(({ name }) => name)

  async #listen(port: string): Promise<void> {
    const path = this.socketPath(port)
    rmSync(path, { force: true })
    const server = createServer((socket) => this.#plug(port, socket))
    this.#servers.push(server)
    await new Promise<void>((resolve, reject) => {
      server.once('error', reject)
      server.listen(path, resolve)
    })
  }

  #plug(port: string, socket: Socket): void {
    this.#sockets.get(port)?.destroy()
    this.#sockets.set(port, socket)
    const stream = new FrameStream()
    socket.on('data', (bytes) => {
      const frames = stream.take(bytes)
      if (frames === undefined) socket.destroy()
      else for (const frame of frames) this.#take(port, frame)
    })
    socket.on('error', () => socket.destroy())
    socket.on('close', () => {
      if (this.#sockets.get(port) === socket) this.#sockets.delete(port)
      this.#link(port)
    })
    this.#link(port)
  }

  #isUp = (port: string): boolean => this.#sockets.has(port) && !this.#unplugged.has(port)

  #link(port: string): void {
    const lag = this.#settings.ports.find(({ name }) => name === port)?.lag
    if (lag !== undefined) this.#step(lag, { kind: 'link', port, up: this.#isUp(port) })
  }

  #tick(): void {
    for (const name of this.#lags.keys()) this.#step(name, { kind: 'tick' })
  }

  #step(name: string, event: LagEvent): void {
    const lag = this.#lags.get(name)
    if (lag === undefined) return
    const stepped = stepLag(lag, event, performance.now())
    this.#lags.set(name, stepped.lag)
    for (const { port, pdu } of stepped.send) {
      this.#send(port, encodeLacpPdu(pdu, this.#settings.system))
    }
    this.#settle()
  }

  #settle(): void {
    this.#roles = new Map([...this.#lags.values()].flatMap((lag) => [...rolesOf(lag)]))
  }

  #take(port: string, bytes: Uint8Array): void {
    if (!this.#isUp(port)) return
    const { ports } = this.#settings
    const fabric = { ports, table: this.#table }
    const forwarded = forward(fabric, { port, bytes }, this.#roles, performance.now())
    this.#table = forwarded.table
    this.onFrame?.({ ...forwarded, port, bytes })
    for (const out of forwarded.out) this.#send(out.port, out.bytes)
    const lag = ports.find(({ name }) => name === port)?.lag
    if (lag === undefined || forwarded.frame?.destination !== SLOW_PROTOCOLS_MAC) return
    const pdu = decodeLacpPdu(bytes)
    if (pdu.ok) this.#step(lag, { kind: 'heard', port, pdu: pdu.value })
  }

  #send(port: string, bytes: Uint8Array): void {
    const socket = this.#sockets.get(port)
    if (socket === undefined || !this.#isUp(port)) return
    if (socket.writableLength < QUEUE_BYTES_MAX) socket.write(framed(bytes))
  }
}
