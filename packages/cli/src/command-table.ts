/**
 * Every command of `yard` as data: the command line is built from it, and so are the "equivalent
 * command" lines of the console. It imports nothing, so that a browser can carry it.
 */
export interface OptionRow {
  /** Long name without dashes. */
  readonly name: string
  /** Name of its value; a switch has none. */
  readonly value?: string
  readonly repeatable?: boolean
  readonly required?: boolean
  readonly says: string
}

export interface CommandRow {
  readonly says: string
  /** Positional arguments in order, upper case as the help shows them. */
  readonly args: readonly string[]
  readonly options: readonly OptionRow[]
}

const WAIT: readonly OptionRow[] = [
  { name: 'wait', says: 'wait until it is done' },
  { name: 'timeout', value: 'TIME', says: 'longest wait, e.g. 90s, 10m, 1h (default 30m)' },
]
const LIMIT: OptionRow = { name: 'limit', value: 'ROWS', says: 'rows at most (default 50)' }
const SITE: OptionRow = { name: 'site', value: 'SITE', says: 'only of this site' }
const SLED: OptionRow = { name: 'sled', value: 'SLED', says: 'only of this sled' }
const YES: OptionRow = { name: 'yes', says: 'do not ask' }

export const COMMANDS = {
  login: {
    says: 'sign in and keep the token',
    args: ['[HUB]'],
    options: [{ name: 'user', value: 'USER', says: 'who you are; asked for when left out' }],
  },
  logout: { says: 'forget the token', args: [], options: [] },
  'site list': { says: 'all sites', args: [], options: [] },
  'site get': { says: 'one site', args: ['SITE'], options: [] },
  'site create': {
    says: 'declare a site',
    args: ['SITE'],
    options: [
      { name: 'display-name', value: 'TEXT', says: 'name for people' },
      { name: 'owner', value: 'OWNER', says: 'who owns the place' },
      { name: 'latitude', value: 'DEGREES', says: 'north is positive' },
      { name: 'longitude', value: 'DEGREES', says: 'east is positive' },
    ],
  },
  'site enrol-token': { says: 'one-time token for the agent', args: ['SITE'], options: [] },
  'rack put': {
    says: 'declare the rack of a site',
    args: ['SITE', 'FILE'],
    options: [YES],
  },
  'sled list': {
    says: 'sleds, of one site or of all',
    args: [],
    options: [SITE, { name: 'state', value: 'STATE', says: 'only in this state' }],
  },
  'sled get': { says: 'one sled', args: ['SLED'], options: [] },
  'sled console': {
    says: 'its serial console here (~? for help); typed and printed, all is on record',
    args: ['SLED'],
    options: [
      { name: 'read-only', says: 'only look' },
      { name: 'take', says: 'take the keyboard, also from somebody else' },
      { name: 'tail', value: 'BYTES', says: 'of what was printed before (default 4096)' },
      { name: 'for', value: 'TIME', says: 'leave after this time, e.g. 90s, 10m, 1h' },
    ],
  },
  'sled power': {
    says: 'on, off, soft, cycle or reset',
    args: ['SLED', 'VERB'],
    options: [
      {
        name: 'via',
        value: 'WAY',
        says: 'bmc, or feed: by the outlets that feed it (on, off, cycle), where its BMC is dead',
      },
      YES,
      ...WAIT,
    ],
  },
  'sled identify': {
    says: 'light its LED',
    args: ['SLED'],
    options: [{ name: 'seconds', value: 'SECONDS', says: '0 turns it off (default 60)' }, ...WAIT],
  },
  'sled inspect': { says: 'read what it is made of', args: ['SLED'], options: WAIT },
  'sled recover': { says: 'bring it back from a setback', args: ['SLED'], options: [...WAIT] },
  'sled import': {
    says: 'read a CSV list of sleds (name, slot, serial, bmc_mac, user, password …) into a rack',
    args: ['SITE', 'FILE'],
    options: [
      { name: 'dry-run', says: 'only show what would change' },
      { name: 'sealing-key', value: 'ID', says: 'only to this key, as the appliance shows it' },
      YES,
      WAIT[1] as OptionRow,
    ],
  },
  'sled rotate-credentials': {
    says: 'give its BMC a new login and retire the old one',
    args: ['SLED'],
    options: [YES, ...WAIT],
  },
  'sled recovery-secret': {
    says: 'the last logins of its BMC, sealed to the recovery key of its site',
    args: ['SLED'],
    options: [{ name: 'key', value: 'FILE', says: 'open them here with this private key' }],
  },
  'recovery new-key': {
    says: 'make a recovery key here; its private half goes into FILE and never to a hub',
    args: ['FILE'],
    options: [],
  },
  'recovery open': {
    says: 'open what yard sled recovery-secret -o json wrote, without any hub',
    args: ['FILE'],
    options: [{ name: 'key', value: 'FILE', required: true, says: 'the private key' }],
  },
  'sled release-adoption': {
    says: 'give a sled that ran before us to us: it is inspected next',
    args: ['SLED'],
    options: [YES, ...WAIT],
  },
  'sled restart-bmc': {
    says: 'restart its BMC, at most once an hour; the sled runs on',
    args: ['SLED'],
    options: WAIT,
  },
  'sled sensors': {
    says: 'what its BMC measures, and how reliable it is',
    args: ['SLED'],
    options: [],
  },
  'sled findings': {
    says: 'what is open on its BMC, and its settings',
    args: ['SLED'],
    options: [],
  },
  'sled log': { says: 'the event log of its BMC', args: ['SLED'], options: [LIMIT] },
  'console-record list': { says: 'records of its console', args: ['SLED'], options: [] },
  'console-record get': {
    says: 'what was printed and typed, passwords too',
    args: ['RECORD'],
    options: [],
  },
  'netboot trace': {
    says: 'how a sled, another MAC of a site, or every unknown machine there booted',
    args: ['MACHINE'],
    options: [
      { name: 'boot', value: 'NUMBER', says: 'which boot to tell in full (default 1, the newest)' },
    ],
  },
  'netboot preview': {
    says: 'what a site would answer to each declared machine and to an unknown one',
    args: ['SITE'],
    options: [
      {
        name: 'mode',
        value: 'MODE',
        says: 'as if its networks were listen-only, authoritative, proxy or relayed',
      },
    ],
  },
  'netboot mode': {
    says: 'have a site answer on a network, or only listen; shows first what it would answer',
    args: ['SITE', 'NETWORK', 'MODE'],
    options: [YES],
  },
  'image list': { says: 'images of the hub', args: [], options: [] },
  'image add': {
    says: 'declare an image and upload it',
    args: ['FILE'],
    options: [
      { name: 'name', value: 'NAME', says: 'name (default: of the file)' },
      { name: 'arch', value: 'ARCH', says: 'x86_64 or aarch64 (default x86_64)' },
      { name: 'firmware', value: 'MODE', repeatable: true, says: 'bios, uefi (default both)' },
      { name: 'seed', value: 'SEED', says: 'nocloud or none (default nocloud)' },
      { name: 'min-disk', value: 'BYTES', says: 'smallest disk (default: the raw size)' },
      { name: 'sector', value: 'BYTES', says: '512 or 4096 (default 512)' },
      { name: 'secure-boot', says: 'it boots with Secure Boot on' },
    ],
  },
  'deploy list': { says: 'deployments', args: [], options: [] },
  'deploy get': { says: 'one deployment with its reasons', args: ['DEPLOYMENT'], options: [] },
  'deploy create': {
    says: 'ask for sleds that run an image',
    args: [],
    options: [
      { name: 'image', value: 'IMAGE', required: true, says: 'name or SHA-256' },
      { name: 'count', value: 'N', says: 'number of sleds (default 1)' },
      { name: 'name', value: 'NAME', says: 'name of the deployment' },
      { name: 'site', value: 'SITE', repeatable: true, says: 'only at these sites' },
      { name: 'sled', value: 'SLED', repeatable: true, says: 'only on these sleds' },
      { name: 'label', value: 'KEY=VALUE', repeatable: true, says: 'only with this label' },
      { name: 'model', value: 'MODEL', says: 'only of this model' },
      { name: 'spread', value: 'HOW', says: 'site or pack (default pack)' },
      { name: 'hostname', value: 'TEXT', says: '{n} is the number (default sled-{n})' },
      { name: 'ssh-key', value: 'KEY', repeatable: true, says: 'public key, or @FILE' },
      { name: 'user-data', value: 'FILE', says: 'cloud-init user data' },
      { name: 'bond', value: 'MODE', says: 'join the first two NICs; 802.3ad is LACP' },
      { name: 'vlan', value: 'ID', says: 'network of the addresses; untagged stays DHCP' },
      { name: 'subnet', value: 'CIDR', says: 'of the addresses, e.g. 10.1.0.0/24' },
      {
        name: 'address',
        value: 'RANGE',
        repeatable: true,
        says: 'one for each sled in order, e.g. 10.1.0.10-10.1.0.19 (default: DHCP)',
      },
      { name: 'gateway', value: 'ADDRESS', says: 'default way out of the subnet' },
      { name: 'nameserver', value: 'ADDRESS', repeatable: true, says: 'whom to ask for names' },
      { name: 'network', value: 'FILE', says: 'any other network, in YAML, in place of these' },
      { name: 'preview', says: 'say what it would get, and ask for nothing' },
      ...WAIT,
    ],
  },
  'deploy release': {
    says: 'wipe its sleds and give them back',
    args: ['DEPLOYMENT'],
    options: [YES, ...WAIT],
  },
  'operation list': { says: 'newest operations', args: [], options: [SITE, SLED, LIMIT] },
  'operation get': { says: 'one operation with its steps', args: ['OPERATION'], options: [] },
  'operation watch': {
    says: 'follow an operation to its end',
    args: ['OPERATION'],
    options: [WAIT[1] as OptionRow],
  },
  events: {
    says: 'newest events',
    args: [],
    options: [SITE, SLED, { name: 'kind', value: 'KIND', says: 'only of this kind' }, LIMIT],
  },
} as const satisfies Readonly<Record<string, CommandRow>>

