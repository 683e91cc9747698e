import type { DeploymentCreate, Placement as PlacementShown } from '@brickyard/api/schemas'
import { isName, SiteName, SledRef, TenantName } from '@brickyard/model/names'
import type { NetworkWish } from '@brickyard/model/network-wish'
import { choose } from '@brickyard/placement/choose'
import { assert } from '@brickyard/std/assert'
import { problem, type Problem } from '@brickyard/std/problem'
import { err, ok, type Result } from '@brickyard/std/result'
import { conflict, invalid, Refusal } from '../api/refusal.ts'
import type { HubParts } from '../parts.ts'
import type { Tx } from '../store/hub-store.ts'
import { findImages, type ImageSpec } from '../store/images.ts'
import { findSled } from '../store/sled-queries.ts'
import type { ImageTable } from '../store/tables.ts'
import { fleetSnapshot } from './snapshot.ts'
import { addressProblems, nicsFor, wishedNetwork } from './wished-network.ts'

export interface Decided {
  readonly image: ImageTable
  readonly placement: PlacementShown
  /** The whole wish; undefined: DHCP on every NIC. */
  readonly network: NetworkWish | undefined
}

/** Decides where a request would go. A request that makes no sense is refused; one without room is not. */
export async function decide(
  tx: Tx,
  { links, clock }: Pick<HubParts, 'links' | 'clock'>,
  tenant: string,
  asked: DeploymentCreate,
  seed: string,
): Promise<Result<Decided, Refusal>> {
  const network = wishedNetwork(asked)
  const problems = [
    ...requestProblems(asked),
    ...(network.ok ? [] : network.error),
    ...(await unknownSleds(tx, asked)),
  ]
  if (problems.length > 0 || !network.ok) return err(invalid('the request is not right', problems))
  const wish = network.value
  const image = await chooseImage(tx, tenant, asked.image)
  if (!image.ok) return image
  const { sites, labels, model, spread, sleds } = asked.constraints
  const owner = TenantName.parse(tenant)
  assert(owner.ok, `tenant ${tenant} was checked in the configuration`)
  const spec = JSON.parse(image.value.spec) as ImageSpec
  if (wish !== undefined && spec.seed === 'none') {
    const expected = `an image that takes a seed; ${image.value.name} takes none`
    return err(invalid('nobody would tell the OS', [problem('network', 'asked for', expected)]))
  }
  const placement = choose(await fleetSnapshot(tx, links, sleds), {
    count: asked.count,
    tenant: owner.value,
    constraints: { sites: sites?.map(siteName), labels, model, spread },
    image: { name: image.value.name, ...spec },
    nics: wish === undefined ? undefined : nicsFor(wish),
    seed,
  })
  const taken = wish === undefined ? [] : await addressProblems(tx, tenant, wish, placement.placed)
  if (taken.length > 0) return err(invalid('the sleds cannot have their addresses', taken))
  return ok({
    image: image.value,
    network: wish,
    placement: {
      decidedAtMs: clock.wallMs(),
      placed: placement.placed.map(({ parts, ...placed }) => ({
        ...placed,
        parts: parts.map(({ name, value, max }) => ({
          name,
          points: value,
          reason: `${value} of ${max}`,
        })),
      })),
      refused: placement.refused.map(({ site, sled = null, rule, reason }) => ({
        site,
        sled,
        rule,
        reason,
      })),
      refusedCountByRule: Object.fromEntries(
        placement.counts.map(({ rule, sleds: count }) => [rule, count]),
      ),
      summary: placement.summary,
    },
  })
}

function siteName(text: string): SiteName {
  const name = SiteName.parse(text)
  assert(name.ok, `${text} was checked by the schema`)
  return name.value
}

/** The name of the `n`th sled of a deployment, from 1. */
export const hostnameOf = (pattern: string, n: number): string =>
  pattern.replaceAll('{n}', String(n))

function requestProblems({ hostname, count, constraints }: DeploymentCreate): Problem[] {
  const problems: Problem[] = []
  if (!isName(hostnameOf(hostname, count))) {
    const expected = "a host name of a-z, 0-9 and '-', with {n} for the number of the sled"
    problems.push(problem('hostname', hostname, expected))
  }
  if (count > 1 && !hostname.includes('{n}')) {
    problems.push(
      problem('hostname', hostname, 'a name with {n}: several sleds need several names'),
    )
  }
  for (const [i, sled] of (constraints.sleds ?? []).entries()) {
    if (!SledRef.parse(sled).ok) {
      problems.push(problem(`constraints.sleds[${i}]`, sled, 'SITE/SLED, e.g. edge-1/sled-03'))
    }
  }
  return problems
}

async function unknownSleds(tx: Tx, { constraints }: DeploymentCreate): Promise<Problem[]> {
  const problems: Problem[] = []
  for (const [i, text] of (constraints.sleds ?? []).entries()) {
    const ref = SledRef.parse(text)
    if (!ref.ok) continue
    const held = await findSled(tx, { owner: undefined }, ref.value.site, ref.value.sled)
    if (held === undefined) {
      problems.push(problem(`constraints.sleds[${i}]`, text, 'a sled that is declared'))
    }
  }
  return problems
}

async function chooseImage(
  tx: Tx,
  tenant: string,
  named: string,
): Promise<Result<ImageTable, Refusal>> {
  const found = await findImages(tx, tenant, named)
  const [image] = found
  if (image === undefined) {
    return err(
      invalid('there is no such image', [
        problem('image', named, 'the SHA-256 or name of an image'),
      ]),
    )
  }
  if (found.length > 1) {
    const detail = `${found.length} images are called '${named}'; name one by its SHA-256`
    return err(conflict('image-ambiguous', detail))
  }
  if (image.state !== 'ready') {
    const detail = `image '${image.name}' has no content yet; upload it first`
    return err(conflict('image-not-ready', detail))
  }
  if ((JSON.parse(image.spec) as ImageSpec).kind !== 'disk') {
    const detail = `image '${image.name}' is a netboot image; deployments take disk images only`
    return err(new Refusal({ status: 422, code: 'image-kind', detail }))
  }
  return ok(image)
}
