import { openConsoleLine, type ConsoleLine, type ConsoleView } from '@brickyard/api/console-line'
import type { Clock } from '@brickyard/runtime/clock'
import type { WebSocketLink } from '@brickyard/runtime/websocket'
import type { SimulatedHub } from './simulated-hub.ts'

/** Somebody at a console: the real client's end, over a wire of a few milliseconds. */
export interface SimulatedReader {
  readonly line: ConsoleLine
  readonly view: ConsoleView
  readonly text: string
  readonly refused: readonly string[]
  type(text: string): boolean
  /** Shows nothing more (a stuck terminal), or all that waited. */
  stall(stalled: boolean): void
}

const WIRE_MS = 5

export function simulatedReader(
  { clock, hub }: { clock: Clock; hub: SimulatedHub },
  site: string,
  sled: string,
  tail = 65_536,
): SimulatedReader {
  let text = ''
  let stalled = false
  const waiting: (() => void)[] = []
  const refused: string[] = []
  const line = openConsoleLine({
    tail,
    after(delayMs, work) {
      const timer = clock.after(delayMs, work)
      return () => timer.cancel()
    },
    onBytes(bytes, shown) {
      text += Buffer.from(bytes).toString('latin1')
      if (stalled) waiting.push(shown)
      else shown()
    },
    onView: () => undefined,
    onRefused: (what, reason) => refused.push(`${what}: ${reason}`),
    dial(query, events) {
      let toHub = (_message: string | Uint8Array): void => undefined
      let hangUp = (): void => undefined
      hub.dial(`/v1/sites/${site}/sleds/${sled}/console?${query}`, (answer, onEnd) => {
        if ('refused' in answer) return events.closed(answer.refused.status, 'refused')
        const wire = hubEnd(clock, events)
        toHub = wire.toHub
        hangUp = wire.hangUp
        onEnd(() => events.closed(1006, 'the hub ended'))
        events.opened()
        answer.accept(wire.link)
      })
      return { send: (message) => toHub(message), close: () => hangUp() }
    },
  })
  return {
    line,
    refused,
    get view() {
      return line.view
    },
    get text() {
      return text
    },
    type: (typed) => line.type(new TextEncoder().encode(typed)),
    stall(wanted) {
      stalled = wanted
      if (!wanted) for (const shown of waiting.splice(0)) shown()
    },
  }
}

function hubEnd(
  clock: Clock,
  events: {
    message(message: string | Uint8Array): void
    closed(code: number, reason: string): void
  },
) {
  let take = (_message: string | Uint8Array): void => undefined
  let onClose = (_code: number, _reason: string): void => undefined
  let open = true
  const later = (work: () => void): void => void clock.after(WIRE_MS, work)
  const close = (code: number, reason: string): void => {
    if (!open) return
    open = false
    later(() => {
      onClose(code, reason)
      events.closed(code, reason)
    })
  }
  const link: WebSocketLink = {
    peer: { address: '192.0.2.7', port: 50_001 },
    send: (message) => later(() => events.message(message)),
    bufferedBytes: () => 0,
    onMessage: (taker) => (take = taker),
    onClose: (taker) => (onClose = taker),
    close,
  }
  return {
    link,
    toHub: (message: string | Uint8Array) => later(() => (open ? take(message) : undefined)),
    hangUp: () => close(1005, ''),
  }
}
