import type { Sled } from '@brickyard/api/schemas'
import type { PowerVerb } from '@brickyard/model/operation'

/** A verb as people read it: in the menu, and before it is confirmed. */
export interface VerbSaid {
  readonly title: string
  readonly note: string
  /** What it does, before the button. */
  readonly effect: string
  /** Cuts a running system off: confirmed by typing. */
  readonly hard: boolean
}

export const POWER_VERBS_SAID: readonly (VerbSaid & { readonly verb: PowerVerb })[] = [
  {
    verb: 'on',
    title: 'Power on',
    note: 'boots its disk first',
    effect: 'The sled is switched on and boots from its disk.',
    hard: false,
  },
  {
    verb: 'soft',
    title: 'Shut down',
    note: 'asks the operating system',
    effect: 'The operating system is asked to shut down. It may take its time, or not listen.',
    hard: false,
  },
  {
    verb: 'cycle',
    title: 'Power cycle',
    note: 'off, then on; no shutdown',
    effect: 'Power is cut and given again. What is not on disk is lost.',
    hard: true,
  },
  {
    verb: 'reset',
    title: 'Reset',
    note: 'restarts at once; no shutdown',
    effect: 'The processor is reset at once. What is not on disk is lost.',
    hard: true,
  },
  {
    verb: 'off',
    title: 'Power off',
    note: 'cuts power; no shutdown',
    effect: 'Power is cut at once. What is not on disk is lost.',
    hard: true,
  },
]

export const INSPECT: VerbSaid = {
  title: 'Inspect',
  note: 'boots the installer once; disks stay',
  effect:
    'The sled is booted once into the installer, which reads what it is made of, and is powered off. Its disks are not written.',
  hard: false,
}

export const RECOVER: VerbSaid = {
  title: 'Recover',
  note: 'back to ready, by a fresh inspection',
  effect: 'The sled is inspected anew; when that goes well it is ready again.',
  hard: false,
}

export const RESTART_BMC: VerbSaid = {
  title: 'Restart the BMC',
  note: 'the sled runs on; once an hour at most',
  effect:
    'The BMC is restarted and waited for, which takes some minutes; until then nobody can look at the sled or switch it. The sled itself runs on.',
  hard: false,
}

export const RELEASE_ADOPTION: VerbSaid = {
  title: 'Release adoption',
  note: 'gives it to us; what runs on it stops',
  effect:
    'The sled ran before us and was only watched. Released, it is booted into the installer to be inspected, which stops what runs on it; from then on it is powered, installed and wiped like any other.',
  hard: true,
}

export const CHANGE_LOGIN: VerbSaid = {
  title: 'Change BMC login',
  note: 'a new account and password',
  effect:
    'The BMC gets a second account with a new password. Once that was proven, the present one is switched off. Nothing on the sled stops. It waits until this hub keeps the new login, sealed to the recovery key.',
  hard: false,
}

/** Letters of a serial that a person types: enough to tell neighbours apart. */
const SERIAL_TYPED = 6

/** What is typed to confirm a hard verb: the end of the serial, or the name while none is known. */
export const shortSerial = (sled: Sled): { text: string; what: string } =>
  sled.serial === null || sled.serial.length < 4
    ? { text: sled.name, what: 'the name' }
    : { text: sled.serial.slice(-SERIAL_TYPED), what: 'the end of its serial' }
