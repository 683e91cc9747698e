import type { Site, SiteAsked, SiteDetail } from '@brickyard/api/schemas'
import { err, ok, type Result } from '@brickyard/std/result'
import { parse } from 'yaml'
import { ask, askRows, type Action, type Context } from '../context.ts'
import { EXIT, failure, type CliFailure } from '../exit-codes.ts'
import { facts, table, timeText } from '../output.ts'
import { confirmLouderNetworks } from './netboot-preview.ts'

export const siteList: Action = async ({ hub }) => {
  const sites = await askRows((page) => hub.sites.list(page))
  if (!sites.ok) return sites
  const head = [
    'SITE',
    'LINK',
    'LAST-SEEN',
    'IN-USE',
    'READY',
    'SLEDS',
    'WANTED',
    'APPLIED',
    'AGENT',
  ]
  return ok({
    json: sites.value,
    text: table(
      head,
      sites.value.map((site) => [
        site.name,
        site.link,
        timeText(site.lastSeenMs),
        site.sledCountByState['in-use'] ?? 0,
        site.sledCountByState['ready'] ?? 0,
        site.sledCount,
        site.wantedGeneration,
        site.appliedGeneration,
        site.agentVersion,
      ]),
    ),
  })
}

const waiting = (site: Site): string =>
  site.journalLastSeq === null
    ? 'unknown'
    : String(Math.max(0, site.journalLastSeq - site.journalAckedSeq))

const siteText = (site: SiteDetail): string =>
  facts([
    ['site', site.name],
    ['called', site.displayName],
    ['owner', site.owner],
    ['link', site.link],
    ['last seen', timeText(site.lastSeenMs)],
    ['agent', site.agentVersion],
    ['wanted generation', site.wantedGeneration],
    ['held generation', site.heldGeneration],
    ['applied generation', site.appliedGeneration],
    ['events waiting', waiting(site)],
    ['cages', site.rack?.cages.map(({ name }) => name).join(', ') ?? null],
    ['networks', site.rack?.networks.map(({ name }) => name).join(', ') ?? null],
    [
      'sleds',
      Object.entries(site.sledCountByState)
        .map(([state, count]) => `${count} ${state}`)
        .join(', ') || '0',
    ],
  ])

export const siteGet: Action = async ({ hub, args }) => {
  const site = await ask(hub.sites.get(args[0] ?? ''))
  return site.ok ? ok({ json: site.value, text: siteText(site.value) }) : site
}

function degrees(context: Context, name: string, most: number): Result<object, CliFailure> {
  const text = context.options.text(name)
  if (text === undefined) return ok({})
  const value = Number(text)
  if (text.trim() !== '' && Math.abs(value) <= most) return ok({ [name]: value })
  return err(failure(EXIT.usage, `--${name} is '${text}'; degrees from -${most} to ${most}`))
}

export const siteCreate: Action = async (context) => {
  const { hub, args, options } = context
  const latitude = degrees(context, 'latitude', 90)
  if (!latitude.ok) return latitude
  const longitude = degrees(context, 'longitude', 180)
  if (!longitude.ok) return longitude
  const displayName = options.text('display-name')
  const owner = options.text('owner')
  const wanted: SiteAsked = {
    name: args[0] ?? '',
    ...(displayName === undefined ? {} : { displayName }),
    ...(owner === undefined ? {} : { owner }),
    ...latitude.value,
    ...longitude.value,
  }
  const site = await ask(hub.sites.create(wanted))
  return site.ok ? ok({ json: site.value, text: siteText(site.value) }) : site
}

/** The token alone is data, so that it can be piped to the appliance. */
export const siteEnrolToken: Action = async ({ hub, args, say }) => {
  const token = await ask(hub.sites.enrolmentToken(args[0] ?? ''))
  if (!token.ok) return token
  say(`Good once, for ${token.value.site}, until ${timeText(token.value.expiresAtMs)}.`)
  return ok({ json: token.value, text: `${token.value.token}\n` })
}

/** Puts a rack document (YAML, of which JSON is a part); the hub checks it and names every problem. */
export const rackPut: Action = async (context) => {
  const { hub, args, ports, say } = context
  const [site = '', path = ''] = args
  const text = await ports.files.readText(path)
  if (text === undefined) return err(failure(EXIT.usage, `There is no file ${path}.`))
  let rack: unknown
  try {
    rack = parse(text)
  } catch (error) {
    return err(failure(EXIT.usage, `${path} is no YAML: ${String(error)}`))
  }
  const sure = await confirmLouderNetworks(context, site, rack)
  if (!sure.ok) return sure
  const put = await ask(hub.sites.putRack(site, rack))
  if (!put.ok) return put
  say(`Wanted of ${site} with generation ${put.value.wantedGeneration}.`)
  return ok({ json: put.value, text: siteText(put.value) })
}
