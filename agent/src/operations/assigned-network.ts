import type { SledDeclaration } from '@brickyard/model/rack'
import { networkConfig } from '@brickyard/netboot/network-config'
import type { Assignment } from '@brickyard/protocol/assignment'
import { ok, type Result } from '@brickyard/std/result'

/**
 * The `network-config` that an assignment asks for on its sled; undefined where it asks for none. An
 * error says what of it this sled cannot have.
 */
export const assignedNetwork = (
  { network }: Pick<Assignment, 'network'>,
  { macs }: Pick<SledDeclaration, 'macs'>,
): Result<string | undefined> =>
  network === undefined ? ok(undefined) : networkConfig(network, { index: 0, macs })

/** The bond that an assignment makes by LACP: its switch ports are a port channel, or should be. */
export function lacpBond(
  assignment: Pick<Assignment, 'network'> | null | undefined,
): { readonly bond: string; readonly nics: readonly string[] } | undefined {
  const bond = assignment?.network?.bonds.find(({ mode }) => mode === '802.3ad')
  return bond && { bond: bond.name, nics: bond.members }
}
