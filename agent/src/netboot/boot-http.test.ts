import type { Ipv4 } from '@brickyard/model/ipv4'
import { Mac } from '@brickyard/model/mac'
import type { SledName } from '@brickyard/model/names'
import type { BootSled, BootWanted } from '@brickyard/netboot/boot-view'
import { systemClock } from '@brickyard/runtime/node/clock'
import { beforeEach, describe, expect, it } from 'vitest'
import { assetOf } from './asset.ts'
import { createBootHttp } from './boot-http.ts'
import { type BootScriptParts, createBootScripts } from './boot-scripts.ts'
import type { NetbootEvent } from './report.ts'
import type { TellTrace } from './trace.ts'

const BASE = 'http://10.98.0.1'
const MAC = '52:54:00:98:00:01'
const SLED_ADDRESS = '10.98.0.11'
const CONTENT = new TextEncoder().encode('0123456789')

let events: NetbootEvent[]
beforeEach(() => {
  events = []
})

function ask(
  path: string,
  options: {
    method?: string
    headers?: Record<string, string>
    from?: string
    boot?: BootWanted
    parts?: Partial<BootScriptParts>
    base?: string
  } = {},
): Promise<Response> {
  const boot = options.boot ?? { kind: 'installer', claimToken: 'c0ffee' }
  const sled: BootSled = {
    name: 'sled-01' as SledName,
    architecture: 'x86_64',
    firmwareMode: 'uefi',
    secureBoot: false,
    address: SLED_ADDRESS as Ipv4,
    boot,
  }
  const asset = assetOf(CONTENT)
  const parts: BootScriptParts = {
    directory: { sledFor: ({ mac }) => (mac === MAC ? sled : undefined) },
    clock: systemClock,
    report: (event) => void events.push(event),
    network: 'provisioning',
    bootUrl: BASE,
    assets: new Map([
      ['vmlinuz', asset],
      ['initrd.img', asset],
    ]),
    installers: { x86_64: { kernel: 'vmlinuz', initrd: 'initrd.img', kernelArguments: [] } },
    addressOf: (mac) => (mac === MAC ? (SLED_ADDRESS as Ipv4) : undefined),
    ...options.parts,
  }
  const handler = createBootHttp({ assets: parts.assets, scripts: createBootScripts(parts) })
  const { method = 'GET', headers = {} } = options
  const request = new Request(`${options.base ?? BASE}${path}`, { method, headers })
  return Promise.resolve(handler(request, { address: options.from ?? SLED_ADDRESS, port: 1 }))
}
const script = async (...args: Parameters<typeof ask>): Promise<string> => {
  const response = await ask(...args)
  expect(response.status).toBe(200)
  return response.text()
}

/** Keeps what the trace is told of scripts. */
const traceTo = (told: unknown[]): TellTrace => ({
  dhcp: () => undefined,
  script: (script) => void told.push(script),
  watching: () => undefined,
  unwatched: () => undefined,
  file: () => undefined,
  answered: () => undefined,
})

