import { createServer, type Server, type Socket } from 'node:net'
import type { ConsoleListener } from '@brickyard/bmc/console'
import type { VirtualBmc } from '@brickyard/sim/virtual-bmc'
import { afterAll, beforeAll, expect, it } from 'vitest'
import { needs, programPath } from '../needs.ts'
import { startIpmiSimulator, type IpmiSimulator } from './ipmi-sim-rig.ts'
import { obedientHost } from '@brickyard/sim/obedient-host'
import { loopbackBmc, ourClient, PASSWORD, run, USER } from './ipmi-rig.ts'
import { echoingSerial, IN_A_TERMINAL } from './ipmi-serial-rig.ts'

needs({ programs: ['ipmitool', 'python3'] }).describe('ipmitool sol on our BMC', () => {
  const { serial, seen } = echoingSerial()
  let bmc: VirtualBmc
  beforeAll(async () => {
    bmc = await loopbackBmc({ ...obedientHost().host, serial })
  })
  afterAll(() => bmc.close())

  it('types, reads, breaks and leaves; then the console is free again', async () => {
    const login = `-I lanplus -C 17 -H 127.0.0.1 -p ${bmc.address.port} -U ${USER} -P ${PASSWORD}`
    const program = programPath('ipmitool') ?? 'ipmitool'
    const tool = [program, ...login.split(' '), 'sol']
    expect((await run(program, [...tool.slice(1), 'info', '1'])).output).toMatch(
      /Enabled +: true\n/,
    )
    const keys = ['operational', 'hello', '<hello>', '\r~B', 'broken', '\r~.']
    const { code, output } = await run('python3', [
      '-c',
      IN_A_TERMINAL,
      ...keys,
      '--',
      ...tool,
      'activate',
    ])
    expect({ code, output }).toMatchObject({ code: 0, output: expect.stringContaining('<hello>') })
    expect(output).toContain('broken')
    expect(seen).toMatchObject({ breaks: 1, typed: expect.stringContaining('hello') })
    const client = ourClient(bmc.address.port, 17)
    const again = await client.console?.open(SILENT, { takeOver: false })
    expect(again?.ok).toBe(true)
    await client.close()
  }, 30_000)
})

const SILENT: ConsoleListener = { onData() {}, onInterrupted() {}, onClosed() {} }

needs({ programs: ['ipmi_sim'] }).describe('our console on ipmi_sim', () => {
  let server: Server
  let simulator: IpmiSimulator
  let typed = ''
  const ports: Socket[] = []
  beforeAll(async () => {
    // ipmi_sim dials the serial port's other end as soon as it starts.
    server = createServer((socket) => {
      ports.push(socket)
      socket.on('error', () => {})
      socket.on('data', (data) => {
        typed += data.toString('latin1')
        socket.write(`<${data.toString('latin1')}>`)
      })
    })
    const solPort = await new Promise<number>((resolve) => {
      server.listen(0, '127.0.0.1', () => {
        const address = server.address()
        resolve(address !== null && typeof address === 'object' ? address.port : 0)
      })
    })
    simulator = await startIpmiSimulator({ solPort })
  })
  afterAll(async () => {
    await simulator.stop()
    for (const socket of ports) socket.destroy()
    await new Promise((resolve) => server.close(resolve))
  })

  it('types, reads, and gives the console back', async () => {
    for (let round = 0; round < 2; round++) {
      const client = ourClient(simulator.port, 3)
      let heard = ''
      const told: string[] = []
      const listener: ConsoleListener = {
        onData: (bytes) => void (heard += new TextDecoder().decode(bytes)),
        onInterrupted: (state) => void told.push(state),
        onClosed: (why) => void told.push(why),
      }
      const console = await client.console?.open(listener, { takeOver: false })
      if (console?.ok !== true) throw new Error(console?.error.message ?? 'no console')
      const line = `round ${round} ${'.'.repeat(300)}\r`
      console.value.write(new TextEncoder().encode(line))
      await expect.poll(() => typed, { timeout: 5000 }).toContain(line)
      await expect.poll(() => heard.replace(/[<>]/g, ''), { timeout: 5000 }).toContain(line)
      expect((await client.power.read()).ok).toBe(true)
      await console.value.close()
      expect(told).toEqual(['closed'])
      await client.close()
    }
  }, 20_000)
})
