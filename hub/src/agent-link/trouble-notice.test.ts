import { expect, it } from 'vitest'
import { hubRig, must } from '../../../test/scenarios/hub-rig.ts'

it('needs a person for a trouble of the site, and no more once it is over', async () => {
  const rig = await hubRig()
  const site = await rig.site('edge-1')
  const operator = await rig.signIn('operator')
  const told = async () => must(await operator.attention()).items.map(({ what }) => what)
  const what = 'sensor FAN 1 of sled-01'
  await site.tell({ kind: 'site.trouble', body: { what, reason: 'it is critical: 300 RPM' } })
  expect(await told()).toEqual([`${what}: it is critical: 300 RPM`])
  await site.tell({ kind: 'site.trouble', body: { what, reason: 'it is well again', over: true } })
  expect(await told()).toEqual([])
  await rig.stop()
})
