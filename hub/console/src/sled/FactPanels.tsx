import type { Sled } from '@brickyard/api/schemas'
import { positionText } from '../rack/RackTable.tsx'
import { Badge, PlainBadge } from '../ui/Badge.tsx'
import { Facts, Mono, Panel } from '../ui/Panel.tsx'
import { binaryText, decimalText } from '../ui/quantity.ts'
import { GRADE_SAID, POWER_SAID, VERDICT_SAID } from '../ui/state-words.ts'
import { Ago, AsOf } from '../ui/Time.tsx'

/** Plain ids in mono; what is not known stays unknown. */
const mono = (text: string | null) => (text === null ? null : <Mono>{text}</Mono>)

export function IdentityPanel({ sled }: { sled: Sled }) {
  const power = POWER_SAID[sled.power]
  return (
    <Panel title="Identity">
      <Facts
        rows={[
          ['Maker', sled.manufacturer],
          ['Model', sled.model],
          ['Serial', mono(sled.serial)],
          ['UUID', mono(sled.uuid)],
          [
            'Power',
            <span key="power" className="flex flex-wrap items-center gap-2">
              <PlainBadge said={power} stale={sled.stale} />
              <AsOf atMs={sled.powerAsOfMs} />
            </span>,
          ],
          [
            'Processor',
            sled.cpuModel === null
              ? null
              : `${sled.cpuModel}${sled.cpuThreads === null ? '' : `, ${sled.cpuThreads} threads`}`,
          ],
          ['Memory', sled.memoryBytes === null ? null : binaryText(sled.memoryBytes)],
          ['Boots', `${sled.architecture}, ${sled.firmwareMode.toUpperCase()}`],
          [
            'MACs',
            sled.macs.length === 0
              ? null
              : sled.macs.map((mac) => (
                  <div key={mac}>
                    <Mono>{mac}</Mono>
                  </div>
                )),
          ],
          ['Address', mono(sled.address)],
          ['BMC', mono(sled.bmcAddress)],
          ['Labels', <Labels key="labels" labels={sled.labels} />],
        ]}
      />
    </Panel>
  )
}

function Labels({ labels }: { labels: Sled['labels'] }) {
  const entries = Object.entries(labels)
  if (entries.length === 0) return <span className="text-ink-faint">none</span>
  return (
    <span className="flex flex-wrap gap-1">
      {entries.map(([name, value]) => (
        <span key={name} className="rounded border border-line px-1.5 font-mono text-xs">
          {name}={value}
        </span>
      ))}
    </span>
  )
}

/** What one grade is worth, in a sentence. */
const GRADE_WHY: Readonly<Record<Sled['placeGrade'], string>> = {
  confirmed: 'Two independent witnesses agree that it is in this slot.',
  probable: 'What answers is this sled; nothing yet ties it to this very slot.',
  declared: 'The rack document says so; nothing has been observed that ties it to the slot.',
  conflicting: 'Witnesses disagree. A person has to look; the declared map is never rewritten.',
  unknown: 'Nothing is known about where it is.',
}

export function PlacePanel({ sled }: { sled: Sled }) {
  return (
    <Panel title="Place" aside={<Badge said={GRADE_SAID[sled.placeGrade]} stale={sled.stale} />}>
      <p className="text-sm">{positionText(sled.position)}</p>
      <p className="mt-0.5 text-sm text-ink-soft">{GRADE_WHY[sled.placeGrade]}</p>
      {sled.witnesses.length > 0 && (
        <ul aria-label="Witnesses" className="mt-3 grid gap-2 border-t border-line pt-3">
          {sled.witnesses.map((witness) => (
            <li key={`${witness.kind}-${witness.says}`} className="text-sm">
              <div className="flex justify-between gap-3">
                <span className="font-medium">{witness.kind}</span>
                <span className="text-xs text-ink-faint">
                  <Ago atMs={witness.atMs} />
                </span>
              </div>
              <p className="text-ink-soft">{witness.says}</p>
            </li>
          ))}
        </ul>
      )}
    </Panel>
  )
}

export function FirmwarePanel({ sled }: { sled: Sled }) {
  return (
    <Panel title="Firmware">
      {sled.firmware.length === 0 ? (
        <p className="text-sm text-ink-soft">
          Versions are read at inspection and judged at the site against its catalogue. This sled
          has not been inspected yet.
        </p>
      ) : (
        <ul className="grid gap-2.5">
          {sled.firmware.map((item) => (
            <li key={item.component} className="text-sm">
              <div className="flex items-center justify-between gap-3">
                <span>
                  <span className="font-medium">{item.component.toUpperCase()}</span>{' '}
                  <Mono>{item.version ?? 'version unknown'}</Mono>
                </span>
                <PlainBadge said={VERDICT_SAID[item.verdict]} stale={sled.stale} />
              </div>
              <p className="text-xs text-ink-faint">{item.reason}</p>
            </li>
          ))}
        </ul>
      )}
    </Panel>
  )
}

export function DiskPanel({ sled }: { sled: Sled }) {
  if (sled.disks.length === 0) return null
  return (
    <Panel title="Disks">
      <ul className="grid gap-2">
        {sled.disks.map((disk) => (
          <li key={disk.path} className="flex flex-wrap items-baseline gap-x-3 text-sm">
            <Mono>{disk.path}</Mono>
            <span>{decimalText(disk.bytes)}</span>
            <span className="text-ink-soft">{disk.model ?? 'model unknown'}</span>
            <span className="font-mono text-xs text-ink-faint">{disk.serial ?? ''}</span>
          </li>
        ))}
      </ul>
    </Panel>
  )
}
