import type { Attention, Deployment, Site, Sled } from '@brickyard/api/schemas'
import type { RackDocument } from '@brickyard/model/rack'
import { Days, Minutes } from '@brickyard/std/units'
import type { NoticeTable, WorkOrderTable } from '../store/tables.ts'

/** What was a nuisance yesterday and did not come again needs nobody today. */
const PASSING_NOTICE_MS = Days(1)
const REFUSED_DEPLOYMENT_MS = Days(1)
/** The site itself acts on a deadline; a person comes in when it did not. */
const DEADLINE_GRACE_MS = Minutes(1)

const SEVERITIES = ['critical', 'warning', 'info'] as const

export const worstFirst = (a: Attention, b: Attention): number =>
  SEVERITIES.indexOf(a.severity) - SEVERITIES.indexOf(b.severity) ||
  b.sinceMs - a.sinceMs ||
  (a.id < b.id ? -1 : 1)

export function aboutSite(
  site: Site,
  conflictGeneration: number | null,
  createdAtMs: number,
): Attention[] {
  const found: Attention[] = []
  const about = { site: site.name, sled: null, deployment: null }
  if (site.link === 'away') {
    found.push({
      ...about,
      id: `site-away/${site.name}`,
      severity: 'critical',
      what: 'the site is away: nothing is heard from its agent',
      advice:
        'Check the uplink and the appliance. The site goes on by itself; what is shown of it is ' +
        'as of then, and nothing it notes is lost.',
      sinceMs: site.lastSeenMs ?? createdAtMs,
    })
  }
  if (site.link === 'never-seen') {
    found.push({
      ...about,
      id: `site-new/${site.name}`,
      severity: 'info',
      what: 'the site has never been heard',
      advice: 'Make an enrolment token and enter it at the appliance.',
      sinceMs: createdAtMs,
    })
  }
  if (conflictGeneration !== null) {
    found.push({
      ...about,
      id: `site-conflict/${site.name}`,
      severity: 'critical',
      what:
        `the site holds wanted state ${conflictGeneration}, newer than the ` +
        `${site.wantedGeneration} of this hub`,
      advice:
        'This hub was restored from an older backup, or the site was led by another hub. Nothing ' +
        'is sent there. Check the rack document and put it again: then this hub’s word counts.',
      sinceMs: site.lastSeenMs ?? createdAtMs,
    })
  }
  return found
}

/** A site whose BMCs keep the passwords they came with, because nothing would save the new ones. */
export function aboutRecoveryKey(
  site: string,
  rack: Pick<RackDocument, 'sleds' | 'bmcPasswords'> | undefined,
  createdAtMs: number,
): Attention[] {
  const bmcs = rack?.sleds.filter(({ bmc }) => bmc !== undefined).length ?? 0
  if (bmcs === 0 || rack?.bmcPasswords !== undefined) return []
  return [
    {
      id: `site-recovery-key/${site}`,
      site,
      sled: null,
      deployment: null,
      severity: 'info',
      what: `${bmcs} BMCs keep the passwords they were given: the site has no recovery key`,
      advice:
        'Make one offline with "yard recovery new-key FILE" and name its public half in the rack ' +
        'document, as bmcPasswords.recoveryKey: then each BMC gets a password of its own.',
      sinceMs: createdAtMs,
    },
  ]
}

const SETBACK_ADVICE: Readonly<
  Partial<Record<Sled['state'], { severity: Attention['severity']; advice: string }>>
> = {
  failed: {
    severity: 'critical',
    advice: 'Read the steps of its last operation. Once the cause is gone, recover the sled.',
  },
  quarantined: {
    severity: 'critical',
    advice: 'It may not boot. Have somebody look at the sled itself before it is recovered.',
  },
  missing: {
    severity: 'critical',
    advice: 'Was it pulled? Otherwise check its power and its BMC’s cable at the site.',
  },
  held: {
    severity: 'warning',
    advice: 'Somebody at the site holds it; automation leaves it alone until the hold is lifted.',
  },
}

export function aboutSled(sled: Sled, nowMs: number): Attention[] {
  const found: Attention[] = []
  const where = `${sled.site}/${sled.name}`
  const about = { site: sled.site, sled: sled.name, deployment: null }
  const sinceMs = sled.stateSinceMs ?? 0
  const setback = SETBACK_ADVICE[sled.state]
  if (setback !== undefined) {
    const what = `${sled.name} is ${sled.state}: ${sled.stateReason ?? 'no reason was given'}`
    found.push({ ...about, ...setback, id: `sled-state/${where}`, what, sinceMs })
  }
  // With the site away its deadlines pass unheard: the site's own item says so.
  if (!sled.stale && sled.stateDeadlineMs !== null) {
    if (sled.stateDeadlineMs + DEADLINE_GRACE_MS < nowMs) {
      found.push({
        ...about,
        id: `sled-stuck/${where}`,
        severity: 'warning',
        what: `${sled.name} is still ${sled.state}, past its deadline`,
        advice: 'Look at its running operation; recover the sled when it does not move.',
        sinceMs: sled.stateDeadlineMs,
      })
    }
  }
  if (sled.placeGrade === 'conflicting') {
    found.push({
      ...about,
      id: `sled-place/${where}`,
      severity: 'warning',
      what: `witnesses disagree on where ${sled.name} is: ${witnessesInWords(sled)}`,
      advice:
        'Light its LED and look which slot it really is in; then set the rack document right.',
      sinceMs: Math.max(0, ...sled.witnesses.map(({ atMs }) => atMs)),
    })
  }
  const behind = sled.firmware.filter(({ verdict }) => verdict === 'behind')
  if (behind.length > 0) {
    const items = behind.map(({ component, version }) => `${component} ${version ?? 'unknown'}`)
    found.push({
      ...about,
      id: `sled-firmware/${where}`,
      severity: 'info',
      what: `firmware of ${sled.name} is behind: ${items.join(', ')}`,
      advice: behind[0]?.reason ?? 'Plan an update.',
      sinceMs,
    })
  }
  return found
}

