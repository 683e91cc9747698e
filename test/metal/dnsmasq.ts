import { type ChildProcess, spawn } from 'node:child_process'
import { mkdirSync, copyFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { RIG } from './rig-network.ts'

/**
 * dnsmasq as the floor's DHCP and TFTP server. Tuned: no ping before an offer, options 60 and 43
 * (PXE discovery control, RFC 4578 §2.4) together, so that firmware does not look further; router
 * advertisements come from radvd. Untuned: as a first configuration found on the web would be.
 */
export function startDnsmasq(folder: string, tuned: boolean): ChildProcess {
  const tftp = join(folder, 'tftp')
  mkdirSync(tftp, { recursive: true })
  copyFileSync('/usr/lib/ipxe/undionly.kpxe', join(tftp, 'undionly.kpxe'))
  copyFileSync('/usr/lib/ipxe/snponly.efi', join(tftp, 'snponly.efi'))
  const lines = [
    'port=0',
    `interface=${RIG.bridge}`,
    'bind-interfaces',
    'user=root',
    `dhcp-range=${RIG.poolFirst},${RIG.poolLast},${RIG.netmask},1h`,
    `dhcp-leasefile=${join(folder, 'dnsmasq.leases')}`,
    'dhcp-match=set:ipxe,175',
    'dhcp-match=set:efi64,option:client-arch,7',
    'dhcp-match=set:efi64,option:client-arch,9',
    'dhcp-boot=tag:!ipxe,tag:efi64,snponly.efi',
    'dhcp-boot=tag:!ipxe,tag:!efi64,undionly.kpxe',
    `dhcp-boot=tag:ipxe,http://${RIG.agentAddress}/boot.ipxe?mac=\${mac}`,
    'enable-tftp',
    `tftp-root=${tftp}`,
    ...(tuned ? TUNED : []),
  ]
  const file = join(folder, 'dnsmasq.conf')
  writeFileSync(file, `${lines.join('\n')}\n`)
  return spawn('dnsmasq', ['-k', '-C', file], { stdio: ['ignore', 'ignore', 'inherit'] })
}

const TUNED = [
  'no-ping',
  'dhcp-authoritative',
  'dhcp-option-force=60,PXEClient',
  'dhcp-option-force=43,06:01:08:ff',
] as const
