import type { Network } from '@brickyard/model/rack'

/**
 * Seconds between two advertisements that nobody asked for. A machine that comes up asks and is
 * answered at once; these are for one whose question was lost, as behind a switch port that is still
 * closed.
 */
const INTERVAL_SECONDS_MIN = 3
const INTERVAL_SECONDS_MAX = 10

/** Who is told that there is no IPv6 router here, or which prefix to use. */
export type AdvertisedNetwork = Pick<Network, 'interface' | 'mode' | 'routerAdvertisement'>

/**
 * radvd's configuration (radvd.conf(5)) for those networks that ask for advertisements; undefined
 * when none does. We are no router: the lifetime is 0 (RFC 4861 §4.2), so nobody sends us anything
 * to forward, and M and O are off, so nobody waits for DHCPv6. iPXE, which waits for an advertisement
 * before it goes on by IPv4, then goes on. A network that is only listened to hears nothing from us,
 * and one behind a relay is not on our wire.
 */
export function radvdConfig(networks: readonly AdvertisedNetwork[]): string | undefined {
  const sections = networks.flatMap((network) => {
    const { mode, routerAdvertisement: wish = 'none' } = network
    if (wish === 'none' || mode === 'listen-only' || mode === 'relayed') return []
    return [section(network.interface, wish === 'empty' ? undefined : wish.prefix)]
  })
  return sections.length === 0 ? undefined : sections.join('\n')
}

const section = (device: string, prefix: string | undefined): string =>
  [
    `interface ${device} {`,
    '  AdvSendAdvert on;',
    // A device that is not there yet is waited for.
    '  IgnoreIfMissing on;',
    `  MinRtrAdvInterval ${INTERVAL_SECONDS_MIN};`,
    `  MaxRtrAdvInterval ${INTERVAL_SECONDS_MAX};`,
    '  AdvDefaultLifetime 0;',
    // 0 says nothing; anything else radvd also tries to set on this machine.
    '  AdvCurHopLimit 0;',
    '  AdvManagedFlag off;',
    '  AdvOtherConfigFlag off;',
    ...(prefix === undefined
      ? []
      : [`  prefix ${prefix} {`, '    AdvOnLink on;', '    AdvAutonomous on;', '  };']),
    '};',
    '',
  ].join('\n')
