import type { SledName } from '@brickyard/model/names'
import type { PowerState } from '@brickyard/model/operation'
import type { PullFacts } from '@brickyard/open19/check-safe-to-pull'
import { REPLACE_A_SLED } from '@brickyard/procedures/replace-a-sled'
import { presentStep } from '@brickyard/procedures/work-order-machine'
import type { WorkOrderEvent } from '@brickyard/procedures/work-order'
import { migrate } from '@brickyard/runtime/store'
import { storeDisk } from '@brickyard/sim/crashing-store'
import { seededRandom } from '@brickyard/sim/seeded-random'
import { virtualClock } from '@brickyard/sim/virtual-clock'
import { err, ok } from '@brickyard/std/result'
import { Hours, Minutes, Seconds } from '@brickyard/std/units'
import { describe, expect, it } from 'vitest'
import { createWorkOrderDesk, WORK_ORDER_MIGRATION, type WorkOrderDesk } from './work-order-desk.ts'
import { createWorkOrderTasks, type ReachFault, type SledReach } from './work-order-tasks.ts'

const sled = 'sled-03' as SledName
const JOURNAL = 'CREATE TABLE journal (seq INTEGER PRIMARY KEY, work_order TEXT, news TEXT) STRICT'
const gone: ReachFault = { kind: 'unreachable', message: 'no answer from 10.1.0.3' }

/** A site with one slot: what sits in it, and an agent that can be killed at any commit. */
function site() {
  const clock = virtualClock()
  const disk = storeDisk()
  const slot = {
    serial: 'OLD-1' as string | undefined,
    power: 'on' as PowerState,
    bmcDead: false,
    lights: 0,
    facts: { state: 'ready', power: 'unknown', powerAgeMs: undefined } as PullFacts,
    powerVerbs: [] as string[],
  }
  const answers = (): boolean => slot.serial !== undefined && !slot.bmcDead
  const reach: SledReach = {
    pullFacts: () => slot.facts,
    light: async (_, light) => {
      if (light === 'on' && answers()) slot.lights++
      return answers() ? ok(undefined) : err(gone)
    },
    setPower: async (_, verb) => {
      if (!answers()) return err(gone)
      slot.powerVerbs.push(verb)
      clock.after(Seconds(4), () => (slot.power = 'off'))
      return ok(undefined)
    },
    readPower: async () => (answers() ? slot.power : 'unknown'),
    readSerial: async () => (answers() ? ok(slot.serial) : err(gone)),
  }
  const start = (): WorkOrderDesk => {
    const store = disk.open()
    migrate(store, [`${WORK_ORDER_MIGRATION};\n${JOURNAL}`])
    const desk = createWorkOrderDesk({
      store: {
        read: (work) => store.read(work),
        tx: (work) =>
          store.tx((sql) =>
            work(
              sql,
              (order, news) =>
                void sql.run(
                  'INSERT INTO journal (work_order, news) VALUES (?, ?)',
                  order.id,
                  news,
                ),
            ),
          ),
      },
      clock,
      random: seededRandom(clock.monotonicMs()),
      perform: createWorkOrderTasks(reach, clock),
    })
    desk.start()
    return desk
  }
  const news = (): string[] =>
    disk
      .open()
      .read((sql) => sql.all<{ news: string }>('SELECT news FROM journal ORDER BY seq'))
      .map((row) => row.news)
  return { clock, disk, slot, start, news }
}
type Site = ReturnType<typeof site>

/** What the person at the rack does when they look at the page. */
function person({ slot }: Site, desk: WorkOrderDesk, id: string): WorkOrderEvent | undefined {
  const order = desk.get(id)
  const step = order === undefined ? undefined : presentStep(order)
  if (order === undefined || step === undefined) return undefined
  const by = 'ann'
  switch (step.kind) {
    case 'instruct':
      if (step.id === 'pull') slot.serial = undefined
      if (step.id === 'insert') slot.serial = 'NEW-1'
      return { kind: 'done', step: step.id, by }
    case 'confirm':
      return { kind: 'answer', step: step.id, by, yes: true }
    case 'enter-serial':
      return {
        kind: 'serial',
        step: step.id,
        by,
        text: step.into === 'removed' ? 'OLD-1' : 'NEW-1',
      }
    case 'identify-light':
    case 'power':
    case 'check': {
      const stuck = order.attempt?.trouble?.outcome === 'unavailable' && slot.bmcDead
      return stuck ? { kind: 'cannot-verify', step: step.id, by, saw: 'all dark' } : undefined
    }
  }
}

/** The desk is asked for each time: the agent may have been started anew in between. */
async function work(at: Site, desk: () => WorkOrderDesk, id: string): Promise<void> {
  for (let looks = 0; looks < 60 && desk().get(id)?.status.kind === 'open'; looks++) {
    const event = person(at, desk(), id)
    if (event !== undefined) desk().tell(id, event)
    await at.clock.advance(Seconds(20))
  }
}

