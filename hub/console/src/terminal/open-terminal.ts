import { openConsoleLine, type ConsoleLine, type ConsoleView } from '@brickyard/api/console-line'
import { CONSOLE_PROTOCOL } from '@brickyard/api/console-wire'
import { FitAddon } from '@xterm/addon-fit'
import { Terminal } from '@xterm/xterm'
import { allowTerminalStyles } from './terminal-styles.ts'

/** What programs on a serial line take for granted; a narrower page scrolls. */
const COLUMNS_MIN = 80
const ROWS_MIN = 12
const SCROLLBACK_LINES = 20_000

export interface TerminalOptions {
  readonly site: string
  readonly sled: string
  /** Bytes of before that are wanted. */
  readonly tail: number
  readonly screenReader: boolean
  readonly onView: (view: ConsoleView) => void
  readonly onRefused: (what: string, reason: string) => void
  /** Somebody wants to type several lines at once. */
  readonly onPaste: (text: string) => void
  /** The keys that lead out of the terminal. */
  readonly onLeave: () => void
}

export interface OpenTerminal {
  readonly line: ConsoleLine
  focus(): void
  paste(text: string): void
  /** All lines that are here, as text. */
  text(): string
  close(): void
}

/** A terminal in `parent` on the console of a sled. */
export function openTerminal(parent: HTMLElement, options: TerminalOptions): OpenTerminal {
  const endStyles = allowTerminalStyles()
  const terminal = new Terminal({
    cols: COLUMNS_MIN,
    scrollback: SCROLLBACK_LINES,
    fontFamily: getComputedStyle(parent).fontFamily,
    fontSize: 13,
    screenReaderMode: options.screenReader,
    theme: { background: '#0f1115', foreground: '#e4e6eb', cursor: '#e4e6eb' },
  })
  const fit = new FitAddon()
  terminal.loadAddon(fit)
  terminal.open(parent)
  terminal.textarea?.setAttribute('aria-label', `Serial console of ${options.sled}`)
  const line = openConsoleLine({
    tail: options.tail,
    dial: (query, events) => dial(options, query, events),
    after(delayMs, work) {
      const timer = setTimeout(work, delayMs)
      return () => clearTimeout(timer)
    },
    onBytes: (bytes, shown) => terminal.write(bytes, shown),
    onView: options.onView,
    onRefused: options.onRefused,
  })
  // Also what xterm answers to a program that asks it something: only who writes may answer.
  const typed = (bytes: Uint8Array): void => {
    if (line.view.isWriter && !line.type(bytes)) options.onRefused('type', 'too much waits already')
  }
  terminal.onData((text) => typed(new TextEncoder().encode(text)))
  terminal.onBinary((text) => typed(Uint8Array.from(text, (char) => char.charCodeAt(0))))
  terminal.attachCustomKeyEventHandler((event) => {
    if (event.key === 'Escape' && event.shiftKey) {
      if (event.type === 'keydown') options.onLeave()
      return false
    }
    // Who only reads can go on with Tab; who writes needs it in the shell.
    return event.key !== 'Tab' || line.view.isWriter
  })
  const onPaste = (event: ClipboardEvent): void => {
    const text = event.clipboardData?.getData('text') ?? ''
    if (!/[\r\n]/.test(text.trim())) return
    event.preventDefault()
    event.stopPropagation()
    options.onPaste(text)
  }
  parent.addEventListener('paste', onPaste, { capture: true })
  const resize = new ResizeObserver(() => {
    const { cols = COLUMNS_MIN, rows = ROWS_MIN } = fit.proposeDimensions() ?? {}
    terminal.resize(Math.max(COLUMNS_MIN, cols), Math.max(ROWS_MIN, rows))
  })
  resize.observe(parent)
  return {
    line,
    focus: () => terminal.focus(),
    paste: (text) => terminal.paste(text),
    text: () => linesOf(terminal),
    close() {
      line.close()
      resize.disconnect()
      parent.removeEventListener('paste', onPaste, { capture: true })
      terminal.dispose()
      endStyles()
    },
  }
}

function dial(
  { site, sled }: TerminalOptions,
  query: string,
  events: Parameters<Parameters<typeof openConsoleLine>[0]['dial']>[1],
): ReturnType<Parameters<typeof openConsoleLine>[0]['dial']> {
  const path = `/v1/sites/${encodeURIComponent(site)}/sleds/${encodeURIComponent(sled)}/console`
  const url = new URL(`${path}?${query}`, location.origin.replace(/^http/, 'ws'))
  const socket = new WebSocket(url, CONSOLE_PROTOCOL)
  socket.binaryType = 'arraybuffer'
  socket.addEventListener('open', () => events.opened())
  socket.addEventListener('message', ({ data }: MessageEvent<string | ArrayBuffer>) =>
    events.message(typeof data === 'string' ? data : new Uint8Array(data)),
  )
  socket.addEventListener('close', ({ code, reason }) => events.closed(code, reason))
  return {
    send: (message) => {
      if (socket.readyState !== WebSocket.OPEN) return
      // Of its own memory: a view may be part of a larger buffer.
      socket.send(typeof message === 'string' ? message : Uint8Array.from(message))
    },
    close: () => socket.close(),
  }
}

function linesOf(terminal: Terminal): string {
  const { active } = terminal.buffer
  const lines = Array.from(
    { length: active.length },
    (_, n) => active.getLine(n)?.translateToString(true) ?? '',
  )
  return `${lines.join('\n').trimEnd()}\n`
}
