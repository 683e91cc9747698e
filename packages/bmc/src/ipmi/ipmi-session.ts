import { clientWakesAtMs, createClient, stepClient } from '@brickyard/ipmi/client-machine'
import {
  STEP_ENTROPY_BYTES,
  type ClientEffect,
  type ClientEvent,
  type ClientState,
} from '@brickyard/ipmi/client-state'
import type { CommandRequest } from '@brickyard/ipmi/commands/command'
import { COMPLETION, describeCompletion } from '@brickyard/ipmi/completion-code'
import { PASSWORD_BYTES_MAX, USER_BYTES_MAX } from '@brickyard/ipmi/session-keys'
import type { IpmiDeclaration } from '@brickyard/model/rack'
import { sleep, type Clock, type Timer } from '@brickyard/runtime/clock'
import type { Random } from '@brickyard/runtime/random'
import type { Udp, UdpSocket } from '@brickyard/runtime/udp'
import { assert } from '@brickyard/std/assert'
import { err, ok, type Result } from '@brickyard/std/result'
import { Seconds } from '@brickyard/std/units'
import type { BmcFault } from '../fault.ts'

export interface BmcPorts {
  readonly udp: Udp
  readonly clock: Clock
  readonly random: Random
}

export interface BmcTiming {
  /** How long each attempt waits for its answer. */
  readonly attemptTimeoutsMs: readonly number[]
  /** The longest a single request may take, opening a session included. */
  readonly requestTimeoutMs: number
  readonly keepaliveMs: number
  readonly idleCloseMs: number
}

/** A session lives 60 s without a packet, so 25 s is safe with one loss; BMCs are slow, so attempts grow. */
const DEFAULT_TIMING: BmcTiming = {
  attemptTimeoutsMs: [Seconds(1), Seconds(2), Seconds(4)],
  requestTimeoutMs: Seconds(15),
  keepaliveMs: Seconds(25),
  idleCloseMs: Seconds(120),
}

/** "Not now" (node busy, still initializing): nothing was done, so the same may be asked again. */
const BUSY_CODES: readonly number[] = [COMPLETION.nodeBusy, COMPLETION.initializing]
const BUSY_RETRIES = 4
const BUSY_PAUSE_MS = Seconds(1)

export interface IpmiAnswer {
  readonly completionCode: number
  readonly data: Uint8Array
}

/** A kept session with one BMC. */
export interface IpmiSession {
  /** One request; any completion code is an answer. `never` sends it once only. */
  ask(request: CommandRequest, repeat?: 'harmless' | 'never'): Promise<Result<IpmiAnswer, BmcFault>>
  /** One request whose completion code must be zero; `what` names it in the fault. */
  demand(
    what: string,
    request: CommandRequest,
    repeat?: 'harmless' | 'never',
  ): Promise<Result<Uint8Array, BmcFault>>
  /**
   * The serial-over-LAN side of the session, for one console at a time. While attached the session
   * is kept open; `onEnded` says that it is gone, and that the console must be activated anew.
   */
  attachSol(listener: SolListener): SolAttachment
  /** Sessions that ended so far, however they did: a count that grew tells that one was lost. */
  sessionsEnded(): number
  close(): Promise<void>
}

export interface SolListener {
  onPayload(payload: Uint8Array): void
  onEnded(): void
  /** The connection was closed: there will be no other session. */
  onClosed(): void
}

export interface SolAttachment {
  send(payload: Uint8Array): void
  detach(): void
}

const PRINTABLE = /^[\x20-\x7e]*$/

/** Why a login can never work; undefined when it may. */
function unusableLogin(user: string, password: string, bmcKey: string): string | undefined {
  if (bmcKey.length > PASSWORD_BYTES_MAX || !PRINTABLE.test(bmcKey)) {
    return `the BMC key is not up to ${PASSWORD_BYTES_MAX} ASCII characters`
  }
  if (user.length > USER_BYTES_MAX || !PRINTABLE.test(user)) {
    return `user '${user}' is not up to ${USER_BYTES_MAX} ASCII characters`
  }
  if (password.length > PASSWORD_BYTES_MAX || !PRINTABLE.test(password)) {
    return `the password of user '${user}' is not up to ${PASSWORD_BYTES_MAX} ASCII characters`
  }
  return undefined
}

