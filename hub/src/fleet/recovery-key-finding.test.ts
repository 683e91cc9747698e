import type { SledDeclaration } from '@brickyard/model/rack'
import { expect, it } from 'vitest'
import { aboutRecoveryKey } from './attention-check.ts'

const sled = { bmc: { protocol: 'ipmi' } } as SledDeclaration
const bmcPasswords = { recoveryKey: 'k', rotateAtIntake: true, rotateAfterRelease: true }

it('a site with BMCs and no recovery key is a finding, and none with one', () => {
  expect(aboutRecoveryKey('a', { sleds: [sled, sled] }, 7)).toMatchObject([
    { site: 'a', severity: 'info', sinceMs: 7, what: expect.stringContaining('2 BMCs') as string },
  ])
  expect(aboutRecoveryKey('a', { sleds: [sled], bmcPasswords }, 7)).toEqual([])
  expect(aboutRecoveryKey('a', { sleds: [] }, 7)).toEqual([])
  expect(aboutRecoveryKey('a', undefined, 7)).toEqual([])
})
