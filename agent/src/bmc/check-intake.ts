import type { Account } from '@brickyard/bmc/accounts'
import type { BmcExposure } from '@brickyard/bmc/exposure'
import type { BmcDeclaration, SledProfile } from '@brickyard/model/rack'
import type { BmcFinding, BmcSetting } from '@brickyard/protocol/events'

/** What a look over a BMC saw; undefined is what could not be seen. */
export interface Looked {
  readonly protocol: BmcDeclaration['protocol']
  /** The login in use is one that its maker ships. */
  readonly makersLogin: boolean
  readonly exposure: BmcExposure | undefined
  /** What the BMC answers to a session of cipher suite 0. */
  readonly cipherZero: 'taken' | 'refused' | 'silent'
  /** A Redfish service answers at its address. */
  readonly redfishThere: boolean
  readonly accounts: readonly Account[] | undefined
  /** How the key of its TLS certificate is known; only Redfish has one. */
  readonly pin: PinState | undefined
}

export type PinState =
  | { readonly kind: 'declared' }
  /** `isNew`: just now, so what is connected already is not held to it yet. */
  | { readonly kind: 'learned'; readonly spkiSha256: string; readonly isNew: boolean }
  | { readonly kind: 'changed'; readonly spkiSha256: string; readonly shown: string }
  | { readonly kind: 'none' }

/** Logins that makers ship, in lower case: who knows the model knows them. */
const MAKERS_LOGINS: readonly (readonly [user: string, password: string])[] = [
  ['admin', 'admin'],
  ['admin', 'password'],
  ['administrator', 'password'],
  ['administrator', 'administrator'],
  ['root', 'calvin'],
  ['root', '0penbmc'],
  ['root', 'superuser'],
  ['root', 'root'],
  ['root', 'changeme'],
  ['userid', 'passw0rd'],
  ['sysadmin', 'superuser'],
  ['qct.admin', 'qct.admin'],
  ['ipmiusr', 'test'],
]

/** True for a login that a maker ships, and for one whose password is its name or nothing. */
export const isMakersLogin = ({ user, password }: { user: string; password: string }): boolean => {
  const name = user.toLowerCase()
  const word = password.toLowerCase()
  if (word === '' || word === name) return true
  return MAKERS_LOGINS.some(([theirs, theirWord]) => theirs === name && theirWord === word)
}

export const KEY_CHANGED = 'key-changed'

/** Another key than the one a BMC is known by. */
export const keyChanged = ({
  spkiSha256,
  shown,
}: PinState & { readonly kind: 'changed' }): BmcFinding => ({
  id: KEY_CHANGED,
  severity: 'critical',
  text: `its key is ${shown}, not the one it is known by, ${spkiSha256.slice(0, 16)}…`,
  advice:
    'Somebody may stand between, or the BMC was replaced or set back. Nobody logs in there until the right key is declared as spkiSha256.',
})

/** What is open on a BMC, gravest first. */
export function checkExposure(looked: Looked): BmcFinding[] {
  const { exposure, accounts, pin } = looked
  const findings: BmcFinding[] = []
  const say = (
    id: string,
    severity: BmcFinding['severity'],
    text: string,
    advice: string,
  ): number => findings.push({ id, severity, text, advice })

  if (looked.cipherZero === 'taken') {
    const text = 'it takes IPMI sessions of cipher suite 0, which need no password'
    say('cipher-zero', 'critical', text, 'Switch cipher suite 0 off in its LAN settings.')
  } else if (exposure?.cipherZeroOffered === true) {
    const text = 'it lists cipher suite 0, which needs no password, although it refused one now'
    say('cipher-zero-listed', 'warning', text, 'Switch cipher suite 0 off in its LAN settings.')
  }
  if (pin?.kind === 'changed') findings.push(keyChanged(pin))
  if (looked.makersLogin) {
    const text = 'its login is one that its maker ships'
    say('makers-login', 'critical', text, 'Rotate its credentials.')
  }
  if (exposure?.anonymousLogins === true) {
    const text = 'it lets people in without a name and a password'
    say('anonymous-logins', 'critical', text, 'Switch anonymous logins off.')
  }
  const nameless = accounts?.filter(
    ({ name, enabled, privilege }) => name === '' && enabled && privilege !== 'none',
  )
  if (nameless !== undefined && nameless.length > 0) {
    const text = `account ${nameless.map(({ slot }) => slot).join(', ')} is open and has no name`
    say('nameless-account', 'critical', text, 'Disable the account without a name.')
  } else if (exposure?.nullUsers === true) {
    const text = 'it lets people in without a name'
    say('null-users', 'warning', text, 'Disable the account without a name.')
  }
  findings.push(...checkWays(looked))
  return findings
}