/** The shell of the client machine: owns its socket, its timer and the promises of its callers. */
export function createIpmiSession(
  declaration: IpmiDeclaration,
  password: string,
  ports: BmcPorts,
  timing: Partial<BmcTiming> = {},
  /** The BMC key Kg, where one is set beside the users' passwords. */
  bmcKey?: string,
): IpmiSession {
  const { requestTimeoutMs, ...patience } = { ...DEFAULT_TIMING, ...timing }
  const { udp, clock, random } = ports
  const { address, port, user, cipherSuite } = declaration
  const unusable = unusableLogin(user, password, bmcKey ?? '')
  const login = { user, password, bmcKey, cipherSuite, privilege: 'administrator' } as const

  let state: ClientState = createClient({ ...login, ...patience })
  let binding: Promise<UdpSocket> | undefined
  let socket: UdpSocket | undefined
  let timer: Timer | undefined
  let lastId = 0
  let ended = 0
  const waiting = new Map<number, (result: Result<IpmiAnswer, BmcFault>) => void>()
  const closed: (() => void)[] = []
  let solListener: SolListener | undefined

  function dispatch(make: (entropy: Uint8Array) => ClientEvent): void {
    const step = stepClient(state, make(random.bytes(STEP_ENTROPY_BYTES)), clock.monotonicMs())
    state = step.state
    for (const effect of step.effects) perform(effect)
    arm()
  }

  function perform(effect: ClientEffect): void {
    switch (effect.kind) {
      case 'send':
        socket?.send(effect.datagram, { address, port })
        return
      case 'answered':
        return settle(effect.id, ok(effect))
      case 'failed':
        return settle(effect.id, err(named(effect.fault)))
      case 'sol':
        solListener?.onPayload(effect.payload)
        return
      case 'session-ended':
        ended += 1
        solListener?.onEnded()
        return
      case 'closed':
        socket?.close()
        socket = undefined
        solListener?.onClosed()
        for (const done of closed.splice(0)) done()
    }
  }

  const named = (fault: BmcFault): BmcFault => ({
    kind: fault.kind,
    message: `BMC ${address}:${port}: ${fault.message}`,
  })

  function settle(id: number, result: Result<IpmiAnswer, BmcFault>): void {
    const done = waiting.get(id)
    assert(done !== undefined, `request ${id} is settled once`)
    waiting.delete(id)
    done(result)
  }

  function arm(): void {
    timer?.cancel()
    const atMs = clientWakesAtMs(state)
    timer =
      atMs === undefined
        ? undefined
        : // Rounded up: a rounding error must not wake it just before its time, again and again.
          clock.after(Math.max(0, Math.ceil(atMs - clock.monotonicMs())), () =>
            dispatch((entropy) => ({ kind: 'tick', entropy })),
          )
  }

  async function bound(): Promise<Result<void, BmcFault>> {
    binding ??= udp.bind({ address: '0.0.0.0', port: 0 })
    try {
      const opened = await binding
      if (state.closing) opened.close()
      else if (socket === undefined) listen(opened)
      return ok(undefined)
    } catch (cause) {
      binding = undefined
      const why = cause instanceof Error ? cause.message : String(cause)
      return err(named({ kind: 'unreachable', message: `no socket: ${why}` }))
    }
  }

  function listen(opened: UdpSocket): void {
    socket = opened
    opened.onDatagram((datagram, from) => {
      if (from.address !== address || from.port !== port) return
      dispatch((entropy) => ({ kind: 'datagram', datagram, entropy }))
    })
    // A failed send is a lost datagram: the machine repeats it or gives up in its own time.
    opened.onError(() => {})
  }

  async function ask(
    request: CommandRequest,
    repeat: 'harmless' | 'never' = 'harmless',
  ): Promise<Result<IpmiAnswer, BmcFault>> {
    if (unusable !== undefined) return err(named({ kind: 'auth', message: unusable }))
    const deadlineMs = clock.monotonicMs() + requestTimeoutMs
    const ready = await bound()
    if (!ready.ok) return ready
    for (let busy = 0; ; busy++) {
      const answer = await send(request, deadlineMs, repeat)
      const again = answer.ok && BUSY_CODES.includes(answer.value.completionCode)
      if (!again || busy >= BUSY_RETRIES || clock.monotonicMs() + BUSY_PAUSE_MS >= deadlineMs) {
        return answer
      }
      await sleep(clock, BUSY_PAUSE_MS)
    }
  }

  function send(
    request: CommandRequest,
    deadlineMs: number,
    repeat: 'harmless' | 'never',
  ): Promise<Result<IpmiAnswer, BmcFault>> {
    lastId += 1
    const id = lastId
    return new Promise((resolve) => {
      waiting.set(id, resolve)
      dispatch((entropy) => ({
        kind: 'request',
        request: { id, request, deadlineMs, repeat },
        entropy,
      }))
    })
  }

  return {
    ask,
    async demand(what, request, repeat) {
      const answer = await ask(request, repeat)
      if (!answer.ok) return answer
      const { completionCode, data } = answer.value
      if (completionCode === COMPLETION.ok) return ok(data)
      const message = `${what} was answered with ${describeCompletion(completionCode)}`
      const kind = completionCode === COMPLETION.insufficientPrivilege ? 'auth' : 'refused'
      return err(named({ kind, message }))
    },
    attachSol(listener) {
      assert(solListener === undefined, 'a session carries one console')
      solListener = listener
      dispatch((entropy) => ({ kind: 'hold', held: true, entropy }))
      return {
        send: (payload) => dispatch((entropy) => ({ kind: 'sol', payload, entropy })),
        detach() {
          if (solListener !== listener) return
          solListener = undefined
          dispatch((entropy) => ({ kind: 'hold', held: false, entropy }))
        },
      }
    },
    sessionsEnded: () => ended,
    close: () =>
      new Promise((resolve) => {
        if (state.link.phase === 'closed') return resolve()
        closed.push(resolve)
        dispatch((entropy) => ({ kind: 'close', entropy }))
      }),
  }
}
