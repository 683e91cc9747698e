import { createBmc, stepBmc } from '@brickyard/ipmi/bmc-machine'
import {
  BMC_ENTROPY_BYTES,
  type BmcAnswer,
  type BmcCommand,
  type BmcEffect,
  type BmcState,
  type BmcUser,
} from '@brickyard/ipmi/bmc-state'
import type { BmcRestart } from '@brickyard/ipmi/commands/restart'
import { COMPLETION } from '@brickyard/ipmi/completion-code'
import type { Random } from '@brickyard/runtime/random'
import type { Udp, UdpAddress, UdpBind } from '@brickyard/runtime/udp'
import { Seconds } from '@brickyard/std/units'
import { noFaults, type VirtualBmcFaults } from './faults.ts'
import { createParts, type VirtualPartsOptions } from './virtual-parts.ts'
import { createSol } from './virtual-sol.ts'

/** Sessions a virtual BMC holds: as few as real ones. */
const SESSIONS_MAX = 4
/** Answers that may be on their way at once when the BMC is slow; the rest is lost, as in a small BMC. */
const DELAYED_MAX = 32
/** How long a restart by command keeps it away, and how long after its answer it begins. */
const RESTART_MS: Readonly<Record<BmcRestart, number>> = { cold: Seconds(40), warm: Seconds(10) }
const ANSWERS_FIRST_MS = 200
const WRONG = '\u0001changed by somebody else'.slice(0, 20)

export interface VirtualBmcOptions extends VirtualPartsOptions {
  readonly udp: Udp
  readonly random: Random
  readonly bind: UdpBind
  /** 16 bytes as they go on the wire. */
  readonly guid: Uint8Array
  readonly sessionsMax?: number | undefined
  /** The BMC key Kg, which logins then need beside a password. */
  readonly bmcKey?: string | undefined
  /** Sees every command of a session before it is answered. */
  readonly onCommand?: ((command: BmcCommand) => void) | undefined
}

export interface VirtualBmc {
  readonly address: UdpAddress
  readonly faults: VirtualBmcFaults
  /** Who may log in now. */
  users(): readonly BmcUser[]
  /** Back to other users, as by the setup of the firmware or by root on the host; sessions end. */
  setUsers(users: readonly BmcUser[]): void
  /** Sessions open now, for tests and the lab panel. */
  sessions(): number
  /**
   * Sets a sensor by hand: a value in its unit, a mask of states, or no reading. A threshold passed
   * or a state that comes or goes is written into the event log. Unknown names throw.
   */
  setSensor(name: string, reading: number | undefined): void
  /** A cold restart of the BMC alone: sessions and boot options are forgotten, the host runs on. */
  restart(): void
  close(): void
}

const RUBBISH_BYTES_MAX = 64
const RMCP_HEADER = [0x06, 0x00, 0xff, 0x07]

/** Noise; half of it looks like IPMI at first. */
function rubbish(random: Random): Uint8Array {
  const [length = 1, look = 0] = random.bytes(2)
  const noise = random.bytes(1 + (length % RUBBISH_BYTES_MAX))
  return look % 2 === 0 ? noise : Uint8Array.from([...RMCP_HEADER, ...noise])
}

/** A BMC that speaks IPMI 2.0 to real consoles and acts on `host`. Rejects when it cannot bind. */
export async function createVirtualBmc(options: VirtualBmcOptions): Promise<VirtualBmc> {
  const { clock, random } = options
  const faults = noFaults()
  const config = {
    users: options.users,
    guid: options.guid,
    cipherSuites: options.cipherSuites,
    sessionsMax: options.sessionsMax ?? SESSIONS_MAX,
    bmcKey: options.bmcKey,
  }
  const socket = await options.udp.bind(options.bind)
  const parts = createParts({ ...options, onRestart: restartSoon }, faults)
  let state: BmcState<UdpAddress> = createBmc(config)
  const sol = createSol({
    clock,
    port: socket.local.port,
    serial: options.host.serial,
    send: (sessionId, payload) =>
      run({ kind: 'sol', sessionId, payload, entropy: random.bytes(BMC_ENTROPY_BYTES) }),
  })
  let delayed = 0
  let open = true
  let awayUntilMs = -Infinity

  function receive(datagram: Uint8Array, from: UdpAddress): void {
    if (faults.silent || !open || clock.monotonicMs() < awayUntilMs || isLost()) return
    if (faults.rubbish) return send(rubbish(random), from)
    const logins = parts.logins()
    const intruded = logins.map((user) => ({ ...user, password: WRONG }))
    const users = faults.wrongPassword ? intruded : logins
    state = { ...state, config: { ...config, users } }
    const entropy = random.bytes(BMC_ENTROPY_BYTES)
    run({ kind: 'datagram', datagram, from, entropy })
  }

  function restart(): void {
    state = createBmc(config)
    sol.close()
    parts.forget()
  }

  /** As by command: it answers first, and is away for a while. */
  function restartSoon(how: BmcRestart): void {
    options.onRestart?.(how)
    if (faults.ignoreRestart) return
    clock.after(ANSWERS_FIRST_MS, () => {
      restart()
      awayUntilMs = clock.monotonicMs() + RESTART_MS[how]
    })
  }

  const isLost = (): boolean => faults.loss > 0 && (random.bytes(1)[0] ?? 0) < faults.loss * 256

  function run(event: Parameters<typeof stepBmc<UdpAddress>>[1]): void {
    const step = stepBmc(state, event, clock.monotonicMs())
    state = step.state
    for (const effect of step.effects) perform(effect)
  }

  function perform(effect: BmcEffect<UdpAddress>): void {
    switch (effect.kind) {
      case 'send':
        return send(effect.datagram, effect.to)
      case 'sol':
        return sol.take(effect.sessionId, effect.payload)
      case 'session-ended':
        return sol.sessionEnded(effect.sessionId)
      case 'command': {
        options.onCommand?.(effect.command)
        if (faults.hangsAfterLogin) return
        const answer = answerCommand(effect.command)
        const entropy = random.bytes(BMC_ENTROPY_BYTES)
        return run({ kind: 'answer', ticket: effect.ticket, answer, entropy })
      }
    }
  }

  function answerCommand(command: BmcCommand): BmcAnswer {
    const disabled = faults.disabledCommands.find(
      ({ netFn, command: number }) => netFn === command.netFn && number === command.command,
    )
    if (disabled !== undefined) {
      const completionCode = disabled.completionCode ?? COMPLETION.disabled
      return { completionCode, data: new Uint8Array(0) }
    }
    return sol.answer(command) ?? parts.answer(command, state.sessions.size)
  }

  function send(datagram: Uint8Array, to: UdpAddress): void {
    if (isLost()) return
    if (faults.slowMs <= 0) return socket.send(datagram, to)
    if (delayed >= DELAYED_MAX) return
    delayed += 1
    clock.after(faults.slowMs, () => {
      delayed -= 1
      if (open && !faults.silent) socket.send(datagram, to)
    })
  }

  socket.onDatagram(receive)
  // A console that went away makes sends fail; a BMC does not care.
  socket.onError(() => {})
  return {
    address: socket.local,
    faults,
    users: () => parts.logins(),
    setUsers(users) {
      parts.setUsers(users)
      state = createBmc(config)
    },
    sessions: () => state.sessions.size,
    setSensor: (name, reading) => parts.setSensor(name, reading),
    restart,
    close() {
      open = false
      sol.close()
      parts.forget()
      socket.close()
    },
  }
}
