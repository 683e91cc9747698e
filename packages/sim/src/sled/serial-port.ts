import type { VirtualSerial } from '../virtual-bmc/virtual-host.ts'

/** What a simulated sled has at its serial port. */
export interface SerialPort {
  readonly port: VirtualSerial
  /** The sled writes lines, ended as a terminal wants them. */
  print(...lines: readonly string[]): void
  /** As `print`, without the end of the line. */
  prompt(text: string): void
  /** Who answers what is typed; undefined: nobody, as while firmware runs. */
  listen(shell: SerialListener | undefined): void
}

export interface SerialListener {
  line(text: string): void
  /** What is typed is not shown, as a password. */
  hidden(): boolean
  broken(): void
}

const LINE_CHARS_MAX = 256
const BACKSPACES = ['\b', '\u007f']

/** A terminal line in its plainest form: echo, backspace, and a line at Enter. */
export function createSerialPort(): SerialPort {
  const encoder = new TextEncoder()
  const decoder = new TextDecoder()
  let output = (_bytes: Uint8Array): void => undefined
  let listener: SerialListener | undefined
  let line = ''

  const write = (text: string): void => output(encoder.encode(text))

  function take(key: string): void {
    if (listener === undefined) return
    if (key === '\r' || key === '\n') {
      const typed = line
      line = ''
      write('\r\n')
      listener.line(typed)
    } else if (BACKSPACES.includes(key)) {
      if (line !== '' && !listener.hidden()) write('\b \b')
      line = line.slice(0, -1)
    } else if (key >= ' ' && line.length < LINE_CHARS_MAX) {
      line += key
      if (!listener.hidden()) write(key)
    }
  }

  return {
    port: {
      write: (bytes) => {
        for (const key of decoder.decode(bytes, { stream: true })) take(key)
      },
      sendBreak: () => listener?.broken(),
      onOutput: (take_) => {
        output = take_
      },
    },
    print: (...lines) => write(lines.map((text) => `${text}\r\n`).join('')),
    prompt: write,
    listen(shell) {
      listener = shell
      line = ''
    },
  }
}
