/**
 * Which sleds can carry a request, and for each that cannot, every rule that stands in the way.
 * All rules are asked, not only the first that fails: the explanation needs to know what would
 * change if one of them were lifted.
 */
import type { PlacedImage, PlacementRequest, SiteOffer, SledOffer } from './fleet.ts'

/** Rules in the order people hear of them: first the site's, then the sled's. */
export const RULES = [
  'site-named',
  'site-paused',
  'site-tenant',
  'site-link',
  'site-isolation',
  'sled-hold',
  'sled-state',
  'sled-inventory',
  'architecture',
  'firmware-mode',
  'secure-boot',
  'model',
  'labels',
  'nics',
  'memory',
  'disk-size',
  'sector-size',
] as const
export type Rule = (typeof RULES)[number]

export interface Broken {
  readonly rule: Rule
  /** Why, for a person. */
  readonly reason: string
}

export interface Judged {
  readonly site: SiteOffer
  readonly sled: SledOffer
  /** Empty when the sled can carry the request. In the order of RULES. */
  readonly broken: readonly Broken[]
}

/** Judges every sled of every site; `lifted` rules are not asked (what-if). */
export function judgeSite(
  site: SiteOffer,
  request: PlacementRequest,
  lifted: ReadonlySet<Rule> = NONE,
): Judged[] {
  const ofSite = siteRules(site, request).filter(({ rule }) => !lifted.has(rule))
  return site.sleds.map((sled) => ({
    site,
    sled,
    broken: [...ofSite, ...sledRules(site, sled, request).filter(({ rule }) => !lifted.has(rule))],
  }))
}

const NONE: ReadonlySet<Rule> = new Set()

function siteRules(site: SiteOffer, request: PlacementRequest): Broken[] {
  const broken: Broken[] = []
  const no = (rule: Rule, reason: string): void => void broken.push({ rule, reason })
  const { sites } = request.constraints
  if (sites !== undefined && !sites.includes(site.name)) {
    no('site-named', `the request names only ${listed(sites)}`)
  }
  if (site.paused !== undefined) no('site-paused', `the site takes no new work: ${site.paused}`)
  if (site.tenants !== undefined && !site.tenants.includes(request.tenant)) {
    no('site-tenant', `its owner takes no work of tenant ${request.tenant}`)
  }
  if (site.link === 'never') no('site-link', 'its agent has never been heard')
  if (site.link === 'down') {
    no('site-link', 'its agent is out of reach, and what is free there is not known for sure')
  }
  const stranger = site.sleds.find((s) => s.tenant !== undefined && s.tenant !== request.tenant)
  if (site.isolation === 'none' && stranger !== undefined) {
    no('site-isolation', `it cannot keep tenants apart and carries work of ${stranger.tenant}`)
  }
  return broken
}

function sledRules(site: SiteOffer, sled: SledOffer, request: PlacementRequest): Broken[] {
  const broken: Broken[] = []
  const no = (rule: Rule, reason: string): void => void broken.push({ rule, reason })
  const { arch, model } = request.constraints
  const { image } = request
  if (sled.hold !== undefined) {
    no('sled-hold', `${sled.hold.by} holds it: ${sled.hold.reason}`)
  }
  if (sled.state !== 'ready') {
    no('sled-state', `it is ${sled.state}${sled.stateReason ? ` (${sled.stateReason})` : ''}`)
  }
  const wantedArch = arch ?? image.arch
  if (sled.architecture !== image.arch) {
    no('architecture', `it is ${sled.architecture}, image ${image.name} is for ${image.arch}`)
  } else if (sled.architecture !== wantedArch) {
    no('architecture', `it is ${sled.architecture}, the request wants ${wantedArch}`)
  }
  if (!image.firmware.includes(sled.firmwareMode)) {
    no(
      'firmware-mode',
      `it boots by ${sled.firmwareMode}, image ${image.name} only by ${listed(image.firmware)}`,
    )
  }
  if (sled.secureBoot === true && !image.secureBoot) {
    no('secure-boot', `it checks signatures, image ${image.name} is not signed for Secure Boot`)
  }
  if (model !== undefined && sled.model !== model) {
    no('model', `it is ${sled.model ?? 'of unknown model'}, the request wants ${model}`)
  }
  const { nics = 0 } = request
  if (sled.nics < nics) {
    no('nics', `it has ${sled.nics} declared NICs, the request’s network needs ${nics}`)
  }
  broken.push(...labelRule(site, sled, request), ...inventoryRules(sled, request))
  return broken.sort((a, b) => RULES.indexOf(a.rule) - RULES.indexOf(b.rule))
}

/** A label of the sled stands before one of its site with the same name. */
function labelRule(site: SiteOffer, sled: SledOffer, request: PlacementRequest): Broken[] {
  for (const [name, wanted] of Object.entries(request.constraints.labels ?? {})) {
    const found = Object.hasOwn(sled.labels, name)
      ? sled.labels[name]
      : Object.hasOwn(site.labels, name)
        ? site.labels[name]
        : undefined
    if (found === wanted) continue
    const has = found === undefined ? `has no label ${name}` : `has ${name}=${found}`
    return [{ rule: 'labels', reason: `it ${has}, the request wants ${name}=${wanted}` }]
  }
  return []
}

function inventoryRules(sled: SledOffer, request: PlacementRequest): Broken[] {
  const { inventory } = sled
  if (inventory === undefined) {
    return [{ rule: 'sled-inventory', reason: 'it has not been inspected yet' }]
  }
  const broken: Broken[] = []
  const { minMemoryBytes = 0 } = request.constraints
  if (inventory.memoryBytes < minMemoryBytes) {
    broken.push({
      rule: 'memory',
      reason: `it has ${gib(inventory.memoryBytes)} of memory, the request wants ${gib(minMemoryBytes)}`,
    })
  }
  const { image } = request
  if (image.kind !== 'disk') return broken
  const largest = Math.max(0, ...inventory.disks.map(({ bytes }) => bytes))
  if (largest < image.minDiskBytes) {
    const has = inventory.disks.length === 0 ? 'has no disk' : `has at most ${gib(largest)} of disk`
    broken.push({
      rule: 'disk-size',
      reason: `it ${has}, image ${image.name} needs ${gib(image.minDiskBytes)}`,
    })
  } else if (fittingDisks(sled, image).length === 0) {
    broken.push({
      rule: 'sector-size',
      reason: `none of its large enough disks has the ${image.sectorBytes}-byte sectors of image ${image.name}`,
    })
  }
  return broken
}

/** The disks an image can be written to. */
export const fittingDisks = (
  sled: SledOffer,
  image: PlacedImage,
): readonly { readonly bytes: number; readonly sectorBytes: number }[] =>
  (sled.inventory?.disks ?? []).filter(
    (disk) => disk.bytes >= image.minDiskBytes && disk.sectorBytes === image.sectorBytes,
  )

const listed = (names: readonly string[]): string => names.join(', ')

const gib = (bytes: number): string => `${Math.round((bytes / 2 ** 30) * 10) / 10} GiB`
