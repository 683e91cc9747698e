/**
 * Nothing served before authentication holds a secret. A site inspects and installs sleds while a
 * stranger on the rack's network asks for every path of boot HTTP and every name of TFTP that there
 * is; every secret the agent holds is a canary that no answer may carry, nor its log or its journal.
 */
import { parseStandAlone } from '@brickyard/agent/stand-alone-document'
import type { SiteName } from '@brickyard/model/names'
import type { FetchHandler } from '@brickyard/runtime/http'
import { simulatedRack, type SimulatedRack } from '@brickyard/sim/rack'
import { planRack, sledName } from '@brickyard/sim/rack-plan'
import { fetchByTftp } from '@brickyard/sim/tftp-client'
import { syntheticImage } from '@brickyard/sim/synthetic-image'
import { Minutes, Seconds } from '@brickyard/std/units'
import { describe, expect, it } from 'vitest'
import { SITE_PIN, simulatedSite, type SimulatedSite } from '../sim/simulated-site.ts'
import { type SimulatedWorld, simulatedWorld, whileTimePasses } from '../sim/simulated-world.ts'

const IMAGE = syntheticImage('debian-12')
const IMAGE_PATH = '/srv/images/debian.zst'
const USER_DATA = '#cloud-config\nchpasswd: {list: ["root:canary-of-the-tenant"]}\n'
const STRANGER = 'stranger'

/** What legitimate sleds were told that is theirs alone: claim tokens, sessions, calls home. */
const OWN = [
  /brickyard\.claim=([0-9a-f]{16,})/g,
  /session=([0-9a-f]{16,})/g,
  /phone-home\/([0-9a-f]{16,})/g,
]

interface Watched {
  readonly world: SimulatedWorld
  readonly rack: SimulatedRack
  readonly site: SimulatedSite
  readonly canaries: Map<string, string>
}

async function watchedSite(): Promise<Watched> {
  const world = simulatedWorld('canaries')
  const { random, clock, network, http } = world
  const plan = planRack({ site: 'edge-1' as SiteName, siteNumber: 0, sledCount: 3, random })
  const httpOf = (host: Parameters<typeof http.client>[0]) => http.client(host)
  const rack = await simulatedRack({ plan, siteNumber: 0, clock, random, network, httpOf })
  const standAlone = parseStandAlone({
    rack: JSON.parse(JSON.stringify(plan.document)),
    images: [{ ...IMAGE.image, path: IMAGE_PATH }],
    assignments: [{ sled: 'sled-02', image: 'debian-12', hostname: 'web-1', userData: USER_DATA }],
  })
  if (!standAlone.ok) throw new Error(JSON.stringify(standAlone.error))
  const canaries = new Map([
    ['the PIN', SITE_PIN],
    ["the tenant's user-data", 'canary-of-the-tenant'],
    ["the image's bytes", Buffer.from(IMAGE.served.subarray(0, 24)).toString('latin1')],
    ...plan.document.sleds.map(({ name }): [string, string] => [
      `the BMC password of ${name}`,
      rack.bmcPassword(name),
    ]),
  ])
  const watchBootHttp =
    (handler: FetchHandler): FetchHandler =>
    async (request, peer) => {
      const answer = await handler(request, peer)
      const said = `${request.url}\n${await answer.clone().text()}`
      for (const pattern of OWN) {
        for (const [text, secret] of said.matchAll(pattern)) canaries.set(text, secret as string)
      }
      return answer
    }
  const files = { [IMAGE_PATH]: IMAGE.served }
  const site = await simulatedSite(world, {
    rack,
    standAlone: standAlone.value,
    files,
    watchBootHttp,
  })
  await whileTimePasses(world, site.start(), Minutes(1))
  const secret = site.disk
    .peek()
    .read((sql) => sql.get<{ value: string }>("SELECT value FROM meta WHERE key = 'site_secret'"))
  canaries.set("the site's secret", secret?.value ?? '')
  return { world, rack, site, canaries }
}

/** Paths without a parameter, and what people try besides. */
const TRIED = [
  '/installer',
  '/installer/',
  '/installer/claim',
  '/installer/step',
  '/',
  '/healthz',
  '/metrics',
  '/site.db',
  '/readings.db',
  '/link/key.pem',
  '/site.key',
  '/assets/../site.db',
  '/assets/%2e%2e%2fsite.db',
  '/assets//',
  '/.env',
  '/blobs',
  IMAGE_PATH,
]
const FILES_BY_TFTP = ['undionly.kpxe', 'snponly.efi', 'grub/grub.cfg', 'site.db', 'autoexec.ipxe']

/** Every path there is, with the parameters that name something. */
function paths({ rack }: Watched): string[] {
  const { sleds } = rack.plan.document
  const macs = sleds.flatMap((sled) => [...sled.macs, ...(sled.bmc?.mac ? [sled.bmc.mac] : [])])
  const assets = ['undionly.kpxe', 'snponly.efi', 'vmlinuz-x86_64', 'initrd-x86_64.img']
  const steps = ['inventory', 'wipe', 'write', 'verify', 'seed', 'boot-entry', 'report', '1']
  const seeds = ['meta-data', 'user-data', 'vendor-data', 'network-config']
  return [
    '/boot.ipxe',
    ...macs.flatMap((mac) => [`/boot.ipxe?mac=${mac}`, `/boot.ipxe?mac=${mac}&uuid=x`]),
    ...assets.map((name) => `/assets/${name}`),
    ...steps.flatMap((id) => [`/installer/step/${id}/progress`, `/installer/step/${id}/result`]),
    `/installer/image/${IMAGE.image.sha256}`,
    ...seeds.flatMap((name) => [`/installer/seed/${name}`, `/${name}`, `/seed/${name}`]),
    `/phone-home/${'0'.repeat(40)}`,
    ...TRIED,
  ]
}

