import { answerDevice } from '@brickyard/ipmi/bmc-device'
import { createSelDevice, logChange, SEL_COMMANDS } from '@brickyard/ipmi/bmc-sel'
import { SENSOR_COMMANDS, type SensorChange } from '@brickyard/ipmi/bmc-sensors'
import type { BmcAnswer, BmcCommand } from '@brickyard/ipmi/bmc-state'
import { COMPLETION } from '@brickyard/ipmi/completion-code'
import type { VirtualBmcFaults } from './faults.ts'
import { createChassis, type VirtualChassisOptions } from './virtual-chassis.ts'
import { createSensorBank, sledSensors, type VirtualSensor } from './virtual-sensors.ts'

/** Entries an event log holds: as few as in small BMCs. */
const SEL_ENTRIES_MAX = 512

export interface VirtualPartsOptions extends VirtualChassisOptions {
  /** What the sled measures; a half-width sled's sensors when left out. */
  readonly sensors?: readonly VirtualSensor[] | undefined
}

/** Everything behind the sessions of a virtual BMC: chassis, sensors, event log. */
export interface VirtualParts {
  answer(command: BmcCommand): BmcAnswer
  /** Sets a sensor by hand; what it passes is written into the event log. */
  setSensor(name: string, reading: number | undefined): void
  /** Drops what the BMC alone remembers in its working memory. */
  forget(): void
}

export function createParts(options: VirtualPartsOptions, faults: VirtualBmcFaults): VirtualParts {
  const { clock, host } = options
  const nowS = (): number => clock.wallMs() / 1000
  const chassis = createChassis(options, faults)
  const bank = createSensorBank(options.sensors ?? sledSensors(), Math.floor(nowS()))
  let sel = createSelDevice(SEL_ENTRIES_MAX, nowS())

  function log(changes: readonly SensorChange[]): void {
    sel = { ...sel, nowS: nowS() }
    for (const change of changes) sel = logChange(sel, change)
  }

  function answerParts(command: BmcCommand): BmcAnswer {
    const sensors = answerDevice(SENSOR_COMMANDS, bank.device(), command)
    if (sensors !== undefined) {
      bank.replace(sensors.state)
      return sensors.answer
    }
    const logged = answerDevice(SEL_COMMANDS, sel, command)
    if (logged !== undefined) {
      sel = logged.state
      return logged.answer
    }
    return chassis.answer(command)
  }

  return {
    answer(command) {
      if (faults.busyAnswers > 0) {
        faults.busyAnswers -= 1
        return { completionCode: COMPLETION.nodeBusy, data: new Uint8Array(0) }
      }
      log(bank.follow(host.power() === 'on'))
      return answerParts(command)
    },
    setSensor(name, reading) {
      log(bank.follow(host.power() === 'on'))
      log(bank.set(name, reading))
    },
    forget: () => chassis.forget(),
  }
}
