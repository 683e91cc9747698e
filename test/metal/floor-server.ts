import { createReadStream, statSync } from 'node:fs'
import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http'
import type { InstallOrder } from '@brickyard/installer/install-order'
import {
  applyProgress,
  applyResult,
  beginPlan,
  claimPlan,
  type InstallPlan,
  nextStep,
} from '@brickyard/installer/plan'
import {
  encodeClaimReply,
  encodeRefusal,
  encodeStep,
  parseClaimRequest,
  parseProgress,
  parseResult,
} from '@brickyard/installer/wire'
import type { Result } from '@brickyard/std/result'
import { RIG } from './rig-network.ts'

/** The files the floor hands out. */
export interface FloorFiles {
  readonly vmlinuz: string
  readonly initrd: string
  readonly image: string
}

/** What happened to one sled, in ms of `Date.now`. */
export interface FloorPhases {
  scriptMs?: number
  kernelMs?: number
  claimMs?: number
  rebootMs?: number
  phoneHomeMs?: number
}

interface FloorSled {
  plan: InstallPlan
  readonly phases: FloorPhases
  readonly seed: Readonly<Record<string, string>>
  done: (phases: FloorPhases) => void
}

const BODY_BYTES_MAX = 65_536

/**
 * The least a provisioner can be: static files and fixed answers to the installer's wire, out of
 * memory, for sleds named by MAC. Nothing is stored, nobody is asked, no secret is checked.
 */
export class FloorServer {
  readonly #files: FloorFiles
  readonly #kernelArguments: string
  readonly #sleds = new Map<string, FloorSled>()
  readonly #server: Server

  constructor(files: FloorFiles, kernelArguments: string) {
    this.#files = files
    this.#kernelArguments = kernelArguments
    this.#server = createServer((request, response) => {
      this.#answer(request, response).catch((error: unknown) => {
        console.error('floor:', error)
        response.destroy()
      })
    })
  }

  async listen(address: string, port: number): Promise<void> {
    await new Promise<void>((resolve) => this.#server.listen(port, address, resolve))
  }

  close(): void {
    this.#server.closeAllConnections()
    this.#server.close()
  }

  /** Expects one installation; settles when the installed OS phones home. */
  expect(mac: string, order: InstallOrder, seed: FloorSled['seed']): Promise<FloorPhases> {
    return new Promise((done) => {
      const plan = beginPlan(order, Date.now())
      this.#sleds.set(mac, { plan, phases: {}, seed, done })
    })
  }

  /** The plan as it stands, for messages. */
  planOf(mac: string): InstallPlan | undefined {
    return this.#sleds.get(mac)?.plan
  }

  async #answer(request: IncomingMessage, response: ServerResponse): Promise<void> {
    const url = new URL(request.url ?? '/', 'http://floor')
    const [, first = '', second = '', third = '', fourth = ''] = url.pathname.split('/')
    if (first === 'boot.ipxe') return this.#script(url.searchParams.get('mac') ?? '', response)
    if (first === 'assets') return sendFile(this.#asset(second), response)
    if (first === 'phone-home') return this.#phonedHome(second, response)
    if (first !== 'installer') return send(response, 404, '')
    if (second === 'claim') return this.#claim(await body(request), response)
    // The session is the MAC: fixed answers need no secret.
    const session = (request.headers.authorization ?? '').slice('Bearer '.length)
    const sled = this.#sleds.get(session.replaceAll('-', ':'))
    if (sled === undefined) return send(response, 403, encodeRefusal('no such session'))
    if (second === 'image') return sendFile(this.#files.image, response)
    if (second === 'seed') return send(response, 200, sled.seed[third] ?? '')
    if (second === 'step' && third === '') {
      const next = nextStep(sled.plan, Date.now())
      sled.plan = next.plan
      return send(response, 200, encodeStep(next.step))
    }
    if (fourth === 'progress') {
      const progress = unwrap(parseProgress(await body(request)))
      sled.plan = applyProgress(sled.plan, third, progress, Date.now())
      return send(response, 204, '')
    }
    const result = unwrap(parseResult(await body(request)))
    sled.plan = applyResult(sled.plan, third, result, Date.now())
    if (sled.plan.phase === 'done') sled.phases.rebootMs = Date.now()
    if (sled.plan.phase === 'failed') console.error(`floor: ${sled.plan.reason}`)
    if (sled.plan.phase === 'done' && sled.plan.order.kind !== 'provision') sled.done(sled.phases)
    return send(response, 204, '')
  }

  #asset(name: string): string {
    return name === 'vmlinuz' ? this.#files.vmlinuz : this.#files.initrd
  }

  #script(mac: string, response: ServerResponse): void {
    const sled = this.#sleds.get(mac)
    if (sled !== undefined) sled.phases.scriptMs = Date.now()
    const args = `brickyard.agent=http://${RIG.agentAddress} brickyard.claim=floor BOOTIF=01-${mac.replaceAll(':', '-')}`
    const net = 'brickyard.net=${netX/ip}/${netX/netmask}/${netX/gateway}'
    const lines = [
      '#!ipxe',
      `kernel /assets/vmlinuz initrd=initrd.img ${this.#kernelArguments} ${args} ${net}`,
      'initrd --name initrd.img /assets/initrd.img',
      'boot',
    ]
    send(response, 200, `${lines.join('\n')}\n`)
  }

  #claim(text: string, response: ServerResponse): void {
    const claim = unwrap(parseClaimRequest(text))
    const sled = this.#sleds.get(claim.mac)
    if (sled === undefined) return send(response, 403, encodeRefusal('unknown MAC'))
    const claimed = claimPlan(sled.plan, Date.now())
    if (!claimed.ok) return send(response, 409, encodeRefusal(claimed.error))
    sled.plan = claimed.value
    sled.phases.claimMs = Date.now()
    const timeSeconds = Math.floor(Date.now() / 1000)
    const session = claim.mac.replaceAll(':', '-')
    return send(response, 200, encodeClaimReply({ session, timeSeconds }))
  }

  #phonedHome(token: string, response: ServerResponse): void {
    send(response, 200, '')
    const sled = this.#sleds.get(token.replaceAll('-', ':'))
    if (sled === undefined || sled.phases.phoneHomeMs !== undefined) return
    sled.phases.phoneHomeMs = Date.now()
    sled.done(sled.phases)
  }
}

function send(response: ServerResponse, status: number, text: string): void {
  response.writeHead(status, {
    'content-type': 'text/plain',
    'content-length': Buffer.byteLength(text),
  })
  response.end(text)
}

function sendFile(path: string, response: ServerResponse): void {
  response.writeHead(200, { 'content-length': statSync(path).size })
  createReadStream(path, { highWaterMark: 1024 * 1024 }).pipe(response)
}

async function body(request: IncomingMessage): Promise<string> {
  const pieces: Buffer[] = []
  let length = 0
  for await (const piece of request as AsyncIterable<Buffer>) {
    length += piece.length
    if (length > BODY_BYTES_MAX) throw new Error(`body longer than ${BODY_BYTES_MAX} bytes`)
    pieces.push(piece)
  }
  return Buffer.concat(pieces).toString('utf8')
}

function unwrap<T>(result: Result<T>): T {
  if (!result.ok) throw new Error(result.error)
  return result.value
}