describe('GET /boot.ipxe', () => {
  const path = '/boot.ipxe?mac=52-54-00-98-00-01'

  it('boots the installer, again and again', async () => {
    expect(await script(path)).toContain(`kernel ${BASE}/assets/vmlinuz initrd=initrd.img`)
    expect(await script(path)).toContain('brickyard.claim=c0ffee BOOTIF=01-52-54-00-98-00-01')
    expect(events[0]).toEqual({
      kind: 'netboot.served',
      body: { sled: 'sled-01', mac: MAC, what: 'installer' },
    })
  })

  it('goes on by HTTPS for who asked so, and not at all by HTTP where only HTTPS will do', async () => {
    const url = 'https://10.98.0.1'
    const parts = { bootTls: { url, only: true } }
    const text = await script(path, { base: url, parts })
    expect(text).toContain(`kernel ${url}/assets/vmlinuz initrd=initrd.img`)
    expect(text).toContain(`initrd --name initrd.img ${url}/assets/initrd.img`)
    expect(text).toContain(`chain --replace ${url}/boot.ipxe?mac=52-54-00-98-00-01`)
    expect(text).toContain(`brickyard.agent=${BASE} `)
    const refused = await script(path, { parts })
    expect(refused).not.toContain('c0ffee')
    expect(refused).toContain('this site boots by HTTPS only')
    const either = { bootTls: { url, only: false } }
    expect(await script(path, { parts: either })).toContain(`kernel ${BASE}/assets/vmlinuz`)
  })

  it('has the loader check signatures, and tells what it found unsigned', async () => {
    const traced: unknown[] = []
    const parts = { verifiedByLoader: true, trace: traceTo(traced) }
    const text = await script(path, { parts })
    expect(text).toContain(`imgverify vmlinuz ${BASE}/assets/vmlinuz.sig || goto unsigned`)
    expect(text).toContain(`imgverify initrd.img ${BASE}/assets/initrd.img.sig || goto unsigned`)
    events = []
    const told = await script(`${path}&unsigned=initrd.img`, { parts })
    expect(told).not.toContain('c0ffee')
    const reason = "its iPXE found no valid signature of the installer's initrd"
    expect(events).toMatchObject([{ kind: 'netboot.refused', body: { sled: 'sled-01', reason } }])
    expect(traced).toMatchObject([{ what: 'installer' }, { what: 'refused', reason }])
    expect(await script(`${path}&unsigned=anything`, { parts })).toContain('c0ffee')
  })

  it('says why an installer is withheld', async () => {
    const withheld = new Map([['initrd.img', 'initrd.img is not what it was']])
    const assets = new Map([['vmlinuz', assetOf(CONTENT)]])
    expect(await script(path, { parts: { assets, withheld } })).toContain(
      'there is no installer for x86_64 on this appliance: initrd.img is not what it was',
    )
  })

  it("gives a sled's claim to no other address", async () => {
    const text = await script(path, { from: '10.98.0.150' })
    expect(text).not.toContain('c0ffee')
    expect(text).toContain('asked from 10.98.0.150')
    expect(events).toMatchObject([{ kind: 'netboot.refused', body: { sled: 'sled-01' } }])
  })

  it('sends a sled in use to its disk', async () => {
    const boot = { kind: 'local-disk', reason: 'in use' } as const
    expect(await script(path, { boot })).toMatch(/\nexit 1\n$/)
  })

  it('shows a machine why it is not booted', async () => {
    expect(await script('/boot.ipxe?mac=52-54-00-98-00-99')).toContain(
      '52:54:00:98:00:99 is not declared at this site',
    )
    expect(await script('/boot.ipxe')).toContain('names no MAC')
    expect(await script(path, { boot: { kind: 'none', reason: 'held by ann' } })).toContain(
      'held by ann',
    )
    expect(await script(path, { parts: { installers: {} } })).toContain('no installer for x86_64')
    expect(await script(path, { parts: { assets: new Map() } })).toContain(
      'no installer for x86_64',
    )
  })

  it('is read only', async () => {
    expect((await ask(path, { method: 'POST' })).status).toBe(405)
  })
})

describe('GET /assets', () => {
  const get = async (headers: Record<string, string>, method = 'GET') => {
    const response = await ask('/assets/vmlinuz', { headers, method })
    const { status } = response
    const [length, range] = ['content-length', 'content-range'].map((n) => response.headers.get(n))
    return { status, length, range, body: await response.text() }
  }
  const etag = `"${assetOf(CONTENT).sha256}"`

  it('serves the whole, and its head', async () => {
    expect(await get({})).toEqual({ status: 200, length: '10', range: null, body: '0123456789' })
    expect(await get({}, 'HEAD')).toEqual({ status: 200, length: '10', range: null, body: '' })
  })

  it.each([
    ['bytes=2-4', '2-4', '234'],
    ['bytes=7-', '7-9', '789'],
    ['bytes=-3', '7-9', '789'],
    ['bytes=8-99', '8-9', '89'],
    ['bytes=-99', '0-9', '0123456789'],
  ])('serves %s', async (range, served, body) => {
    expect(await get({ range })).toMatchObject({ status: 206, range: `bytes ${served}/10`, body })
  })

  it.each(['bytes=4-2', 'bytes=-', 'bytes=0-1,3-4', 'items=0-1', 'bytes=x'])(
    'ignores the range %s',
    async (range) => {
      expect((await get({ range })).status).toBe(200)
    },
  )

  it('refuses a range beyond the end', async () => {
    for (const range of ['bytes=10-', 'bytes=-0']) {
      expect(await get({ range })).toMatchObject({ status: 416, range: 'bytes */10' })
    }
  })

  it('knows its own version', async () => {
    expect((await get({ 'if-none-match': etag })).status).toBe(304)
    expect((await get({ 'if-none-match': '"other"' })).status).toBe(200)
    expect((await get({ range: 'bytes=2-4', 'if-range': etag })).status).toBe(206)
    expect((await get({ range: 'bytes=2-4', 'if-range': '"other"' })).status).toBe(200)
  })

  it('has nothing else', async () => {
    for (const path of ['/assets/', '/assets/none', '/assets/..%2fetc', '/', '/assets/a/b']) {
      expect((await ask(path)).status).toBe(404)
    }
    expect((await ask('/assets/vmlinuz', { method: 'PUT' })).status).toBe(405)
  })
})

it('parses the MAC of the script URL as DHCP writes it', () => {
  expect(Mac.parse('52-54-00-98-00-01')).toEqual({ ok: true, value: MAC })
})
