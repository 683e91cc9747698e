import { describe, expect, it } from 'vitest'
import { type AdvertisedNetwork, radvdConfig } from './radvd-config.ts'

const network = (more: Partial<AdvertisedNetwork>): AdvertisedNetwork => ({
  interface: 'eth1',
  mode: 'authoritative',
  routerAdvertisement: 'empty',
  ...more,
})

const EMPTY = `interface eth1 {
  AdvSendAdvert on;
  IgnoreIfMissing on;
  MinRtrAdvInterval 3;
  MaxRtrAdvInterval 10;
  AdvDefaultLifetime 0;
  AdvCurHopLimit 0;
  AdvManagedFlag off;
  AdvOtherConfigFlag off;
};
`

describe('radvd’s configuration', () => {
  it('advertises no router and no prefix', () => {
    expect(radvdConfig([network({})])).toBe(EMPTY)
  })

  it('advertises a prefix where one is given, each network by its own', () => {
    const given = network({ interface: 'eth2', routerAdvertisement: { prefix: 'fd00:98::/64' } })
    expect(radvdConfig([network({}), given])).toBe(
      `${EMPTY}\n${EMPTY.replace('eth1', 'eth2').replace(
        '};\n',
        '  prefix fd00:98::/64 {\n    AdvOnLink on;\n    AdvAutonomous on;\n  };\n};\n',
      )}`,
    )
  })

  it('is none where nobody asks, nobody may be spoken to, or the wire is not ours', () => {
    expect(
      radvdConfig([
        network({ routerAdvertisement: undefined }),
        network({ routerAdvertisement: 'none' }),
        network({ mode: 'listen-only' }),
        network({ mode: 'relayed' }),
      ]),
    ).toBeUndefined()
    expect(radvdConfig([network({ mode: 'proxy' })])).toBe(EMPTY)
  })
})
