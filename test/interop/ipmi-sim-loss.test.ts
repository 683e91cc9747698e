import { createSocket, type Socket } from 'node:dgram'
import { connectBmc } from '@brickyard/bmc/connect'
import { afterAll, beforeAll, expect, it } from 'vitest'
import { needs } from '../needs.ts'
import { startIpmiSimulator, type IpmiSimulator } from './ipmi-sim-rig.ts'
import { LOOPBACK, PASSWORD, PORTS, USER } from './ipmi-rig.ts'

/** Passes datagrams on in both directions and loses every `lossEvery`-th. */
async function lossyRelay(to: number, lossEvery: number) {
  const front = createSocket('udp4')
  const back = createSocket('udp4')
  let passed = 0
  let lost = 0
  let console: { readonly address: string; readonly port: number } | undefined
  const pass = (socket: Socket, datagram: Buffer, port: number): void => {
    passed += 1
    if (passed % lossEvery === 0) lost += 1
    else socket.send(datagram, port, '127.0.0.1')
  }
  front.on('message', (datagram, from) => {
    console = from
    pass(back, datagram, to)
  })
  back.on('message', (datagram) => {
    if (console !== undefined) pass(front, datagram, console.port)
  })
  await new Promise<void>((resolve) => front.bind(0, '127.0.0.1', resolve))
  await new Promise<void>((resolve) => back.bind(0, '127.0.0.1', resolve))
  return {
    port: front.address().port,
    lost: () => lost,
    close() {
      front.close()
      back.close()
    },
  }
}

needs({ programs: ['ipmi_sim'] }).describe('our client on ipmi_sim over a bad wire', () => {
  let simulator: IpmiSimulator
  beforeAll(async () => {
    simulator = await startIpmiSimulator({
      emulated: [
        'sel_enable 0x20 1000 0x0a',
        ...Array.from(
          { length: 6 },
          () => 'sel_add 0x20 0x02 0 0 0 0 0x20 0x00 0x04 0x08 0x02 0x6f 0x03 0xff 0xff',
        ),
      ],
    })
  })
  afterAll(() => simulator.stop())

  it.each([3, 5, 7])(
    'gets everything although every %ith datagram is lost',
    async (lossEvery) => {
      const relay = await lossyRelay(simulator.port, lossEvery)
      const where = { protocol: 'ipmi', address: LOOPBACK, port: relay.port } as const
      const declaration = { ...where, user: USER, cipherSuite: 3 } as const
      const attemptTimeoutsMs = [150, 300, 600, 1200]
      const client = connectBmc(declaration, PASSWORD, PORTS, { attemptTimeoutsMs })
      try {
        for (let n = 0; n < 10; n++) expect(await client.power.read()).toMatchObject({ ok: true })
        const log = await client.log?.read()
        expect(log?.ok === true && log.value.entries).toHaveLength(6)
        expect(relay.lost()).toBeGreaterThan(3)
      } finally {
        await client.close()
        relay.close()
      }
    },
    20_000,
  )
})
