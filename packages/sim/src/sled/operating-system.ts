import { sleep } from '@brickyard/runtime/clock'
import { readBody } from '@brickyard/runtime/http'
import { KiB, Seconds } from '@brickyard/std/units'
import { acquireLease } from './dhcp-client.ts'
import { staticAddress } from './seed-network.ts'
import { readSeed } from './seed-partition.ts'
import { createShell, KERNEL_LINES } from './serial-shell.ts'
import type { SledLife } from './sled-life.ts'

/** cloud-init's phone_home: the tries its seed names, a second more between each. */
const TRIES_DEFAULT = 10
const SEED_LABEL = 'CIDATA'
const ANSWER_BYTES_MAX = KiB(64)

/** The installed system as far as it matters here: it boots, asks for an address, reads its seed, calls home. */
export async function runOperatingSystem(life: SledLife, system: string): Promise<void> {
  life.stage('operating-system')
  life.show(`booting ${system} from disk`)
  life.noteDeed('system', system)
  const bootedMs = life.clock.monotonicMs()
  life.serial.print(...KERNEL_LINES)
  await sleep(life.clock, life.timing.osBootMs)
  const [mac] = life.hardware.macs
  if (mac === undefined) return
  const seed = life.hardware.disks
    .map((disk) => readSeed(disk, SEED_LABEL))
    .find((files) => files !== undefined)
  const config = seed?.get('network-config')
  const fixed = config === undefined ? undefined : staticAddress(config, mac)
  if (fixed === undefined) {
    const lease = await acquireLease(life, life.interface, mac, { hostName: 'localhost' })
    if (lease.ok) life.setAddress(lease.value.address, lease.value.prefixLength)
  } else life.setAddress(fixed.address, fixed.prefixLength)
  const named = /"?local-hostname"?: *"?([^"\s,]+)/.exec(seed?.get('meta-data') ?? '')?.[1]
  const hostname = named ?? 'localhost'
  life.show(`${hostname} is up`)
  openShell(life, system, hostname, bootedMs)
  if (seed === undefined) return
  const vendorData = seed.get('vendor-data') ?? ''
  const url = /"?url"?: *"?([^"\s,]+)/.exec(vendorData)?.[1]
  if (url === undefined || life.faults.neverCallsBack) return
  const instance = /"?instance-id"?: *"?([^"\s,]+)/.exec(seed.get('meta-data') ?? '')?.[1] ?? ''
  const tries = Number(/"?tries"?: *(\d+)/.exec(vendorData)?.[1] ?? TRIES_DEFAULT)
  await phoneHome(life, url, { instance_id: instance, hostname }, tries)
}

async function phoneHome(
  life: SledLife,
  url: string,
  fields: Record<string, string>,
  tries: number,
): Promise<void> {
  for (let attempt = 1; attempt <= tries; attempt++) {
    const answer = await life.http.request({
      method: 'POST',
      url,
      headers: { 'content-type': 'application/x-www-form-urlencoded' },
      body: new URLSearchParams(fields).toString(),
    })
    if (answer.ok) {
      await readBody(answer.value.body, ANSWER_BYTES_MAX).catch(() => undefined)
      if (answer.value.status < 300) return life.noteDeed('call-home', fields['instance_id'])
    }
    await sleep(life.clock, Seconds(attempt))
  }
  life.show('phone_home: gave up')
}

function openShell(life: SledLife, system: string, hostname: string, bootedMs: number): void {
  const shell = createShell({
    serial: life.serial,
    system,
    hostname,
    uptimeSeconds: () => (life.clock.monotonicMs() - bootedMs) / Seconds(1),
    powerOff: () => life.powerOff(),
    restart: () => life.restart(),
  })
  life.serial.listen(shell)
  shell.begin()
}
