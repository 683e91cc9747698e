import type { NetworkRequest } from '@brickyard/api/network-schemas'
import { err, ok, type Result } from '@brickyard/std/result'
import { parse } from 'yaml'
import type { Context } from '../context.ts'
import { EXIT, failure, type CliFailure } from '../exit-codes.ts'
import { NO_NETWORK, simpleNetwork, type SimpleNetwork } from '../network-wish.ts'

/** The network that the options ask for: a file, or the flags of the usual ones. */
export async function networkOf({
  options,
  ports,
}: Context): Promise<Result<NetworkRequest | undefined, CliFailure>> {
  const said: SimpleNetwork = {
    ...NO_NETWORK,
    bond: options.text('bond') ?? '',
    vlan: options.text('vlan') ?? '',
    subnet: options.text('subnet') ?? '',
    addresses: [...options.texts('address')],
    gateway: options.text('gateway') ?? '',
    nameservers: [...options.texts('nameserver')],
  }
  const simple = simpleNetwork(said)
  if (!simple.ok) return err(failure(EXIT.usage, simple.error))
  const path = options.text('network')
  if (path === undefined) return simple
  if (simple.value !== undefined) {
    return err(failure(EXIT.usage, '--network says it all; leave the other flags of it out.'))
  }
  const text = await ports.files.readText(path)
  if (text === undefined) return err(failure(EXIT.usage, `There is no file ${path}.`))
  try {
    // The hub checks it and names every problem by its field.
    return ok(parse(text) as NetworkRequest)
  } catch (error) {
    return err(failure(EXIT.usage, `${path} is no YAML: ${String(error)}`))
  }
}