/** Sleds are being inspected then; the other crawl by TFTP is at the end. */
const TFTP_CRAWLED_AFTER = 2
const METHODS = ['GET', 'HEAD', 'POST', 'PUT', 'DELETE', 'OPTIONS', 'PATCH']
const AUTHORIZATIONS = [
  undefined,
  'Bearer',
  `Bearer ${'0'.repeat(32)}`,
  'Basic YTpi',
  'Bearer undefined',
]

/** Everything that is said to `address`, by path: bodies and headers. */
async function crawl(watched: Watched, address: string): Promise<Map<string, string>> {
  const said = new Map<string, string>()
  const { site, rack } = watched
  const agent = site.agent
  if (agent === undefined) throw new Error('the agent does not run')
  const base = `http://${rack.plan.document.networks[0]?.agentAddress}`
  for (const path of paths(watched)) {
    for (const method of METHODS) {
      for (const authorization of AUTHORIZATIONS) {
        const headers = authorization === undefined ? {} : { authorization }
        const hasBody = method !== 'GET' && method !== 'HEAD'
        const body = hasBody ? { body: `token=${'0'.repeat(32)}\nmac=52:54:00:00:00:01\n` } : {}
        const request = new Request(`${base}${path}`, { method, headers, ...body })
        const answer = await agent.bootHttp(request, { address, port: 40_000 })
        const text = Buffer.from(await answer.arrayBuffer()).toString('latin1')
        const head = JSON.stringify([...answer.headers])
        said.set(`${method} ${path} ${authorization ?? ''}`, `${head}\n${text}`)
      }
    }
  }
  return said
}

/** Every name that could mean something by TFTP, asked for by a machine of the rack's network. */
async function crawlTftp(watched: Watched): Promise<Map<string, string>> {
  const { world, rack } = watched
  const { sleds, networks } = rack.plan.document
  const host = world.network.host(STRANGER)
  const interfaceName = 'eth0'
  const address = networks[0]?.agentAddress.replace(/\.1$/, '.180') ?? ''
  host.attach({ interface: interfaceName, segment: rack.segments.provisioning, address })
  const macs = sleds.flatMap((sled) => sled.macs)
  const names = [
    ...FILES_BY_TFTP,
    ...macs.flatMap((mac) => [`boot.grub/${mac}`, `grub.cfg-01-${mac}`, `pxelinux.cfg/${mac}`]),
    ...paths(watched),
  ]
  const said = new Map<string, string>()
  for (const name of new Set(names)) {
    const asked = fetchByTftp(
      { clock: world.clock, udp: host.udp },
      interfaceName,
      networks[0]?.agentAddress ?? '',
      name,
    )
    const got = await whileTimePasses(world, asked, Minutes(5))
    said.set(`TFTP ${name}`, got.ok ? Buffer.from(got.value).toString('latin1') : got.error)
  }
  world.network.removeHost(STRANGER)
  return said
}

const found = (
  said: ReadonlyMap<string, string>,
  canaries: ReadonlyMap<string, string>,
): string[] =>
  [...said].flatMap(([answer, asked]) =>
    [...canaries].flatMap(([what, secret]) =>
      secret !== '' && answer.includes(secret) ? [`${asked} told ${what}`] : [],
    ),
  )

describe('what is served before authentication', () => {
  it('holds no secret, at any time between a rack switched on and a sled installed', async () => {
    const watched = await watchedSite()
    const { world, rack, canaries } = watched
    const sled = rack.slot(sledName(2))?.sled
    const installed = (): boolean => sled?.deeds.some(({ what }) => what === 'call-home') === true
    const own = rack.plan.document.sleds[1]?.address ?? ''
    const toStrangers = new Map<string, string>()
    const toItsOwner = new Map<string, string>()
    // Each answer once, with what was asked for first: what is a secret is known only at the end.
    const keep = (kept: Map<string, string>, said: ReadonlyMap<string, string>): void => {
      for (const [asked, answer] of said) if (!kept.has(answer)) kept.set(answer, asked)
    }
    let crawls = 0
    for (; !installed() && crawls < 200; crawls++) {
      await world.clock.advance(Seconds(20))
      // From an address that is nobody's, and from outside.
      for (const address of [own.replace(/\.\d+$/, '.180'), '203.0.113.7']) {
        keep(toStrangers, await crawl(watched, address))
      }
      keep(toItsOwner, await crawl(watched, own))
      if (crawls === TFTP_CRAWLED_AFTER) keep(toStrangers, await crawlTftp(watched))
    }
    keep(toStrangers, await crawlTftp(watched))
    expect(installed()).toBe(true)
    expect(crawls).toBeGreaterThan(3)
    // There was something to find: secrets of all kinds were out, and the owner was given its own.
    const out = [...canaries.keys()].join()
    for (const what of ['brickyard.claim', 'session', 'phone-home']) expect(out).toContain(what)
    expect(found(toItsOwner, canaries).join()).toContain('brickyard.claim')
    expect(found(toStrangers, canaries)).toEqual([])
    // Nor does the site write one down where people read.
    const { log, journal } = watched.site
    const written = new Map([
      [JSON.stringify(log.lines), 'the log'],
      [JSON.stringify(journal().events), 'the journal'],
    ])
    expect(log.lines.length).toBeGreaterThan(20)
    expect(found(written, canaries)).toEqual([])
  })
})
