import { readFileSync } from 'node:fs'
import { Minutes } from '@brickyard/std/units'
import { claimBoot } from './boot-report.ts'
import { type Checks, until } from './checks.ts'
import { FAR, SHARED, startAddressServer, startRelay, theirLeases } from './path-network.ts'
import { lateSled, type Rig } from './rig.ts'
import { RIG } from './rig-network.ts'
import { PROXY_SLED, RELAY_SLED, type RigSled } from './rig-sleds.ts'
import { answered, type RigSite, SITE } from './site.ts'

const INSPECT_LIMIT_MS = Minutes(10)

const BEHIND_RELAY = {
  name: 'behind-relay',
  role: 'provisioning',
  mode: 'relayed',
  subnet: FAR.subnet,
  agentAddress: RIG.agentAddress,
  interface: RIG.bridge,
  pool: { first: FAR.poolFirst, last: FAR.poolLast },
  router: FAR.relayAddress,
}

const BESIDE_ANOTHER = {
  name: 'beside-another',
  role: 'provisioning',
  mode: 'proxy',
  subnet: SHARED.subnet,
  agentAddress: SHARED.agentAddress,
  interface: SHARED.bridge,
  pool: { first: SHARED.poolFirst, last: SHARED.poolLast },
  routerAdvertisement: 'empty',
}

/**
 * A sled whose segment only dnsmasq's relay reaches: address, loader by TFTP, script, kernel and claim
 * all cross a router.
 */
export async function claimRelayHop(rig: Rig, site: RigSite, checks: Checks): Promise<void> {
  const relay = await startRelay()
  try {
    await claimInspected(rig, site, checks, RELAY_SLED, [BEHIND_RELAY], 'behind a relay')
  } finally {
    relay.close()
  }
}

/** A sled that gets its address from a plain dnsmasq, and from the agent as proxy what to boot. */
export async function claimProxy(rig: Rig, site: RigSite, checks: Checks): Promise<void> {
  const server = await startAddressServer(rig.folder)
  try {
    const where = 'beside another DHCP server'
    await claimInspected(rig, site, checks, PROXY_SLED, [BESIDE_ANOTHER], where)
    const leases = readFileSync(theirLeases(rig.folder), 'utf8')
    const theirs = leases.includes(PROXY_SLED.mac)
    checks.claim(`${PROXY_SLED.name}: its address is the other server’s`, theirs, leases.trim())
  } finally {
    server.close()
  }
}

/** The sled alone beside the rack's own, until its installer has claimed, reported and gone. */
async function claimInspected(
  rig: Rig,
  site: RigSite,
  checks: Checks,
  sled: RigSled,
  networks: readonly object[],
  where: string,
): Promise<void> {
  const startMs = Date.now()
  await site.declare([...rig.rackSleds, sled], networks)
  let standing = ''
  await until(
    INSPECT_LIMIT_MS,
    `${sled.name} is ready`,
    async () => {
      const { items } = await answered(site.client.sleds.list({ site: SITE }))
      const seen = items.find(({ name }) => name === sled.name)
      standing = `it is ${seen?.state}: ${seen?.stateReason}`
      if (seen?.state === 'failed') throw new Error(standing)
      return seen?.state === 'ready' ? true : undefined
    },
    () => standing,
  )
  const took = `${((Date.now() - startMs) / 1000).toFixed(1)} s`
  checks.claim(`${sled.name}: inspected ${where}`, true, took)
  await claimBoot(site, checks, lateSled(rig, sled))
}
