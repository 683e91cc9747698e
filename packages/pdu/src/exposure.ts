import type { Snmp, SnmpTarget } from '@brickyard/runtime/snmp'

/** `sysDescr`: every SNMP agent has it. */
const SYSTEM_DESCRIPTION = '1.3.6.1.2.1.1.1.0'
/** Communities that PDUs are shipped with. */
const SHIPPED_COMMUNITIES = ['public', 'private', 'apc', 'write']

/**
 * What is unsafe about how a PDU lets people in, in words; empty when nothing was found. It is asked
 * by SNMPv1 whether it speaks it, with our own community or, beside SNMPv3, with the shipped ones.
 */
export async function findPduExposure(snmp: Snmp, target: SnmpTarget): Promise<readonly string[]> {
  const { access } = target
  const community = access.version === 'v3' ? undefined : access.community
  const answers = async (version: 'v1' | 'v2c', word: string): Promise<boolean> =>
    (await snmp.get({ ...target, access: { version, community: word } }, [SYSTEM_DESCRIPTION])).ok
  const found: string[] = []
  if (access.version === 'v3' && access.privacy === undefined) {
    found.push('SNMPv3 without encryption: what is said can be read on the wire')
  }
  // Who knows none of them is silent for seconds each: all are asked at once.
  const asked = [
    ...(community === undefined
      ? []
      : [{ is: answers('v1', community), word: 'it answers SNMPv1' }]),
    ...SHIPPED_COMMUNITIES.map((word) =>
      word === community
        ? { is: Promise.resolve(true), word: `its community is the shipped one, '${word}'` }
        : { is: answers('v2c', word), word: `it answers the shipped community '${word}'` },
    ),
  ]
  for (const { is, word } of asked) if (await is) found.push(word)
  return found
}
