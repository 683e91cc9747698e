import { STORM_SLEDS, stormMac } from './boot-storm-rack.ts'

/** dnsmasq for the same site: the same reservations, no ping before an offer, nothing else to do. */
export const stormDnsmasq = (device: string, leaseFile: string): string[] => [
  '--no-daemon',
  '--conf-file=/dev/null',
  '--user=root',
  '--port=0',
  `--interface=${device}`,
  '--bind-interfaces',
  '--no-ping',
  // Without a line for every packet, which costs it time and fills a pipe that nobody reads meanwhile.
  '--quiet-dhcp',
  '--dhcp-authoritative',
  // Without a boot file firmware would wait 4 s for a proxy's.
  '--dhcp-boot=snponly.efi',
  `--dhcp-leasefile=${leaseFile}`,
  '--dhcp-range=10.10.0.200,10.10.0.250,255.255.255.0,10m',
  ...Array.from(
    { length: STORM_SLEDS },
    (_, n) => `--dhcp-host=${stormMac(n + 1)},10.10.0.${101 + n}`,
  ),
]
