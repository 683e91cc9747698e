import type { Sensor, SledBmc } from '@brickyard/api/bmc-schemas'
import type { Sled } from '@brickyard/api/schemas'
import { useQuery } from '@tanstack/react-query'
import { Link } from '@tanstack/react-router'
import { bmcQuery } from '../api/queries.ts'
import { PlainBadge } from '../ui/Badge.tsx'
import { EventList } from '../ui/EventList.tsx'
import { Empty, Facts, Panel, Unknown } from '../ui/Panel.tsx'
import { RowHead, Table, Td, Th, Tr } from '../ui/Table.tsx'
import { Ago, AsOf } from '../ui/Time.tsx'
import {
  FINDING_SAID,
  limitsText,
  reliabilitySaid,
  SENSOR_SAID,
  sensorText,
  SETTING_SAID,
} from './bmc-words.ts'

/** What the sled measures, and the log its BMC keeps. */
export function Sensors({ sled }: { sled: Sled }) {
  const { data } = useQuery(bmcQuery(sled.site, sled.name))
  if (data === undefined) return null
  const { sensors } = data
  return (
    <Panel title="Sensors" aside={<Watts bmc={data} />} flush>
      {sensors.length === 0 ? (
        <Empty title="No sensor was read yet.">
          <p>A site reads them every minute once the BMC lets it in.</p>
        </Empty>
      ) : (
        <Table caption="Sensors" head={SENSOR_HEAD}>
          {sensors.map((sensor) => (
            <SensorRow key={sensor.name} sensor={sensor} />
          ))}
        </Table>
      )}
    </Panel>
  )
}

const SENSOR_HEAD = (
  <>
    <Th>Sensor</Th>
    <Th>Health</Th>
    <Th right>Value</Th>
    <Th>Limits</Th>
    <Th>Read</Th>
  </>
)

function SensorRow({ sensor }: { sensor: Sensor }) {
  return (
    <Tr>
      <RowHead>
        {sensor.name}
        <span className="block text-xs font-normal text-ink-faint">{sensor.kind}</span>
      </RowHead>
      <Td>
        <PlainBadge said={SENSOR_SAID[sensor.health]} stale={sensor.stale} />
      </Td>
      <Td right className={sensor.stale || sensor.value === null ? 'text-ink-faint' : ''}>
        {sensorText(sensor)}
        {sensor.why !== null && <span className="block text-xs">{sensor.why}</span>}
      </Td>
      <Td className="text-xs text-ink-soft">{limitsText(sensor)}</Td>
      <Td className="text-xs">
        {sensor.stale ? <AsOf atMs={sensor.atMs} /> : <Ago atMs={sensor.atMs} />}
      </Td>
    </Tr>
  )
}

function Watts({ bmc: { watts } }: { bmc: SledBmc }) {
  if (watts === null) return null
  return (
    <span>
      draws {watts.value} W{watts.stale && <> · stale, </>}
      {watts.stale && <AsOf atMs={watts.atMs} />}
    </span>
  )
}

/** What its BMC wrote down, as the site told it: each entry once. */
export function EventLog({ sled }: { sled: Sled }) {
  const where = { site: sled.site, sled: sled.name, kind: 'sled.log' }
  return (
    <Panel
      title="Event log of its BMC"
      aside={
        <Link to="/events" search={where} className="link">
          all of it
        </Link>
      }
      flush
    >
      <EventList filter={where} limit={20} />
    </Panel>
  )
}

/** How far the BMC can be relied on, what is open on it, and its settings. */
export function BmcPanel({ sled }: { sled: Sled }) {
  const { data } = useQuery(bmcQuery(sled.site, sled.name))
  if (data === undefined || sled.bmcAddress === null) return null
  const { reliability, reliabilityText, intake, path } = data
  return (
    <Panel title="BMC">
      <Facts
        rows={[
          ['Path', path],
          [
            'Reliability',
            reliability === null ? (
              <Unknown key="reliability" word="not asked often enough yet" />
            ) : (
              <span key="reliability" className="grid gap-0.5">
                <PlainBadge said={reliabilitySaid(reliability.value)} stale={reliability.stale} />
                <span className="text-xs text-ink-soft">{reliabilityText}</span>
              </span>
            ),
          ],
          [
            'Exposure',
            intake === null ? (
              <Unknown key="exposure" word="nobody has looked it over yet" />
            ) : (
              <span key="exposure">
                {intake.score} of 100, looked over <Ago atMs={intake.atMs} />
              </span>
            ),
          ],
        ]}
      />
      {intake !== null && <Findings intake={intake} stale={sled.stale} />}
    </Panel>
  )
}

function Findings({ intake, stale }: { intake: NonNullable<SledBmc['intake']>; stale: boolean }) {
  return (
    <div className="mt-3 grid gap-3 border-t border-line pt-3">
      {intake.findings.length === 0 && <p className="text-sm text-ink-soft">Nothing is open.</p>}
      {intake.findings.length > 0 && (
        <ul aria-label="Findings" className="grid gap-2.5">
          {intake.findings.map((finding) => (
            <li key={finding.id} className="text-sm">
              <div className="flex items-start justify-between gap-3">
                <span>{finding.text}</span>
                <PlainBadge said={FINDING_SAID[finding.severity]} stale={stale} />
              </div>
              <p className="text-xs text-ink-faint">{finding.advice}</p>
            </li>
          ))}
        </ul>
      )}
      {intake.settings.length > 0 && (
        <ul aria-label="Settings" className="grid gap-2.5 border-t border-line pt-3">
          {intake.settings.map((setting) => (
            <li key={setting.name} className="text-sm">
              <div className="flex items-start justify-between gap-3">
                <span>
                  <span className="font-medium">{setting.name}</span>: {setting.found ?? 'unknown'}
                  {setting.wanted !== null && setting.wanted !== setting.found && (
                    <> → {setting.wanted}</>
                  )}
                </span>
                <PlainBadge said={SETTING_SAID[setting.state]} stale={stale} />
              </div>
              {setting.detail !== null && (
                <p className="text-xs text-ink-faint">{setting.detail}</p>
              )}
            </li>
          ))}
        </ul>
      )}
    </div>
  )
}
