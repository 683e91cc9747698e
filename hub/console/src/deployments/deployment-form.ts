import type { DeploymentAsked } from '@brickyard/api/schemas'
import { simpleNetwork, type SimpleNetwork } from '@brickyard/cli/network-wish'
import { isName } from '@brickyard/model/names'
import { err, ok, type Result } from '@brickyard/std/result'

/** The form as typed: texts, read into a request once. */
export interface DeploymentForm {
  readonly name: string
  readonly count: string
  readonly image: string
  readonly sites: readonly string[]
  readonly model: string
  readonly labels: string
  readonly spread: 'site' | 'pack'
  readonly hostname: string
  readonly sshKeys: string
  readonly userData: string
  readonly network: NetworkForm
}

/** Texts of `SimpleNetwork`; lists are separated by spaces. */
export interface NetworkForm {
  readonly bond: string
  readonly vlan: string
  readonly addresses: string
  readonly subnet: string
  readonly gateway: string
  readonly nameservers: string
}

export const emptyForm = (site: string | undefined, image: string | undefined): DeploymentForm => ({
  name: '',
  count: '1',
  image: image ?? '',
  sites: site === undefined ? [] : [site],
  model: '',
  labels: '',
  spread: 'pack',
  hostname: 'sled-{n}',
  sshKeys: '',
  userData: '',
  network: { bond: '', vlan: '', addresses: '', subnet: '', gateway: '', nameservers: '' },
})

const words = (text: string, apart: RegExp): string[] =>
  text
    .split(apart)
    .map((each) => each.trim())
    .filter((each) => each !== '')

/** As typed; what belongs to addresses is left alone while there are none. */
export function networkSaid(form: NetworkForm): SimpleNetwork {
  const addresses = words(form.addresses, /[\s,]+/)
  const isFixed = addresses.length > 0
  return {
    bond: form.bond,
    vlan: form.vlan.trim(),
    addresses,
    subnet: isFixed ? form.subnet.trim() : '',
    gateway: isFixed ? form.gateway.trim() : '',
    nameservers: isFixed ? words(form.nameservers, /[\s,]+/) : [],
  }
}

export function readForm(form: DeploymentForm): Result<DeploymentAsked> {
  const count = Number(form.count)
  if (form.image === '') return err('Choose an image to see the command.')
  if (!Number.isInteger(count) || count < 1 || count > 1000) {
    return err(`'${form.count}' is no number of sleds; 1 to 1000 can be asked for.`)
  }
  if (form.name !== '' && !isName(form.name)) {
    return err(`'${form.name}' is no name; use a-z, 0-9 and '-'.`)
  }
  const labels: Record<string, string> = {}
  for (const word of words(form.labels, /[\s,]+/)) {
    const [key = '', value, ...more] = word.split('=')
    if (key === '' || value === undefined || more.length > 0) {
      return err(`'${word}' is no label; write key=value.`)
    }
    labels[key] = value
  }
  const network = simpleNetwork(networkSaid(form.network))
  if (!network.ok) return network
  return ok({
    ...(form.name === '' ? {} : { name: form.name }),
    count,
    image: form.image,
    constraints: {
      ...(form.sites.length === 0 ? {} : { sites: [...form.sites] }),
      ...(form.model.trim() === '' ? {} : { model: form.model.trim() }),
      ...(Object.keys(labels).length === 0 ? {} : { labels }),
      spread: form.spread,
    },
    hostname: form.hostname.trim() === '' ? 'sled-{n}' : form.hostname.trim(),
    sshKeys: words(form.sshKeys, /\n/),
    userData: form.userData,
    ...(network.value === undefined ? {} : { network: network.value }),
  })
}
