import { nodeUdp } from '@brickyard/runtime/node/udp'
import { systemClock } from '@brickyard/runtime/node/clock'
import { systemRandom } from '@brickyard/runtime/node/random'
import { createVirtualBmc, type VirtualBmc } from '@brickyard/sim/virtual-bmc'
import type { HostBootOverride, VirtualHost } from '@brickyard/sim/virtual-host'
import type { BootFrom, QemuSled } from './qemu-sled.ts'
import { addAddress } from './rig-network.ts'
import type { RigSled } from './rig-sleds.ts'

export const BMC_USER = 'brickyard'
/** What IPMI sends to; a BMC has its own address, so that nothing else listens there. */
const IPMI_PORT = 623
const GUID_BYTES = 16
/** What an override leads to. */
const BOOT_FROM: ReadonlyMap<string, BootFrom> = new Map([
  ['network', 'network'],
  ['cdrom', 'cdrom'],
])

/** The QEMU process as its BMC sees it: power is what the process says, not what was asked for. */
export function bmcHost(sled: QemuSled): VirtualHost {
  let override: HostBootOverride | undefined
  let startsBefore = 0
  let goingDown = false

  const powerOff = async (thenOn: boolean): Promise<void> => {
    goingDown = true
    await sled.powerOff()
    goingDown = false
    if (thenOn) sled.powerOn()
  }

  return {
    power: () => (sled.isOn || goingDown ? 'on' : 'off'),
    apply(verb) {
      if (goingDown) return { refused: 'it is still going down' }
      switch (verb) {
        case 'on':
          sled.powerOn()
          return
        case 'off':
          void powerOff(false)
          return
        case 'soft':
          sled.pressPowerButton()
          return
        case 'cycle':
        case 'reset':
          if (!sled.isOn) return { refused: 'it is off' }
          void powerOff(true)
      }
    },
    setBootOverride(wanted) {
      override = wanted
      startsBefore = sled.starts
      const from = BOOT_FROM.get(wanted?.device ?? 'disk') ?? 'disk'
      sled.bootAlways('disk')
      if (wanted?.persistent === true) sled.bootAlways(from)
      else sled.bootOnce(from)
    },
    bootOverride() {
      const isUsedUp = override?.persistent === false && sled.starts > startsBefore
      return isUsedUp ? undefined : override
    },
    identify: () => undefined,
    serial: {
      write: (bytes) => sled.typeSerial(bytes),
      sendBreak: () => sled.sendSerialBreak(),
      onOutput: (listener) => {
        sled.onSerial = listener
      },
    },
  }
}

/** A BMC on its own address beside the sled; cipher suite 17 only. */
export async function openBmc(
  hardware: RigSled,
  sled: QemuSled,
  password: string,
): Promise<VirtualBmc> {
  addAddress(hardware.bmcAddress)
  const { serial, firmware } = hardware
  const product = `rig-${firmware}`
  const identity = { manufacturer: 'Brickyard', product, partNumber: product, serial }
  return createVirtualBmc({
    udp: nodeUdp,
    clock: systemClock,
    random: systemRandom,
    bind: { address: hardware.bmcAddress, port: IPMI_PORT },
    users: [{ name: BMC_USER, password, privilege: 'administrator' }],
    guid: systemRandom.bytes(GUID_BYTES),
    fru: {
      chassis: { type: 0x17, partNumber: product, serial },
      board: identity,
      product: { ...identity, version: '1', assetTag: '' },
    },
    cipherSuites: [17],
    host: bmcHost(sled),
  })
}