export type CommandName = keyof typeof COMMANDS

/** Letters that need no quotes in a shell. */
const PLAIN = /^[A-Za-z0-9_@%+=:,./-]+$/

const quoted = (text: string): string =>
  PLAIN.test(text) ? text : `'${text.replaceAll("'", `'\\''`)}'`

export type OptionValues = Readonly<Record<string, string | number | boolean | readonly string[]>>

/**
 * The command as it would be typed. Options stand in the order of the table; an option the table
 * does not have is a mistake of the caller and throws.
 */
export function commandText(
  name: CommandName,
  args: readonly string[],
  options: OptionValues = {},
): string {
  const row: CommandRow = COMMANDS[name]
  const stray = Object.keys(options).find((key) => !row.options.some((each) => each.name === key))
  if (stray !== undefined) throw new Error(`yard ${name} has no option --${stray}`)
  if (args.length > row.args.length) throw new Error(`yard ${name} takes ${row.args.length} words`)
  const words = ['yard', ...name.split(' '), ...args.map(quoted)]
  for (const option of row.options) {
    const value = options[option.name]
    if (value === undefined || value === false || value === '') continue
    if (value === true) words.push(`--${option.name}`)
    else if (typeof value === 'object') {
      for (const each of value) words.push(`--${option.name}`, quoted(each))
    } else words.push(`--${option.name}`, quoted(String(value)))
  }
  return words.join(' ')
}
