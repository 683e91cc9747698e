import type { Deployment, DeploymentAsked, PlacementPreview } from '@brickyard/api/schemas'
import { err, ok, type Result } from '@brickyard/std/result'
import {
  ask,
  askRows,
  confirmed,
  numberOption,
  type Action,
  type Context,
  type Outcome,
} from '../context.ts'
import { EXIT, failure, type CliFailure } from '../exit-codes.ts'
import { facts, table, timeText } from '../output.ts'
import { networkInWords } from '../network-wish.ts'
import { waitForDeployment } from '../wait.ts'
import { networkOf } from './deployment-network.ts'

export const deployList: Action = async ({ hub }) => {
  const deployments = await askRows((page) => hub.deployments.list(page))
  if (!deployments.ok) return deployments
  return ok({
    json: deployments.value,
    text: table(
      ['DEPLOYMENT', 'NAME', 'STATE', 'IN-USE', 'WANTED', 'IMAGE', 'CREATED', 'BY'],
      deployments.value.map((each) => [
        each.id,
        each.name,
        each.state,
        each.assignments.filter(({ state }) => state === 'in-use').length,
        each.count,
        each.imageName,
        timeText(each.createdAtMs),
        each.createdBy,
      ]),
    ),
  })
}

function deploymentText(deployment: Deployment): string {
  const { placement, assignments, network } = deployment
  const parts = [
    facts([
      ['deployment', deployment.id],
      ['name', deployment.name],
      ['state', deployment.state],
      ['reason', deployment.reason === placement.summary ? null : deployment.reason],
      ['image', deployment.imageName],
      ...(network === null ? [] : [['network', networkInWords(network).join('; ')] as const]),
      ['wanted', deployment.count],
      ['placement', placement.summary],
    ]),
  ]
  if (assignments.length > 0) {
    const rows = assignments.map((each) => [
      `${each.site}/${each.sled}`,
      each.state,
      each.hostname,
      each.reason ?? '',
    ])
    parts.push(table(['SLED', 'STATE', 'HOSTNAME', 'REASON'], rows))
  }
  if (placement.placed.length === 0 && placement.refused.length > 0) {
    parts.push(refusedText(placement))
  }
  return parts.join('\n')
}

const refusedText = ({ refused }: Deployment['placement']): string =>
  table(
    ['REFUSED', 'RULE', 'REASON'],
    refused.map((each) => [
      each.sled === null ? each.site : `${each.site}/${each.sled}`,
      each.rule,
      each.reason,
    ]),
  )

/** What a deployment would get, with the network-config of its first sleds. */
function previewText(preview: PlacementPreview): string {
  const { placed, networkConfigs, summary } = preview
  if (placed.length === 0) return [`${summary}\n`, refusedText(preview)].join('\n')
  const rows = placed.map(({ site, sled, score }) => [`${site}/${sled}`, score])
  const configs = networkConfigs.map(
    ({ site, sled, text }) => `network-config of ${site}/${sled}:\n${text}`,
  )
  return [`${summary}\n`, table(['SLED', 'SCORE'], rows), ...configs].join('\n')
}

/** A deployment on standard output; one that came to nothing also fails the command. */
function shown(deployment: Deployment): Outcome {
  const output = { json: deployment, text: deploymentText(deployment) }
  if (deployment.state !== 'refused' && deployment.state !== 'failed') return ok(output)
  const why = deployment.reason ?? deployment.placement.summary
  return ok({
    ...output,
    failed: failure(EXIT.failed, `${deployment.name} ${deployment.state}: ${why}`),
  })
}

export const deployGet: Action = async ({ hub, args }) => {
  const deployment = await ask(hub.deployments.get(args[0] ?? ''))
  if (!deployment.ok) return deployment
  return ok({ json: deployment.value, text: deploymentText(deployment.value) })
}

