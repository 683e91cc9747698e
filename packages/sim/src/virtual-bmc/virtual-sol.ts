import { answerDevice } from '@brickyard/ipmi/bmc-device'
import { BMC_SOL_CHARACTERS_MAX, createSolDevice, SOL_COMMANDS } from '@brickyard/ipmi/bmc-sol'
import type { BmcAnswer, BmcCommand } from '@brickyard/ipmi/bmc-state'
import {
  createSolLink,
  solRoom,
  solWakesAtMs,
  stepSolLink,
  type SolLinkEvent,
  type SolLinkState,
} from '@brickyard/ipmi/sol-link-machine'
import { SOL_OPERATION, SOL_STATUS } from '@brickyard/ipmi/sol-packet'
import type { Clock, Timer } from '@brickyard/runtime/clock'
import { KiB } from '@brickyard/std/units'
import type { VirtualSerial } from './virtual-host.ts'

/** What the host wrote and the console has not taken; a serial port has no more, and drops the rest. */
const OUTPUT_BYTES_MAX = KiB(64)

/** The serial console of a virtual BMC. */
export interface VirtualSol {
  /** Undefined for commands that are not about serial over LAN. */
  answer(command: BmcCommand): BmcAnswer | undefined
  /** A payload of a session; from any but the active one it is dropped. */
  take(sessionId: number, payload: Uint8Array): void
  sessionEnded(sessionId: number): void
  close(): void
}

export function createSol(options: {
  readonly clock: Clock
  readonly port: number
  readonly serial: VirtualSerial | undefined
  readonly send: (sessionId: number, payload: Uint8Array) => void
}): VirtualSol {
  const { clock, serial } = options
  let device = createSolDevice(options.port)
  let link: SolLinkState | undefined
  let timer: Timer | undefined

  const activate = (): void => {
    // Its first packets must follow the answer that activates it: the host writes later than that.
    link = createSolLink(BMC_SOL_CHARACTERS_MAX, OUTPUT_BYTES_MAX)
  }

  function end(): void {
    timer?.cancel()
    link = undefined
  }

  function step(event: SolLinkEvent): void {
    const session = device.activeSession
    if (link === undefined || session === undefined) return
    const next = stepSolLink(link, event, clock.monotonicMs())
    link = next.state
    for (const effect of next.effects) {
      if (effect.kind === 'send') options.send(session, effect.payload)
      else if (effect.kind === 'characters') serial?.write(effect.characters)
      else if (effect.kind === 'bits') {
        if ((effect.bits & SOL_OPERATION.generateBreak) !== 0) serial?.sendBreak()
      } else drop()
    }
    arm()
  }

  /** The console acknowledges nothing any more: §15.11 lets the BMC end the payload. */
  function drop(): void {
    device = { ...device, activeSession: undefined }
    end()
  }

  function arm(): void {
    timer?.cancel()
    const atMs = link === undefined ? undefined : solWakesAtMs(link)
    if (atMs === undefined) return
    const delayMs = Math.max(0, Math.ceil(atMs - clock.monotonicMs()))
    timer = clock.after(delayMs, () => step({ kind: 'tick' }))
  }

  serial?.onOutput((bytes) => {
    if (link === undefined) return
    const room = solRoom(link)
    if (bytes.length > room) step({ kind: 'bits', bits: SOL_STATUS.transmitOverrun })
    step({ kind: 'characters', characters: bytes.slice(0, room) })
  })

  return {
    answer(command) {
      const answered = answerDevice(SOL_COMMANDS, device, command)
      if (answered === undefined) return undefined
      const before = device.activeSession
      const after = answered.state.activeSession
      if (before !== undefined && after === undefined) {
        // Whoever has the console is told that it is over, while its session can still be reached.
        step({ kind: 'bits', bits: SOL_STATUS.deactivating })
        end()
      }
      device = answered.state
      if (before === undefined && after !== undefined) activate()
      return answered.answer
    },
    take(sessionId, payload) {
      if (sessionId === device.activeSession) step({ kind: 'payload', payload })
    },
    sessionEnded(sessionId) {
      if (sessionId !== device.activeSession) return
      device = { ...device, activeSession: undefined }
      end()
    },
    close() {
      device = { ...device, activeSession: undefined }
      end()
    },
  }
}
