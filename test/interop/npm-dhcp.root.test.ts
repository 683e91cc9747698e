import { execFileSync } from 'node:child_process'
import { fileURLToPath } from 'node:url'
import { afterEach, expect, it } from 'vitest'
import { needs } from '../needs.ts'
import { AGENT_ADDRESS, type NetbootRig, NETWORK, openNetbootRig } from './netboot-rig.ts'

const MAC = '52:54:00:98:00:23'
const CLIENT = fileURLToPath(new URL('npm-dhcp-client.ts', import.meta.url))

let rig: NetbootRig | undefined
afterEach(() => {
  rig?.close()
  rig = undefined
})

needs({ root: true, programs: ['ip', 'radvd', 'python3'] }).describe(
  "npm's dhcp as a client",
  () => {
    it('obtains an address and what goes with it', async () => {
      rig = openNetbootRig()
      await rig.serve({ network: NETWORK, sleds: {}, bootUrl: `http://${AGENT_ADDRESS}:80` })
      const inside = ['-n', rig.addClient('one', MAC)]
      execFileSync('ip', [...inside, 'addr', 'add', '169.254.1.1/16', 'dev', 'eth0'])
      execFileSync('ip', [...inside, 'route', 'add', '255.255.255.255', 'dev', 'eth0'])
      const words = ['netns', 'exec', inside[1] as string, process.execPath, CLIENT, MAC]
      const said = execFileSync('ip', words, { encoding: 'utf8', timeout: 10_000 })
      expect(JSON.parse(said)).toMatchObject({
        state: 'BOUND',
        address: '10.98.0.100',
        server: AGENT_ADDRESS,
        leasePeriod: 3600,
        options: { netmask: '255.255.255.0', router: [AGENT_ADDRESS], dns: [AGENT_ADDRESS] },
      })
    })
  },
)
