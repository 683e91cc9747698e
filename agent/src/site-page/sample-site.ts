/** A made-up site for the tests of the page, of two cages with sleds of every form and state. */
import { loadCatalogue } from '@brickyard/firmware-catalog/load'
import { SLED_STATES } from '@brickyard/model/sled-lifecycle'
import type { CageDeclaration, Position, SledForm } from '@brickyard/model/rack'
import type { SledName } from '@brickyard/model/names'
import { gradePlace } from '@brickyard/open19/grade'
import { placeOf } from '@brickyard/open19/place'
import { REPLACE_A_SLED } from '@brickyard/procedures/replace-a-sled'
import { openWorkOrder, step } from '@brickyard/procedures/work-order-machine'
import type { WorkOrder } from '@brickyard/procedures/work-order'
import { err, ok } from '@brickyard/std/result'
import { judgeInspection } from '../firmware/judge-inspection.ts'
import { sampleBoots } from './sample-boots.ts'
import type { SiteActs, SiteSummary, SiteView, SledDetail } from './site-view.ts'

const WALL_MS = Date.UTC(2026, 10, 21, 11, 40)
export const SAMPLE_CAGES: readonly CageDeclaration[] = [
  { name: 'a', heightRackUnits: 12, generation: 'v1', rackUnit: 1 },
  { name: 'b', heightRackUnits: 12, generation: 'v1', rackUnit: 13 },
]

const SAMPLE_LOADER = {
  name: 'snponly.efi',
  version: '1.21.1+git20250501',
  sha256: '3b'.repeat(32),
  source: 'built on 2026-11-02 <by ann>',
  pinned: true,
}

const FORMS: readonly (readonly [number, SledForm])[] = [
  [1, 'half-width'],
  [2, 'half-width'],
  [3, 'double-wide'],
  [5, 'double-high'],
  [6, 'half-width'],
  [8, 'half-width'],
  [9, 'double-high-wide'],
]

export interface SampleSite {
  readonly view: SiteView
  readonly acts: SiteActs
  /** What was asked for, oldest first. */
  readonly asked: string[]
  readonly wallMs: number
  sled(name: string): SledDetail
  change(name: string, more: Partial<SledDetail>): void
}

/** Every slot of both cages filled when `full`, else a few sleds of every form. */
export function sampleSite({
  full = false,
  summary = {},
}: { full?: boolean; summary?: Partial<SiteSummary> } = {}): SampleSite {
  const sleds = new Map<string, SledDetail>()
  for (const cage of SAMPLE_CAGES) {
    const slots = Array.from({ length: 24 }, (_, i) => [i + 1, 'half-width'] as const)
    for (const [slot, form] of full ? slots : FORMS) {
      const sled = sampleSled({ kind: 'slot', cage: cage.name, slot, form }, sleds.size)
      sleds.set(sled.name, sled)
    }
  }
  const orders = new Map<string, WorkOrder>()
  const asked: string[] = []
  const note = (what: string): void => void asked.push(what)
  return {
    asked,
    wallMs: WALL_MS,
    sled: (name) => sleds.get(name) as SledDetail,
    change: (name, more) => void sleds.set(name, { ...(sleds.get(name) as SledDetail), ...more }),
    view: {
      site: () => ({
        name: 'tower-17',
        version: '0.1.0',
        hub: { kind: 'down', sinceAtMs: WALL_MS - 8_880_000 },
        eventsWaiting: 214,
        clockProven: true,
        bestGrade: 'probable',
        loaders: [SAMPLE_LOADER],
        ...summary,
      }),
      cages: () => SAMPLE_CAGES,
      sleds: () => [...sleds.values()],
      sled: (name) => sleds.get(name),
      workOrder: (id) => orders.get(id),
      openWorkOrders: () => [...orders.values()].filter(({ status }) => status.kind === 'open'),
    },
    acts: {
      light: async (sled, light, by) => {
        note(`light ${sled} ${light} ${by}`)
        return ok(`The light of ${sled} is ${light}.`)
      },
      power: async (sled, verb, by) => {
        note(`power ${sled} ${verb} ${by}`)
        return sled.endsWith('02')
          ? err('its BMC does not answer')
          : ok(`${sled} was told: ${verb}.`)
      },
      giveLogin: async (sled, { user, password }, by) => {
        note(`login ${sled} ${user} ${password.length} letters ${by}`)
        return password === 'tag-4711' ? ok('the BMC took it') : err('the BMC refused it')
      },
      makeDisc: (sled, lifeMs, by) => {
        note(`make disc of ${sled} for ${lifeMs} ms ${by}`)
        const content = new TextEncoder().encode('the disc')
        return sled.endsWith('02')
          ? err('isolinux.bin is not among the loaders of this appliance')
          : ok({
              name: `${sled}.iso`,
              bytes: content.length,
              async *stream() {
                yield content
              },
            })
      },
      insertDisc: (id, by) => {
        note(`insert disc ${id} ${by}`)
        return ok('it begins')
      },
      revokeDisc: (id, by) => {
        note(`revoke disc ${id} ${by}`)
        return ok('it boots nothing')
      },
      replaceSled: (name, by) => {
        const { serial } = sleds.get(name) as SledDetail
        const subject = { sled: name, place: 'cage a, slot 1', expectedSerial: serial }
        const order = { id: `w-${orders.size + 1}`, subject, openedBy: by }
        orders.set(order.id, openWorkOrder(REPLACE_A_SLED, order, WALL_MS).state)
        note(`replace ${name} ${by}`)
        return ok(order.id)
      },
      tellWorkOrder: (id, event) => {
        const stepped = step(orders.get(id) as WorkOrder, event, WALL_MS)
        orders.set(id, stepped.state)
        note(`tell ${id} ${event.kind}`)
        return stepped.refused === undefined ? ok(undefined) : err(stepped.refused)
      },
    },
  }
}

