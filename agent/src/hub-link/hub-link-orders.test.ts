import type { SledName } from '@brickyard/model/names'
import { signAct } from '@brickyard/protocol/acts'
import type { HubFrame } from '@brickyard/protocol/frames'
import { simulatedPorts } from '@brickyard/sim/simulated-ports'
import { Minutes } from '@brickyard/std/units'
import { describe, expect, it } from 'vitest'
import { createWantedStore } from './wanted-store.ts'
import { ACT_KEYS, SITE, hubLinkRig } from './hub-link-rig.ts'

const rig = () => hubLinkRig(simulatedPorts('hub-link'))

describe('wanted state', () => {
  const delta = (generation: number, base: number | null): HubFrame => ({
    v: 1,
    kind: 'wanted',
    delta: { generation, base, put: { note: generation }, remove: [] },
  })

  it('is on the disk under its generation, reported, and never goes back', async () => {
    const made = await rig()
    const end = await made.welcome(0)
    end.say(delta(3, null))
    end.say(delta(2, null))
    expect(made.wanted.held()).toBe(3)
    expect(createWantedStore(made.site, undefined).held()).toBe(3)
    expect(end.of('wanted-report').map(({ held }) => held)).toEqual([0, 3, 3])
  })

  it('asks for the whole when a delta stands on what it does not hold', async () => {
    const made = await rig()
    const end = await made.welcome(0)
    end.say(delta(3, null))
    end.say(delta(6, 5))
    expect([made.wanted.held(), end.of('wanted-resend')]).toMatchObject([3, [{ held: 3 }]])
  })
})

describe('an act', () => {
  it('is carried out once the site is welcome, and answered', async () => {
    const made = await rig()
    const signed = signAct(
      {
        id: 'act-1',
        site: SITE,
        sequence: 1,
        notBeforeMs: 0,
        expiresMs: made.clock.wallMs() + Minutes(1),
        by: 'op',
        sled: 'sled-01' as SledName,
        act: { kind: 'power', verb: 'on' },
      },
      ACT_KEYS.privateKey,
    )
    made.last().say({ v: 1, kind: 'act', ...signed })
    expect(made.wishes).toEqual([])
    const end = await made.welcome(0)
    end.say({ v: 1, kind: 'act', ...signed })
    expect(made.wishes).toHaveLength(1)
    const sent = end.of('events').flatMap(({ events }) => events)
    expect(sent.map(({ body }) => body)).toContainEqual({ act: 'act-1', ok: true, reason: null })
  })
})

describe('what the hub asks', () => {
  it('is answered under its id, or with the reason why not', async () => {
    const made = await rig()
    const end = await made.welcome(0)
    end.say({ v: 1, kind: 'ask', id: 'ask-1', what: { kind: 'boot-trace', sled: 'sled-01' } })
    end.say({ v: 1, kind: 'ask', id: 'ask-2', what: { kind: 'weather' } })
    await made.clock.advance(0)
    expect(end.of('answer')).toEqual([
      { v: 1, kind: 'answer', id: 'ask-1', body: { of: 'it' }, reason: null },
      { v: 1, kind: 'answer', id: 'ask-2', body: null, reason: 'no idea' },
    ])
  })
})
