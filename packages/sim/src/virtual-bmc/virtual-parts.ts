import { ACCOUNT_COMMANDS, createAccountDevice, loginsOf } from '@brickyard/ipmi/bmc-accounts'
import { createDcmiDevice, DCMI_COMMANDS, observePower } from '@brickyard/ipmi/bmc-dcmi'
import { answerDevice, type DeviceTable } from '@brickyard/ipmi/bmc-device'
import { createLanDevice, LAN_COMMANDS } from '@brickyard/ipmi/bmc-lan'
import { createSelDevice, logChange, SEL_COMMANDS } from '@brickyard/ipmi/bmc-sel'
import { SENSOR_COMMANDS, type SensorChange } from '@brickyard/ipmi/bmc-sensors'
import type { BmcAnswer, BmcCommand, BmcUser } from '@brickyard/ipmi/bmc-state'
import type { CipherSuiteId } from '@brickyard/ipmi/cipher-suite'
import { COMPLETION } from '@brickyard/ipmi/completion-code'
import type { VirtualBmcFaults } from './faults.ts'
import { createChassis, type VirtualChassisOptions } from './virtual-chassis.ts'
import {
  createSensorBank,
  POWER_SENSOR,
  sledSensors,
  type VirtualSensor,
} from './virtual-sensors.ts'

/** Entries an event log holds: as few as in small BMCs. */
const SEL_ENTRIES_MAX = 512

/** What its LAN parameters say before anybody sets them; the network it hangs on does not care. */
const UNPLACED = {
  address: Uint8Array.of(192, 0, 2, 10),
  subnetMask: Uint8Array.of(255, 255, 255, 0),
  gateway: Uint8Array.of(192, 0, 2, 1),
  mac: Uint8Array.of(0x02, 0, 0x5e, 0, 0x53, 0x10),
}

export interface VirtualPartsOptions extends VirtualChassisOptions {
  /** What the sled measures; a half-width sled's sensors when left out. */
  readonly sensors?: readonly VirtualSensor[] | undefined
  /** They fill the user slots from 2 on, and may be changed by command from then on. */
  readonly users: readonly BmcUser[]
  readonly cipherSuites: readonly CipherSuiteId[]
}

/** Everything behind the sessions of a virtual BMC: chassis, sensors, event log, users, channel. */
export interface VirtualParts {
  /** `sessions` is how many are open now. */
  answer(command: BmcCommand, sessions: number): BmcAnswer
  /** Who may log in now. */
  logins(): readonly BmcUser[]
  setUsers(users: readonly BmcUser[]): void
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
  let accounts = createAccountDevice(options.users)
  let dcmi = createDcmiDevice(clock.monotonicMs(), nowS())
  let lan = createLanDevice({ ...UNPLACED, cipherSuites: options.cipherSuites })

  function log(changes: readonly SensorChange[]): void {
    sel = { ...sel, nowS: nowS() }
    for (const change of changes) sel = logChange(sel, change)
  }

  /** A part of the BMC that keeps its state here and answers its own commands. */
  const part =
    <State>(
      table: DeviceTable<State>,
      state: () => State,
      replace: (next: State) => void,
    ): ((command: BmcCommand) => BmcAnswer | undefined) =>
    (command) => {
      const step = answerDevice(table, state(), command)
      if (step !== undefined) replace(step.state)
      return step?.answer
    }
  const parts = [
    part(SENSOR_COMMANDS, bank.device, bank.replace),
    part(
      SEL_COMMANDS,
      () => sel,
      (next) => void (sel = next),
    ),
    part(
      ACCOUNT_COMMANDS,
      () => accounts,
      (next) => void (accounts = next),
    ),
    part(
      DCMI_COMMANDS,
      () => dcmi,
      (next) => void (dcmi = next),
    ),
    part(
      LAN_COMMANDS,
      () => lan,
      (next) => void (lan = next),
    ),
  ]

  return {
    answer(command, sessions) {
      if (faults.busyAnswers > 0) {
        faults.busyAnswers -= 1
        return { completionCode: COMPLETION.nodeBusy, data: new Uint8Array(0) }
      }
      log(bank.follow(host.power() === 'on'))
      lan = { ...lan, activeSessions: sessions }
      dcmi = observePower(dcmi, bank.value(POWER_SENSOR), clock.monotonicMs(), nowS())
      for (const answerPart of parts) {
        const answer = answerPart(command)
        if (answer !== undefined) return answer
      }
      return chassis.answer(command)
    },
    logins: () => loginsOf(accounts),
    setUsers: (users) => void (accounts = createAccountDevice(users)),
    setSensor(name, reading) {
      log(bank.follow(host.power() === 'on'))
      log(bank.set(name, reading))
    },
    forget: () => chassis.forget(),
  }
}
