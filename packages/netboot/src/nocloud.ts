import type { Mac } from '@brickyard/model/mac'

/** What an installed OS is told at its first boot. */
export interface SeedAssignment {
  /** New for every deployment of a sled: cloud-init runs its first boot once per instance id. */
  readonly instanceId: string
  readonly hostname: string
  readonly sshKeys: readonly string[]
  /** The tenant's own cloud-init user-data, passed on untouched. */
  readonly userData: string | undefined
  /** Where the OS says that it is up: `http://HOST:PORT/phone-home/<token>`. */
  readonly phoneHomeUrl: string
  /** NICs to configure by DHCP. */
  readonly macs: readonly Mac[]
  /** In place of that, what `networkConfig` made of the deployment's wish. */
  readonly networkConfig?: string | undefined
}

export const SEED_FILES = ['meta-data', 'user-data', 'vendor-data', 'network-config'] as const
export type SeedFile = (typeof SEED_FILES)[number]

/** Tries before the OS gives up calling home; cloud-init waits a second longer each time. */
const PHONE_HOME_TRIES = 20

/**
 * The four files of a NoCloud seed (cloud-init, "NoCloud data source"). They are YAML, of which
 * JSON is a part: JSON has no quoting surprises. `phone_home` goes into vendor-data, so that a
 * tenant's user-data stays the tenant's.
 */
export function noCloudSeed(assignment: SeedAssignment): Readonly<Record<SeedFile, string>> {
  const { instanceId, hostname, sshKeys, userData, phoneHomeUrl, macs } = assignment
  return {
    'meta-data': yaml({
      'instance-id': instanceId,
      'local-hostname': hostname,
      'public-keys': [...sshKeys],
    }),
    'user-data': userData ?? '#cloud-config\n{}\n',
    'vendor-data': `#cloud-config\n${yaml({
      phone_home: {
        url: phoneHomeUrl,
        post: ['instance_id', 'hostname', 'pub_key_ed25519'],
        tries: PHONE_HOME_TRIES,
      },
    })}`,
    'network-config': assignment.networkConfig ?? dhcpOnAll(macs),
  }
}

const dhcpOnAll = (macs: readonly Mac[]): string =>
  yaml({
    version: 2,
    ethernets: Object.fromEntries(
      macs.map((mac, index) => [
        `nic${index}`,
        // A sled without a cable in its second NIC must not wait for it.
        { match: { macaddress: mac }, dhcp4: true, optional: index > 0 },
      ]),
    ),
  })

const yaml = (value: object): string => `${JSON.stringify(value, null, 2)}\n`
