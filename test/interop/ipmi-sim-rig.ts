import { spawn, type ChildProcess } from 'node:child_process'
import { createSocket } from 'node:dgram'
import { mkdir, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { encodeFru } from '@brickyard/ipmi/fru'
import { programPath } from '../needs.ts'
import { FRU, ourClient, PASSWORD, USER } from './ipmi-rig.ts'

/** Everything ipmi_sim needs for one BMC: its LAN, its users, its emulated controller, its chassis script. */
async function writeConfiguration(
  folder: string,
  port: number,
  more: SimulatorExtras,
): Promise<void> {
  const levels = ['callback', 'user', 'operator', 'admin']
  const lan = [
    'name "sled"',
    'set_working_mc 0x20',
    '  startlan 1',
    `    addr 127.0.0.1 ${port}`,
    '    priv_limit admin',
    ...levels.map((level) => `    allowed_auths_${level} none md2 md5 straight`),
    '    guid a123456789abcdefa123456789abcdef',
    '  endlan',
    `  chassis_control "${folder}/chassis.sh 0x20"`,
    ...(more.solPort === undefined ? [] : [`  sol "tcp:127.0.0.1:${more.solPort}" 115200`]),
    `  user 2 true "${USER}" "${PASSWORD}" admin 10 none md2 md5 straight`,
    '',
  ]
  const emulated = [
    'mc_setbmc 0x20',
    'mc_add 0x20 0x23 no-device-sdrs 0x03 9 8 0x9f 0x1291 0xf02',
    `mc_add_fru_data 0x20 0 512 file 0 "${folder}/fru.bin"`,
    ...(more.emulated ?? []),
    'mc_enable 0x20',
    '',
  ]
  // ipmi_sim calls it as: chassis.sh 0x20 get|set power|boot|… [value]
  const chassis = `#!/bin/sh
echo "$@" >> ${folder}/calls
case "$2 $3" in
"get power") echo "power:$(cat ${folder}/power)" ;;
"set power") echo "$4" > ${folder}/power ;;
"get boot") echo "boot:$(cat ${folder}/boot)" ;;
"set boot") echo "$4" > ${folder}/boot ;;
esac
`
  const fru = new Uint8Array(512)
  fru.set(encodeFru(FRU))
  await mkdir(join(folder, 'state'))
  await writeFile(join(folder, 'lan.conf'), lan.join('\n'))
  await writeFile(join(folder, 'bmc.emu'), emulated.join('\n'))
  await writeFile(join(folder, 'chassis.sh'), chassis, { mode: 0o755 })
  await writeFile(join(folder, 'power'), '0\n')
  await writeFile(join(folder, 'boot'), 'none\n')
  await writeFile(join(folder, 'fru.bin'), fru)
}

/** A loopback UDP port nobody uses now; ipmi_sim cannot be told to choose one. */
const freePort = (): Promise<number> =>
  new Promise((resolve) => {
    const socket = createSocket('udp4')
    socket.bind(0, '127.0.0.1', () => {
      const { port } = socket.address()
      socket.close(() => resolve(port))
    })
  })

/** What a test wants beside chassis and inventory. */
export interface SimulatorExtras {
  /** Lines of the emulator's own language, before the controller is enabled. */
  readonly emulated?: readonly string[]
  /** The TCP port of a serial port's other end. */
  readonly solPort?: number
}

export interface IpmiSimulator {
  readonly port: number
  /** The text of one of the files the chassis script keeps: `power`, `boot`, `calls`. */
  fileText(name: string): Promise<string>
  stop(): Promise<void>
}

/** Starts OpenIPMI's ipmi_sim on a free port and waits until it answers. */
export async function startIpmiSimulator(more: SimulatorExtras = {}): Promise<IpmiSimulator> {
  const folder = await mkdtemp(join(tmpdir(), 'brickyard-ipmi-sim-'))
  const port = await freePort()
  await writeConfiguration(folder, port, more)
  const files = ['-c', join(folder, 'lan.conf'), '-f', join(folder, 'bmc.emu')]
  const args = [...files, '-s', join(folder, 'state'), '-n', '-d']
  const program = programPath('ipmi_sim') ?? 'ipmi_sim'
  const simulator: ChildProcess = spawn(program, args, { stdio: 'ignore' })
  // It opens its port some time after the start; the first answer says that it is there.
  const client = ourClient(port, 3)
  for (let tries = 0; tries < 5; tries++) if ((await client.power.read()).ok) break
  await client.close()
  return {
    port,
    fileText: async (name) => (await readFile(join(folder, name), 'utf8')).trim(),
    async stop() {
      const ended = new Promise((resolve) => simulator.once('exit', resolve))
      simulator.kill()
      await ended
      await rm(folder, { recursive: true, force: true })
    },
  }
}
