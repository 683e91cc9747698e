import type { Bmc } from '@brickyard/bmc/bmc'
import type { BmcFault } from '@brickyard/bmc/fault'
import { err, ok, type Result } from '@brickyard/std/result'

/** Sees that whoever is logged in as `user` may do everything here. */
export async function mayAdminister(bmc: Bmc, user: string): Promise<Result<void, BmcFault>> {
  const power = await bmc.power.read()
  if (!power.ok) return power
  const list = await bmc.accounts?.list()
  if (list?.ok !== true) {
    return list ?? err({ kind: 'refused', message: 'its driver lists no accounts' })
  }
  const own = list.value.find(({ name }) => name === user)
  return own?.privilege === 'administrator' && own.enabled
    ? ok(undefined)
    : err({ kind: 'refused', message: `${user} reads back as ${own?.privilege ?? 'nobody'}` })
}
