import { activateSol, deactivateSol } from '@brickyard/ipmi/sol-activation'
import {
  createSolLink,
  solRoom,
  solWakesAtMs,
  stepSolLink,
  type SolLinkEvent,
  type SolLinkState,
} from '@brickyard/ipmi/sol-link-machine'
import { SOL_OPERATION, SOL_STATUS } from '@brickyard/ipmi/sol-packet'
import { sleep, type Clock, type Timer } from '@brickyard/runtime/clock'
import { err, ok, type Result } from '@brickyard/std/result'
import { Seconds } from '@brickyard/std/units'
import {
  CONSOLE_TYPED_BYTES_MAX,
  type ConsoleControl,
  type ConsoleListener,
  type ConsoleSession,
} from '../console.ts'
import type { BmcFault } from '../fault.ts'
import { hold } from './ipmi-conversation.ts'
import type { IpmiSession, SolAttachment } from './ipmi-session.ts'

/** A lost console is opened anew after these pauses; a BMC that restarts needs a minute or two. */
const REOPEN_PAUSES_MS = [0, 2, 5, 10, 20, 30, 30, 30, 60, 60].map(Seconds)

/** The serial console by serial over LAN, in the BMC's one session. */
export function createIpmiConsole(session: IpmiSession, clock: Clock): ConsoleControl {
  let open = false
  return {
    async open(listener, { takeOver }) {
      if (open) return err({ kind: 'refused', message: 'the console is open already' })
      open = true
      const console = createConsole(session, clock, listener, () => {
        open = false
      })
      const activated = await console.activate(takeOver)
      if (activated.ok) return ok(console.session)
      console.detach()
      return activated
    },
  }
}

interface Console {
  readonly session: ConsoleSession
  activate(takeOver: boolean): Promise<Result<void, BmcFault>>
  detach(): void
}

function createConsole(
  session: IpmiSession,
  clock: Clock,
  listener: ConsoleListener,
  onDetached: () => void,
): Console {
  let link: SolLinkState | undefined
  let timer: Timer | undefined
  let state: 'activating' | 'active' | 'lost' | 'closed' = 'activating'
  // Packets that outrun the answer to our activation; more than a few cannot.
  const early: Uint8Array[] = []

  const attachment: SolAttachment = session.attachSol({
    onPayload(payload) {
      if (link !== undefined) step({ kind: 'payload', payload })
      else if (early.length < EARLY_PACKETS_MAX) early.push(payload)
    },
    onEnded: lose,
    onClosed: () => finish('the connection to the BMC was closed'),
  })

  async function activate(takeOver: boolean): Promise<Result<void, BmcFault>> {
    early.length = 0
    const activated = await hold(session, clock, activateSol(takeOver))
    if (!activated.ok) return activated
    if (state === 'closed') return err({ kind: 'refused', message: 'the console was closed' })
    state = 'active'
    link = createSolLink(activated.value.charactersMax, CONSOLE_TYPED_BYTES_MAX)
    for (const payload of early.splice(0)) step({ kind: 'payload', payload })
    return ok(undefined)
  }

  function step(event: SolLinkEvent): void {
    if (link === undefined) return
    const next = stepSolLink(link, event, clock.monotonicMs())
    link = next.state
    for (const effect of next.effects) {
      if (effect.kind === 'send') attachment.send(effect.payload)
      else if (effect.kind === 'characters') listener.onData(effect.characters)
      else if (effect.kind === 'lost') return lose()
      else if ((effect.bits & SOL_STATUS.deactivating) !== 0) {
        return finish('the BMC has ended the console; somebody else may have taken it')
      }
    }
    arm()
  }

  function arm(): void {
    timer?.cancel()
    const atMs = link === undefined ? undefined : solWakesAtMs(link)
    if (atMs === undefined) return
    const delayMs = Math.max(0, Math.ceil(atMs - clock.monotonicMs()))
    timer = clock.after(delayMs, () => step({ kind: 'tick' }))
  }

  function lose(): void {
    if (state !== 'active') return
    state = 'lost'
    drop()
    listener.onInterrupted('lost')
    void reopen()
  }

  async function reopen(): Promise<void> {
    let why = 'the BMC does not answer'
    for (const pauseMs of REOPEN_PAUSES_MS) {
      await sleep(clock, pauseMs)
      if (state !== 'lost') return
      // It was ours: what the BMC still holds of it may be ended.
      const again = await activate(true)
      if (again.ok) return listener.onInterrupted('back')
      why = again.error.message
    }
    if (state === 'lost') finish(`the console was lost and does not open again: ${why}`)
  }

  function finish(why: string): void {
    if (state === 'closed') return
    state = 'closed'
    detach()
    listener.onClosed(why)
  }

  function drop(): void {
    timer?.cancel()
    link = undefined
  }

  function detach(): void {
    state = 'closed'
    drop()
    attachment.detach()
    onDetached()
  }

  return {
    activate,
    detach,
    session: {
      write(bytes) {
        if (link === undefined || bytes.length > solRoom(link)) return false
        step({ kind: 'characters', characters: bytes })
        return true
      },
      sendBreak: () => step({ kind: 'bits', bits: SOL_OPERATION.generateBreak }),
      async close() {
        if (state === 'closed') return
        const active = state === 'active'
        state = 'closed'
        drop()
        // A BMC that does not take it ends the payload with the session.
        if (active) await hold(session, clock, deactivateSol())
        detach()
        listener.onClosed('closed')
      },
    },
  }
}

/** A BMC sends one packet and waits for its acknowledgement; a few repeats may come before we are ready. */
const EARLY_PACKETS_MAX = 8