function labelsOf(context: Context): Result<Record<string, string>, CliFailure> {
  const labels: Record<string, string> = {}
  for (const text of context.options.texts('label')) {
    const at = text.indexOf('=')
    if (at < 1) return err(failure(EXIT.usage, `--label is '${text}'; write key=value`))
    labels[text.slice(0, at)] = text.slice(at + 1)
  }
  return ok(labels)
}

/** Keys as given, those that begin with @ read from their files, one a line. */
async function sshKeysOf(context: Context): Promise<Result<string[], CliFailure>> {
  const keys: string[] = []
  for (const word of context.options.texts('ssh-key')) {
    if (!word.startsWith('@')) {
      keys.push(word)
      continue
    }
    const text = await context.ports.files.readText(word.slice(1))
    if (text === undefined) return err(failure(EXIT.usage, `There is no file ${word.slice(1)}.`))
    keys.push(...text.split('\n').filter((line) => line.trim() !== ''))
  }
  return ok(keys)
}

async function wantedOf(context: Context): Promise<Result<DeploymentAsked, CliFailure>> {
  const { options, ports } = context
  const count = numberOption(context, 'count', { min: 1, max: 1000, otherwise: 1 })
  if (!count.ok) return count
  const labels = labelsOf(context)
  if (!labels.ok) return labels
  const sshKeys = await sshKeysOf(context)
  if (!sshKeys.ok) return sshKeys
  const spread = options.text('spread') ?? 'pack'
  if (spread !== 'pack' && spread !== 'site') {
    return err(failure(EXIT.usage, `--spread is '${spread}'; site or pack`))
  }
  const userDataPath = options.text('user-data')
  const userData = userDataPath === undefined ? '' : await ports.files.readText(userDataPath)
  if (userData === undefined) return err(failure(EXIT.usage, `There is no file ${userDataPath}.`))
  const network = await networkOf(context)
  if (!network.ok) return network
  const name = options.text('name')
  const hostname = options.text('hostname')
  const model = options.text('model')
  const sites = [...options.texts('site')]
  const sleds = [...options.texts('sled')]
  return ok({
    image: options.text('image') ?? '',
    count: count.value,
    ...(name === undefined ? {} : { name }),
    ...(hostname === undefined ? {} : { hostname }),
    userData,
    sshKeys: sshKeys.value,
    ...(network.value === undefined ? {} : { network: network.value }),
    constraints: {
      ...(sites.length === 0 ? {} : { sites }),
      ...(sleds.length === 0 ? {} : { sleds }),
      ...(Object.keys(labels.value).length === 0 ? {} : { labels: labels.value }),
      ...(model === undefined ? {} : { model }),
      spread,
    },
  })
}

export const deployCreate: Action = async (context) => {
  const wanted = await wantedOf(context)
  if (!wanted.ok) return wanted
  if (context.options.flag('preview')) {
    const preview = await ask(context.hub.deployments.preview(wanted.value))
    return preview.ok ? ok({ json: preview.value, text: previewText(preview.value) }) : preview
  }
  const made = await ask(context.hub.deployments.create(wanted.value, crypto.randomUUID()))
  if (!made.ok) return made
  if (made.value.state === 'refused') return shown(made.value)
  context.say(`${made.value.name} (${made.value.id}): ${made.value.placement.summary}`)
  if (!context.options.flag('wait')) return shown(made.value)
  const after = await waitForDeployment(context, made.value.id, 'in-use')
  return after.ok ? shown(after.value) : after
}

export const deployRelease: Action = async (context) => {
  const id = context.args[0] ?? ''
  const found = await ask(context.hub.deployments.get(id))
  if (!found.ok) return found
  const sleds = found.value.assignments.filter(({ state }) => state !== 'released').length
  const question = `Release of ${found.value.name} wipes the disks of ${sleds} sleds. Do it?`
  const sure = await confirmed(context, question)
  if (!sure.ok) return sure
  const released = await ask(context.hub.deployments.release(id))
  if (!released.ok) return released
  if (!context.options.flag('wait')) return shown(released.value)
  const after = await waitForDeployment(context, id, 'released')
  return after.ok ? shown(after.value) : after
}