const catalogue = loadCatalogue()

function sampleSled(position: Position, index: number): SledDetail {
  const name = `sled-${String(index + 1).padStart(2, '0')}` as SledName
  const state = index === 0 ? 'ready' : (SLED_STATES[(index * 5) % SLED_STATES.length] ?? 'ready')
  const power = { state: index % 3 === 0 ? 'off' : 'on', ageMs: 12_000 } as const
  const place = placeOf(position)
  const witnesses = [
    { kind: 'declaration', sled: name, place, detail: 'the rack document says so', atMs: 0 },
    {
      kind: 'dhcp',
      sled: name,
      place,
      detail: `52:54:00:00:00:0${index % 10} got 10.98.0.${10 + index} on prov`,
      atMs: 0,
    },
  ] as const
  const placement = gradePlace({ sled: name, declared: place, witnesses, nowMs: 0 })
  return {
    name,
    position,
    state,
    stateReason: state === 'failed' ? 'the disk gave write errors' : '',
    power,
    grade: placement.grade,
    pull: {
      state,
      work: state === 'in-use' ? 'deployment shop-7' : undefined,
      power: power.state,
      powerAgeMs: power.ageMs,
    },
    serial: `BY7K30${String(index + 1).padStart(2, '0')}`,
    manufacturer: 'Supermicro',
    model: 'X11DPH-T',
    bmcAddress: `10.99.0.${10 + index}`,
    bmcSays: 'steady: 40 of 40 readings answered, most within a second',
    bmcFindings: index === 2 ? ['its login is one that its maker ships'] : [],
    light: 'unknown',
    placement,
    firmware: judgeInspection(catalogue, {
      host: {
        maker: 'Supermicro',
        model: 'SSG-6029P',
        boardMaker: 'Supermicro',
        boardModel: 'X11DPH-T',
        biosVendor: 'American Megatrends Inc.',
        biosVersion: '3.3',
        biosDate: '02/24/2020',
      },
      bmc: { bmcVersion: '1.71', bmcManufacturerId: 10876, bmcProductId: 2358 },
    }),
    events: [
      { atMs: WALL_MS - 600_000, text: `became ${state}` },
      { atMs: WALL_MS - 90_000_000, text: 'was inspected' },
    ],
    boots: sampleBoots(name, WALL_MS),
    discs:
      index === 0
        ? [{ id: 'd15c', madeBy: 'bob <b>', madeAtMs: WALL_MS, endsAtMs: WALL_MS, inserted: false }]
        : [],
  }
}
