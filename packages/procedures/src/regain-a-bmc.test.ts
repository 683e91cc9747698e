import { expect, it } from 'vitest'
import { checkProcedure } from './check-procedure.ts'
import { REGAIN_A_BMC } from './regain-a-bmc.ts'

it('the guide to a BMC that lets nobody in can be followed to its end, and nobody ends it by word', () => {
  expect(checkProcedure(REGAIN_A_BMC)).toEqual([])
  expect(REGAIN_A_BMC.steps.filter(({ cannotVerify }) => cannotVerify !== undefined)).toEqual([])
})
