import { type ChildProcess, execFileSync, spawn } from 'node:child_process'

const ip = (...args: string[]): void => void execFileSync('ip', args, { stdio: 'inherit' })

/**
 * A machine of somebody else on the rig's wires: a network namespace of its own, with a cable to each
 * bridge it stands on. It ends with `close`, or with the rig.
 */
export class Neighbour {
  readonly #name: string
  readonly #holder: ChildProcess
  readonly #children: ChildProcess[] = []
  #cables = 0

  private constructor(name: string, holder: ChildProcess) {
    this.#name = name
    this.#holder = holder
  }

  /** `name` begins the names of its cables in the rig: at most eight letters. */
  static async move(name: string): Promise<Neighbour> {
    const holder = spawn('unshare', ['--net', 'sh', '-c', 'echo in; exec sleep infinity'], {
      stdio: ['ignore', 'pipe', 'inherit'],
    })
    await new Promise((resolve, reject) => {
      holder.stdout.once('data', resolve)
      holder.once('exit', () => reject(new Error(`${name}: no network namespace`)))
    })
    const neighbour = new Neighbour(name, holder)
    neighbour.run('ip', 'link', 'set', 'lo', 'up')
    return neighbour
  }

  /** Cables it to a bridge; `address` is `10.0.0.1/24`. Gives the device's name on its side. */
  cable(bridge: string, address: string): string {
    const device = `eth${this.#cables}`
    const ours = `${this.#name}${this.#cables}`
    this.#cables += 1
    const pid = String(this.#holder.pid)
    ip('link', 'add', ours, 'type', 'veth', 'peer', 'name', device, 'netns', pid)
    ip('link', 'set', ours, 'master', bridge, 'up')
    this.run('ip', 'addr', 'add', address, 'brd', '+', 'dev', device)
    this.run('ip', 'link', 'set', device, 'up')
    return device
  }

  run(...command: string[]): void {
    execFileSync('nsenter', this.#inside(command), { stdio: 'inherit' })
  }

  /** A program that runs there until the neighbour moves out. */
  start(...command: string[]): void {
    const stdio = ['ignore', 'ignore', 'inherit'] as const
    this.#children.push(spawn('nsenter', this.#inside(command), { stdio: [...stdio] }))
  }

  close(): void {
    for (const child of [...this.#children, this.#holder]) child.kill('SIGKILL')
  }

  #inside = (command: readonly string[]): string[] => [
    `--net=/proc/${this.#holder.pid}/ns/net`,
    ...command,
  ]
}