const place = { place: 'cage a, slot 3', expectedSerial: 'OLD-1' }
const openOn = (desk: WorkOrderDesk): string => {
  const opened = desk.open(REPLACE_A_SLED, sled, place, 'ann')
  if (!opened.ok) throw new Error(opened.error)
  return opened.value
}

describe('a sled replaced at the rack', () => {
  it('is done when the new serial answers from the slot', async () => {
    const here = site()
    const desk = here.start()
    const id = openOn(desk)
    await work(here, () => desk, id)
    expect(desk.get(id)?.status).toMatchObject({ kind: 'done', verified: true })
    expect(here.slot.powerVerbs).toEqual(['off'])
    expect(desk.openOrders()).toEqual([])
    expect(here.news()).toEqual(['opened', ...Array<string>(12).fill('step-done'), 'done'])
    desk.stop()
    expect(here.clock.timerCount).toBe(0)
  })

  it('is done, not verified, when its BMC is dead and a person vouches for it', async () => {
    const here = site()
    here.slot.bmcDead = true
    const desk = here.start()
    const id = openOn(desk)
    await work(here, () => desk, id)
    expect(desk.get(id)?.status).toMatchObject({ kind: 'done', verified: false })
    desk.stop()
  })

  it('is never powered off while it carries work, whatever a person says', async () => {
    const here = site()
    here.slot.facts = { ...here.slot.facts, state: 'in-use', work: 'shop' }
    const desk = here.start()
    const id = openOn(desk)
    await work(here, () => desk, id)
    expect(presentStep(desk.get(id)!)?.id).toBe('free-of-work')
    expect(desk.get(id)?.attempt?.trouble).toEqual({
      outcome: 'fail',
      detail: 'It is in use by shop. Have it released first.',
    })
    expect(here.slot.powerVerbs).toEqual([])
    desk.stop()
  })

  it('waits at the last check while another sled’s serial answers', async () => {
    const here = site()
    const desk = here.start()
    const id = openOn(desk)
    while (presentStep(desk.get(id)!)?.id !== 'answers') {
      const event = person(here, desk, id)
      if (event !== undefined) desk.tell(id, event)
      here.slot.serial = here.slot.serial === 'NEW-1' ? 'OTHER-7' : here.slot.serial
      await here.clock.advance(Seconds(20))
    }
    await here.clock.advance(Minutes(3))
    expect(desk.get(id)?.attempt?.trouble?.detail).toBe(
      'Serial OTHER-7 answers from this slot, but you typed NEW-1.',
    )
    here.slot.serial = 'NEW-1'
    await work(here, () => desk, id)
    expect(desk.get(id)?.status).toMatchObject({ kind: 'done', verified: true })
    desk.stop()
  })

  it('keeps its light on for as long as somebody works on it', async () => {
    const here = site()
    const desk = here.start()
    const id = openOn(desk)
    await here.clock.advance(Hours(1))
    expect(presentStep(desk.get(id)!)?.id).toBe('find')
    expect(here.slot.lights).toBeGreaterThanOrEqual(20)
    desk.tell(id, { kind: 'cancel', by: 'ann', reason: 'lunch' })
    const lights = here.slot.lights
    await here.clock.advance(Hours(1))
    expect(here.slot.lights).toBe(lights)
    desk.stop()
  })
})

describe('a work order', () => {
  it('is one to a sled', () => {
    const desk = site().start()
    openOn(desk)
    const second = desk.open(REPLACE_A_SLED, sled, place, 'bob')
    expect(second).toEqual(err('There is a work order on sled-03 already.'))
    expect(desk.open(REPLACE_A_SLED, 'sled-04' as SledName, place, 'bob').ok).toBe(true)
    desk.stop()
  })

  it('ends right when the agent dies after any of its commits, and tells each thing once', async () => {
    const undisturbed = site()
    const first = undisturbed.start()
    const commitsBefore = undisturbed.disk.commits
    await work(undisturbed, () => first, openOn(first))
    first.stop()
    const commits = undisturbed.disk.commits - commitsBefore
    const expected = undisturbed.news()
    expect(commits).toBeGreaterThan(20)

    for (let k = 1; k <= commits; k++) {
      const here = site()
      let desk = here.start()
      here.disk.afterCommit(k, () => {
        desk.stop()
        here.disk.crash()
        desk = here.start()
      })
      // The call in which the agent died never told its caller the id: it is in the store.
      desk.open(REPLACE_A_SLED, sled, place, 'ann')
      await here.clock.advance(Seconds(1))
      const id = desk.openOn(sled)
      expect([k, id]).toEqual([k, expect.any(String)])
      await work(here, () => desk, id!)
      expect([k, desk.get(id!)?.status]).toMatchObject([k, { kind: 'done', verified: true }])
      expect([k, here.news()]).toEqual([k, expected])
      expect([k, here.slot.powerVerbs]).toEqual([k, ['off']])
      desk.stop()
    }
  })
})
