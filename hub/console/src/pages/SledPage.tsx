import type { Sled } from '@brickyard/api/schemas'
import { commandText } from '@brickyard/cli/command-table'
import { useQuery } from '@tanstack/react-query'
import { Link, useParams } from '@tanstack/react-router'
import { operationsQuery, overviewQuery, sledQuery } from '../api/queries.ts'
import { positionText } from '../rack/RackTable.tsx'
import { lookOf } from '../rack/sled-look.ts'
import { DiskPanel, FirmwarePanel, IdentityPanel, PlacePanel } from '../sled/FactPanels.tsx'
import { Boots } from '../sled/Boots.tsx'
import { BmcPanel, EventLog, Sensors } from '../sled/BmcPanels.tsx'
import { Lifecycle } from '../sled/Lifecycle.tsx'
import { isOver } from '../sled/operation-words.ts'
import { OperationHistory } from '../sled/OperationHistory.tsx'
import { OperationSteps } from '../sled/OperationSteps.tsx'
import { SledActions } from '../sled/SledActions.tsx'
import { Answer } from '../ui/Answer.tsx'
import { AttentionList, needsPerson } from '../ui/AttentionList.tsx'
import { Badge } from '../ui/Badge.tsx'
import { buttonClass } from '../ui/Button.tsx'
import { CommandLine } from '../ui/Copy.tsx'
import { EventList } from '../ui/EventList.tsx'
import { Icon } from '../ui/Icon.tsx'
import { PageHead } from '../ui/Page.tsx'
import { Panel } from '../ui/Panel.tsx'
import { POWER_SAID } from '../ui/state-words.ts'
import { AsOf } from '../ui/Time.tsx'

export function SledPage() {
  const { site, sled: name } = useParams({ from: '/signed-in/sites/$site/sleds/$sled' })
  const sled = useQuery(sledQuery(site, name))
  return (
    <>
      <PageHead
        title={name}
        above={
          <>
            <Link to="/sites" className="hover:text-ink">
              Sites
            </Link>{' '}
            /{' '}
            <Link to="/sites/$site" params={{ site }} className="hover:text-ink">
              {site}
            </Link>
          </>
        }
        beside={sled.data !== undefined && <Badges sled={sled.data} />}
        actions={
          sled.data !== undefined && (
            <>
              <Link
                to="/sites/$site/sleds/$sled/console"
                params={{ site, sled: name }}
                preload={false}
                className={buttonClass()}
              >
                <Icon name="screen" />
                Console
              </Link>
              <SledActions sled={sled.data} />
            </>
          )
        }
      />
      <Answer query={sled}>{(data) => <SledBody sled={data} />}</Answer>
    </>
  )
}

function Badges({ sled }: { sled: Sled }) {
  const power = POWER_SAID[sled.power]
  return (
    <>
      <Badge said={lookOf(sled).said} stale={sled.stale} />
      <Badge said={{ ...power, word: `power ${power.word}` }} stale={sled.stale} />
      {sled.stale && <AsOf atMs={sled.powerAsOfMs ?? sled.stateSinceMs} />}
      <span className="text-sm text-ink-faint">{positionText(sled.position)}</span>
    </>
  )
}

function SledBody({ sled }: { sled: Sled }) {
  const operations = useQuery(operationsQuery(sled.site, sled.name))
  const needs = (useQuery(overviewQuery).data?.attention ?? []).filter(
    (item) => needsPerson(item) && item.site === sled.site && item.sled === sled.name,
  )
  const items = operations.data?.items ?? []
  const current = items.find((operation) => !isOver(operation))
  const shown = current ?? items[0]
  const ref = `${sled.site}/${sled.name}`
  return (
    <div className="grid gap-5">
      <Lifecycle sled={sled} />
      {needs.length > 0 && (
        <Panel title="Needs a person" flush>
          <AttentionList items={needs} />
        </Panel>
      )}
      <div className="grid items-start gap-5 lg:grid-cols-[minmax(0,1.3fr)_minmax(0,1fr)]">
        <div className="grid gap-5">
          <OperationSteps
            operation={shown}
            title={current === undefined ? 'Last operation' : 'Running now'}
            stale={sled.stale}
          />
          <Boots site={sled.site} sled={sled.name} />
          <Sensors sled={sled} />
          <OperationHistory operations={items} />
          <EventLog sled={sled} />
          <Panel
            title="Events"
            aside={
              <Link to="/events" search={{ site: sled.site, sled: sled.name }} className="link">
                all of this sled
              </Link>
            }
            flush
          >
            <EventList filter={{ site: sled.site, sled: sled.name }} limit={20} />
          </Panel>
        </div>
        <div className="grid gap-5">
          <IdentityPanel sled={sled} />
          <PlacePanel sled={sled} />
          <BmcPanel sled={sled} />
          <FirmwarePanel sled={sled} />
          <DiskPanel sled={sled} />
        </div>
      </div>
      <div className="grid max-w-2xl gap-2">
        <CommandLine command={commandText('sled get', [ref])} />
        <CommandLine command={commandText('netboot trace', [ref])} />
        <CommandLine command={commandText('sled sensors', [ref])} />
        <CommandLine command={commandText('sled power', [ref, 'cycle'], { wait: true })} />
      </div>
    </div>
  )
}