const SNMP_ADVICE = 'Switch SNMP off, or leave version 3 alone on.'

function checkWays({ protocol, exposure, redfishThere, cipherZero, pin }: Looked): BmcFinding[] {
  const findings: BmcFinding[] = []
  const say = (
    id: string,
    severity: BmcFinding['severity'],
    text: string,
    advice: string,
  ): number => findings.push({ id, severity, text, advice })
  const open = new Set(exposure?.open)
  if (protocol === 'ipmi' && redfishThere) {
    const text = 'it is spoken to by IPMI, and Redfish answers at the same address'
    say('ipmi-for-redfish', 'warning', text, 'Declare it with protocol redfish.')
  }
  if (protocol === 'redfish' && (open.has('ipmi') || cipherZero !== 'silent')) {
    const text = 'it listens by IPMI, which nobody here needs'
    say('ipmi-open', 'warning', text, 'Switch IPMI over LAN off.')
  }
  if (open.has('snmp-v1')) {
    const text = 'it answers SNMPv1, whose password is sent in the clear'
    say('snmp-v1', 'warning', text, SNMP_ADVICE)
  } else if (open.has('snmp-v2c')) {
    const text = 'it answers SNMPv2c, whose password is sent in the clear'
    say('snmp-v2c', 'info', text, SNMP_ADVICE)
  }
  if (open.has('telnet')) {
    say('telnet', 'warning', 'it listens by Telnet', 'Switch Telnet off.')
  }
  if (pin?.kind === 'none') {
    const text = 'nothing proves that it is the BMC: no key of it is known'
    say('unpinned', 'warning', text, 'Declare the key of its certificate.')
  }
  if (pin?.kind === 'learned') {
    const text = `its key was taken on trust at the first contact: ${pin.spkiSha256}`
    const advice = 'Compare it with the BMC’s own page and declare it as spkiSha256.'
    say('pin-on-trust', 'info', text, advice)
  }
  return findings
}

/** The settings that a site wants of a sled: those for its model, else those for every model. */
export const chooseProfile = (
  profiles: readonly SledProfile[] | undefined,
  models: readonly (string | null | undefined)[],
): SledProfile | undefined =>
  profiles?.find(({ model }) => model !== undefined && models.includes(model)) ??
  profiles?.find(({ model }) => model === undefined)

/** A setting as it was found, and what became of it. */
export function settingOf(
  name: string,
  { found, wanted }: { found: string | null; wanted: string | null },
  became?: { readonly state: BmcSetting['state']; readonly detail: string },
): BmcSetting {
  const base = { name, found, wanted }
  if (wanted === null) return { ...base, state: 'unknown', detail: null }
  if (found === wanted) return { ...base, state: 'as-wanted', detail: null }
  return { ...base, state: 'differs', detail: null, ...became }
}

/** A setting that was as wanted and is no more: somebody else changed it, or the BMC forgot it. */
export function withDrift(
  before: readonly BmcSetting[],
  now: readonly BmcSetting[],
): readonly BmcSetting[] {
  return now.map((setting) => {
    const held = before.find(({ name }) => name === setting.name)
    const wasWanted = held !== undefined && held.wanted === setting.wanted && DONE.has(held.state)
    if (!wasWanted || DONE_UNTOUCHED.has(setting.state)) return setting
    const drift = `it was '${setting.wanted}' when it was last looked at`
    return {
      ...setting,
      detail: setting.detail === null ? drift : `${drift}; ${setting.detail}`,
    }
  })
}

const DONE: ReadonlySet<BmcSetting['state']> = new Set(['as-wanted', 'set'])
const DONE_UNTOUCHED: ReadonlySet<BmcSetting['state']> = new Set(['as-wanted', 'unknown'])
