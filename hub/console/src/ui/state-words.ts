import type { Assignment, Deployment, Operation, Site, Sled } from '@brickyard/api/schemas'
import type { BootState, BootTone } from '@brickyard/model/boot-attempt'
import type { OperationKind } from '@brickyard/model/operation'
import type { SledState } from '@brickyard/model/sled-lifecycle'
import type { Shape } from './Mark.tsx'
import type { Tone } from './tone.ts'

/** How a state is said: a word, a shape and a tone, so that none of the three is needed alone. */
export interface Said {
  readonly word: string
  readonly shape: Shape
  readonly tone: Tone
}

export const SLED_SAID: Readonly<Record<SledState, Said>> = {
  seen: { word: 'seen', shape: 'dots', tone: 'rest' },
  discovered: { word: 'discovered', shape: 'dots', tone: 'rest' },
  inspected: { word: 'inspected', shape: 'ring', tone: 'rest' },
  ready: { word: 'ready', shape: 'check', tone: 'rest' },
  reserved: { word: 'reserved', shape: 'half', tone: 'busy' },
  provisioning: { word: 'provisioning', shape: 'half', tone: 'busy' },
  'in-use': { word: 'in use', shape: 'disc', tone: 'good' },
  releasing: { word: 'releasing', shape: 'half', tone: 'busy' },
  held: { word: 'held', shape: 'pause', tone: 'warn' },
  quarantined: { word: 'quarantined', shape: 'diamond', tone: 'bad' },
  missing: { word: 'missing', shape: 'gap', tone: 'warn' },
  failed: { word: 'failed', shape: 'cross', tone: 'bad' },
  adopted: { word: 'adopted', shape: 'square', tone: 'alien' },
  'removed-unwiped': { word: 'removed unwiped', shape: 'struck', tone: 'bad' },
}

export const LINK_SAID: Readonly<Record<Site['link'], Said>> = {
  connected: { word: 'connected', shape: 'disc', tone: 'good' },
  away: { word: 'away', shape: 'gap', tone: 'warn' },
  'never-seen': { word: 'never seen', shape: 'dots', tone: 'rest' },
}

export const POWER_SAID: Readonly<Record<Sled['power'], Said>> = {
  on: { word: 'on', shape: 'disc', tone: 'good' },
  off: { word: 'off', shape: 'ring', tone: 'rest' },
  unknown: { word: 'unknown', shape: 'gap', tone: 'rest' },
}

export const DEPLOYMENT_SAID: Readonly<Record<Deployment['state'], Said>> = {
  refused: { word: 'refused', shape: 'diamond', tone: 'warn' },
  provisioning: { word: 'provisioning', shape: 'half', tone: 'busy' },
  'in-use': { word: 'in use', shape: 'disc', tone: 'good' },
  releasing: { word: 'releasing', shape: 'half', tone: 'busy' },
  released: { word: 'released', shape: 'ring', tone: 'rest' },
  failed: { word: 'failed', shape: 'cross', tone: 'bad' },
}

export const ASSIGNMENT_SAID: Readonly<Record<Assignment['state'], Said>> = {
  assigned: { word: 'assigned', shape: 'ring', tone: 'busy' },
  provisioning: { word: 'provisioning', shape: 'half', tone: 'busy' },
  'in-use': { word: 'in use', shape: 'disc', tone: 'good' },
  releasing: { word: 'releasing', shape: 'half', tone: 'busy' },
  released: { word: 'released', shape: 'ring', tone: 'rest' },
  failed: { word: 'failed', shape: 'cross', tone: 'bad' },
}

export const OPERATION_SAID: Readonly<Record<Operation['state'], Said>> = {
  waiting: { word: 'waiting', shape: 'ring', tone: 'busy' },
  running: { word: 'running', shape: 'half', tone: 'busy' },
  done: { word: 'done', shape: 'check', tone: 'good' },
  failed: { word: 'failed', shape: 'cross', tone: 'bad' },
  cancelled: { word: 'cancelled', shape: 'struck', tone: 'rest' },
}

export const BOOT_SAID: Readonly<Record<BootState, Said>> = {
  going: { word: 'under way', shape: 'half', tone: 'busy' },
  done: { word: 'done', shape: 'check', tone: 'good' },
  stopped: { word: 'stopped', shape: 'cross', tone: 'bad' },
  refused: { word: 'refused', shape: 'diamond', tone: 'warn' },
  unanswered: { word: 'not answered', shape: 'gap', tone: 'warn' },
}

/** A plain line needs no word. */
export const BOOT_LINE_SAID: Readonly<Record<BootTone, Said>> = {
  plain: { word: '', shape: 'ring', tone: 'rest' },
  good: { word: 'good', shape: 'check', tone: 'good' },
  warning: { word: 'worth a look', shape: 'triangle', tone: 'warn' },
  bad: { word: 'wrong', shape: 'cross', tone: 'bad' },
}

export const STEP_SAID: Readonly<Record<Operation['steps'][number]['state'], Said>> = {
  waiting: { word: 'waiting', shape: 'ring', tone: 'rest' },
  running: { word: 'running', shape: 'half', tone: 'busy' },
  done: { word: 'done', shape: 'check', tone: 'good' },
  failed: { word: 'failed', shape: 'cross', tone: 'bad' },
  skipped: { word: 'skipped', shape: 'struck', tone: 'rest' },
}

export const VERDICT_SAID: Readonly<Record<Sled['firmware'][number]['verdict'], Said>> = {
  compliant: { word: 'compliant', shape: 'check', tone: 'good' },
  behind: { word: 'behind', shape: 'triangle', tone: 'warn' },
  unknown: { word: 'unknown', shape: 'gap', tone: 'rest' },
}

export const GRADE_SAID: Readonly<Record<Sled['placeGrade'], Said>> = {
  confirmed: { word: 'confirmed', shape: 'check', tone: 'good' },
  probable: { word: 'probable', shape: 'half', tone: 'rest' },
  declared: { word: 'declared only', shape: 'ring', tone: 'rest' },
  conflicting: { word: 'conflicting', shape: 'diamond', tone: 'bad' },
  unknown: { word: 'unknown', shape: 'gap', tone: 'rest' },
}

/** What an operation is called while it runs, as a heading. */
export const OPERATION_TITLE: Readonly<Record<OperationKind, string>> = {
  inspect: 'Inspect',
  provision: 'Provision',
  release: 'Release',
  power: 'Power',
  identify: 'Identify',
  'rotate-credentials': 'BMC login',
  'restart-bmc': 'BMC restart',
  'regain-bmc': 'BMC login made anew',
}