const witnessesInWords = ({ witnesses }: Sled): string =>
  witnesses.map(({ kind, says }) => `${kind} says ${says}`).join('; ')

interface NoticeAdvice {
  readonly severity: Attention['severity']
  readonly advice: string
  /** How long after it was last told it still needs somebody; undefined: until it is cleared. */
  readonly lastsMs: number | undefined
}

const NOTICE_ADVICE: Readonly<Record<string, NoticeAdvice>> = {
  'dhcp.unknown-client': {
    severity: 'warning',
    advice: 'If it is a sled, declare it in the rack document; if not, find out who plugged it in.',
    lastsMs: PASSING_NOTICE_MS,
  },
  'dhcp.pool-exhausted': {
    severity: 'warning',
    advice: 'Widen the pool of the network in the rack document.',
    lastsMs: undefined,
  },
  'dhcp.foreign-server': {
    severity: 'critical',
    advice: 'Find it and take it off this network, or keep the agent listen-only there.',
    lastsMs: undefined,
  },
  'dhcp.flood': {
    severity: 'critical',
    advice: 'Something asks under ever new addresses. Find its port at the switch and unplug it.',
    lastsMs: undefined,
  },
  'dhcp.address-in-use': {
    severity: 'warning',
    advice:
      'A machine there has a fixed address within our pool. Give it another, or move the pool.',
    lastsMs: PASSING_NOTICE_MS,
  },
  'dhcp.reservation-taken': {
    severity: 'warning',
    advice: 'Another machine holds the address. Find it, or reserve another for the sled.',
    lastsMs: PASSING_NOTICE_MS,
  },
  'netboot.refused': {
    severity: 'warning',
    advice: 'It asked to netboot when nothing was to be booted. See the sled’s timeline.',
    lastsMs: PASSING_NOTICE_MS,
  },
  'intent.refused': {
    severity: 'warning',
    advice: 'Somebody asked with a boot token that is spent or not its own. Look who has that MAC.',
    lastsMs: PASSING_NOTICE_MS,
  },
  'image.refused': {
    severity: 'critical',
    advice: 'The site will not write it. Check the image’s declaration, or upload it anew.',
    lastsMs: PASSING_NOTICE_MS,
  },
  'site.trouble': {
    severity: 'warning',
    advice: 'The agent asks for help at its site, and says when it is over.',
    lastsMs: undefined,
  },
  'wanted.applied': {
    severity: 'warning',
    advice: 'Set the rack document right; the site keeps to what it can.',
    lastsMs: undefined,
  },
  'journal.lost': {
    severity: 'critical',
    advice: 'This hub was restored from an old backup. What those events told is gone.',
    lastsMs: Days(7),
  },
  'certificate.renewed-late': {
    severity: 'warning',
    advice: 'Was it dark for so long? If that appliance should not be yours any more, enrol anew.',
    lastsMs: Days(7),
  },
  'journal.set-back': {
    severity: 'critical',
    advice:
      'Was the appliance restored from a backup, or its disk exchanged? No event is lost, but what ' +
      'it knows of its sleds is as old as that copy: compare, and inspect what you doubt.',
    lastsMs: Days(7),
  },
}

export function aboutNotice(
  notice: NoticeTable,
  declaredMacs: ReadonlySet<string>,
  nowMs: number,
): Attention[] {
  const known = NOTICE_ADVICE[notice.kind]
  if (known === undefined) return []
  if (known.lastsMs !== undefined && nowMs - notice.at_ms > known.lastsMs) return []
  const declaredSince =
    notice.kind === 'dhcp.unknown-client' && declaredMacs.has(notice.key.replace('client/', ''))
  if (declaredSince) return []
  return [
    {
      id: `notice/${notice.site}/${notice.key}`,
      severity: known.severity,
      site: notice.site,
      sled: notice.sled,
      deployment: null,
      what: notice.text,
      advice: known.advice,
      sinceMs: notice.first_at_ms,
    },
  ]
}

export function aboutDeployment(deployment: Deployment, nowMs: number): Attention[] {
  const { id, name, state, reason, createdAtMs, assignments } = deployment
  const fresh = nowMs - createdAtMs <= REFUSED_DEPLOYMENT_MS
  if (state === 'refused' && fresh) {
    return [
      {
        id: `deployment/${id}`,
        severity: 'warning',
        site: '',
        sled: null,
        deployment: id,
        what: `deployment ${name} was refused: ${reason ?? ''}`,
        advice:
          'Its page lists what stood in the way, sled by sled. Change the request or free sleds.',
        sinceMs: createdAtMs,
      },
    ]
  }
  if (state !== 'failed') return []
  return assignments
    .filter((assignment) => assignment.state === 'failed')
    .map((assignment) => ({
      id: `assignment/${assignment.id}`,
      severity: 'critical' as const,
      site: assignment.site,
      sled: assignment.sled,
      deployment: id,
      what: `deployment ${name} failed on ${assignment.sled}: ${assignment.reason ?? ''}`,
      advice: 'Recover the sled to try again, or release the deployment.',
      sinceMs: createdAtMs,
    }))
}

export function aboutWorkOrder(order: WorkOrderTable): Attention {
  return {
    id: `work-order/${order.site}/${order.id}`,
    severity: 'info',
    site: order.site,
    sled: order.sled,
    deployment: null,
    what: `a work order is open on ${order.sled}`,
    advice: 'A technician is at it, or has left it open; its steps are on the site’s own page.',
    sinceMs: order.at_ms,
  }
}
