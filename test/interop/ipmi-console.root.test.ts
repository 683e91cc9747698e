import { expect, it } from 'vitest'
import { needs, programPath } from '../needs.ts'
import { obedientHost } from '@brickyard/sim/obedient-host'
import { loopbackBmc, parseAddress, PASSWORD, run, USER } from './ipmi-rig.ts'
import { echoingSerial, IN_A_TERMINAL } from './ipmi-serial-rig.ts'

/** ipmiconsole knows no port but 623, so the BMC gets it on a loopback address of its own. */
const ADDRESS = '127.0.77.2'

needs({ programs: ['ipmiconsole', 'python3'], root: true }).describe(
  'ipmiconsole on our BMC',
  () => {
    it('types, reads, breaks and leaves', async () => {
      const { serial, seen } = echoingSerial()
      const host = { ...obedientHost().host, serial }
      const bmc = await loopbackBmc(host, { address: parseAddress(ADDRESS), port: 623 })
      try {
        const program = programPath('ipmiconsole') ?? 'ipmiconsole'
        const login = `-h ${ADDRESS} -u ${USER} -p ${PASSWORD} -I 17 -l ADMIN`.split(' ')
        const keys = ['established', 'hello', '<hello>', '&B', 'broken', '&.']
        const terminal = ['-c', IN_A_TERMINAL, ...keys, '--', program, ...login]
        const { code, output } = await run('python3', terminal)
        expect({ code, output }).toMatchObject({
          code: 0,
          output: expect.stringContaining('broken'),
        })
        expect(seen).toEqual({ typed: 'hello', breaks: 1 })
      } finally {
        bmc.close()
      }
    }, 30_000)
  },
)
