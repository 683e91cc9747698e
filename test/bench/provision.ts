/**
 * From one call of the hub's API to the call of the installed OS, against the floor: dnsmasq and
 * fixed answers with the same virtual sleds, kernel, initrd and image. Needs root and QEMU, and half
 * an hour under emulation.
 */
import { spawn } from 'node:child_process'
import { fileURLToPath } from 'node:url'
import type { Measured } from '../metal/measure.ts'
import { median, smallerIsBetter, type BenchRow } from './row.ts'

const METAL = fileURLToPath(new URL('../metal/main.ts', import.meta.url))

export async function run(): Promise<readonly BenchRow[]> {
  const measured = await measureInRig()
  const sleds = [...new Set(measured.map(({ sled }) => sled))]
  return sleds.flatMap((sled) => {
    const seconds = (by: Measured['by']): number => {
      const own = measured.filter((each) => each.sled === sled && each.by === by)
      return median(own.map(({ totalMs }) => totalMs)) / 1000
    }
    const ours = { bench: 'provision', unit: 's', ours: seconds('ours') }
    const metric = `API call to OS, ${sled}, two side by side (median of 3)`
    return [
      smallerIsBetter({ ...ours, metric, peer: seconds('floor'), peerName: 'tuned floor' }),
      smallerIsBetter({
        ...ours,
        metric,
        peer: seconds('untuned floor'),
        peerName: 'untuned floor, one run',
      }),
    ]
  })
}

/** The metal rig is a process of its own: it moves into a network namespace. */
async function measureInRig(): Promise<readonly Measured[]> {
  const child = spawn(process.execPath, [METAL, '--measure'], {
    stdio: ['ignore', 'pipe', 'inherit'],
  })
  const ended = new Promise<number | null>((resolve) => child.once('exit', resolve))
  let said = ''
  for await (const piece of child.stdout) said += String(piece)
  const code = await ended
  const lines = said.split('\n')
  if (code !== 0) throw new Error(`the rig ended with ${code}: ${lines.slice(-3).join(' ').trim()}`)
  return lines.filter((line) => line.startsWith('{')).map((line) => JSON.parse(line) as Measured)
}
