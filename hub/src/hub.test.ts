import { createHash } from 'node:crypto'
import { describe, expect, it } from 'vitest'
import { hubRig, must, rackDocument, sledName, type HubRig } from '../../test/scenarios/hub-rig.ts'

const content = Buffer.alloc(4096, 7)
const sha256 = createHash('sha256').update(content).digest('hex')

async function addImage(rig: HubRig): Promise<void> {
  const operator = await rig.signIn('operator')
  must(
    await operator.images.create({
      name: 'debian',
      sha256,
      bytes: content.length,
      format: 'raw',
      arch: 'x86_64',
      firmware: ['uefi', 'bios'],
      rawSha256: sha256,
      rawBytes: content.length,
      minDiskBytes: content.length,
    }),
  )
  must(await operator.images.putContent(sha256, new Uint8Array(content)))
}

describe('a hub', () => {
  it('takes a deployment from the request to in-use and back to ready', async () => {
    const rig = await hubRig()
    const site = await rig.site('edge-1')
    await addImage(rig)
    await site.makeReady(sledName(1))
    await site.makeReady(sledName(2))
    expect(site.last('wanted')?.delta).toMatchObject({ generation: 1, base: null })

    const operator = await rig.signIn('operator')
    const deployment = must(
      await operator.deployments.create({ count: 2, image: 'debian', hostname: 'web-{n}' }),
    )
    expect(deployment).toMatchObject({ state: 'provisioning' })
    await rig.clock.advance(0)
    const delta = site.last('wanted')?.delta
    expect(delta).toMatchObject({ generation: 2, base: 1, remove: [] })
    expect(Object.keys(delta?.put ?? {})).toHaveLength(2)

    for (const { id, sled } of deployment.assignments) {
      await site.tell(operation(`op-${id}`, sled, 'provision', 'running', id))
    }
    expect(must(await operator.deployments.get(deployment.id)).state).toBe('provisioning')
    for (const { id, sled } of deployment.assignments) {
      await site.tell(operation(`op-${id}`, sled, 'provision', 'done', id))
    }
    expect(must(await operator.deployments.get(deployment.id)).state).toBe('in-use')

    must(await operator.deployments.release(deployment.id))
    await rig.clock.advance(0)
    expect(Object.values(site.last('wanted')?.delta.put ?? {})).toMatchObject([
      { wanted: 'released' },
      { wanted: 'released' },
    ])
    for (const { id, sled } of deployment.assignments) {
      await site.tell(operation(`rel-${id}`, sled, 'release', 'done', id))
    }
    expect(must(await operator.deployments.get(deployment.id)).state).toBe('released')
    expect(site.last('wanted')?.delta.remove).toHaveLength(1)
    await rig.stop()
  })

  it('keeps a deployment that finds no room, with every reason', async () => {
    const rig = await hubRig()
    await rig.site('edge-1')
    await addImage(rig)
    const operator = await rig.signIn('operator')
    const refused = must(await operator.deployments.create({ count: 1, image: 'debian' }))
    expect(refused.state).toBe('refused')
    expect(refused.placement.refused).toHaveLength(4)
    expect(refused.reason).toContain('not ready')
    await rig.stop()
  })

  it('lists every problem of a rack document', async () => {
    const rig = await hubRig()
    await rig.site('edge-1')
    const operator = await rig.signIn('operator')
    const wrong = { ...rackDocument('edge-1', 1), networks: [] }
    expect(await operator.sites.putRack('edge-1', wrong)).toMatchObject({
      ok: false,
      error: { kind: 'problem', problem: { status: 422, causes: [{ field: 'networks' }] } },
    })
    await rig.stop()
  })
})

const operation = (
  id: string,
  sled: string,
  kind: string,
  state: string,
  assignment: string | null,
) => ({
  kind: 'operation.changed',
  body: {
    operation: {
      id,
      sled,
      kind,
      state,
      reason: null,
      assignment,
      requestedBy: 'hub',
      steps: [],
      startedAtMs: 1,
      deadlineAtMs: null,
      endedAtMs: null,
    },
  },
})
