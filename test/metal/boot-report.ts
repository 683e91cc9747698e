import type { BootAttempt, BootLine } from '@brickyard/model/boot-attempt'
import { Seconds } from '@brickyard/std/units'
import { bootPhases, isDiscLine, phaseLines } from './boot-phases.ts'
import { type Checks, until } from './checks.ts'
import type { QemuSled } from './qemu-sled.ts'
import { answered, type RigSite, SITE } from './site.ts'

/** The agent tells the hub of a boot within seconds. */
const TOLD_LIMIT_MS = Seconds(30)

/**
 * The hub shows the boot by which the sled last came to the installer: prints where each second of it
 * went and claims that none was waited for nothing.
 */
export async function claimBoot(site: RigSite, checks: Checks, sled: QemuSled): Promise<void> {
  const { name } = sled.hardware
  const poweredOnAtMs = sled.netbootedAtMs
  const attempt = await until(TOLD_LIMIT_MS, `the hub shows the boot of ${name}`, async () => {
    const { trace } = await answered(site.client.sleds.boots(SITE, name))
    return trace?.attempts.find((one) => one.startedAtMs >= poweredOnAtMs && isInstallers(one))
  })
  checks.claim(`${name}: the hub shows its boot`, attempt.sled === name, attempt.summary)
  const phases = bootPhases(attempt, poweredOnAtMs)
  for (const line of phaseLines(phases)) console.log(`      ${name} ${line}`)
  const waits = phases.filter(({ avoidable }) => avoidable !== undefined)
  const detail = waits.map(({ name: phase, avoidable }) => `${phase}: ${avoidable}`).join('; ')
  checks.claim(`${name}: no avoidable wait in its boot`, waits.length === 0, detail)
}

const isInstallers = ({ lines }: BootAttempt): boolean =>
  lines.some((line) => isDiscLine(line) || isScriptOf('installer', line)) &&
  lines.some(({ part }) => part === 'installer')

const isScriptOf = (what: string, { part, text }: BootLine): boolean =>
  part === 'script' && text.includes(what)
