import { type ChildProcess, execFileSync, spawn } from 'node:child_process'
import { writeFileSync } from 'node:fs'
import { join } from 'node:path'

/** Addresses of the rig. They exist only inside its own network namespace. */
export const RIG = {
  bridge: 'br0',
  agentAddress: '10.98.0.1',
  netmask: '255.255.255.0',
  subnet: '10.98.0.0/24',
  poolFirst: '10.98.0.50',
  poolLast: '10.98.0.99',
} as const

const ip = (...args: string[]): void => void execFileSync('ip', args, { stdio: 'inherit' })

/** A sled's end of its cable, and the segment at the other. */
export interface Cable {
  readonly tap: string
  readonly bridge?: string
}

/** The bridge, one tap per sled, and the agent's address. Runs inside the namespace. */
export function layNetwork(cables: readonly Cable[]): void {
  ip('link', 'set', 'lo', 'up')
  ip('link', 'add', RIG.bridge, 'type', 'bridge', 'forward_delay', '0')
  ip('addr', 'add', `${RIG.agentAddress}/24`, 'dev', RIG.bridge)
  ip('addr', 'add', 'fd00:98::1/64', 'dev', RIG.bridge, 'nodad')
  ip('link', 'set', RIG.bridge, 'up')
  for (const { tap, bridge = RIG.bridge } of cables) {
    ip('tuntap', 'add', tap, 'mode', 'tap')
    ip('link', 'set', tap, 'master', bridge, 'up')
  }
}

/** Adds an address for a BMC. */
export const addAddress = (address: string): void =>
  ip('addr', 'add', `${address}/24`, 'dev', RIG.bridge)

/**
 * The floor's router advertisements, every few seconds: without one iPXE waits 13 s for it before it
 * fetches its script by IPv4. Ours come from the agent.
 */
export function startRouterAdvertisements(folder: string): ChildProcess {
  const file = join(folder, 'radvd.conf')
  writeFileSync(
    file,
    `interface ${RIG.bridge} { AdvSendAdvert on; MinRtrAdvInterval 3; MaxRtrAdvInterval 4;\n` +
      '  AdvDefaultLifetime 0; prefix fd00:98::/64 { AdvOnLink on; AdvAutonomous on; }; };\n',
    { mode: 0o644 },
  )
  const args = ['-n', '-C', file, '-p', join(folder, 'radvd.pid'), '-m', 'stderr', '-u', 'root']
  return spawn('radvd', args, { stdio: 'ignore' })
}
