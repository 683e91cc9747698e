import type { VirtualSerial } from '@brickyard/sim/virtual-host'

/** A serial port whose host answers what is typed with `<it>`, and a break with `broken`. */
export function echoingSerial() {
  const seen = { typed: '', breaks: 0 }
  let output: (bytes: Uint8Array) => void = () => {}
  const print = (text: string): void => output(new TextEncoder().encode(text))
  const serial: VirtualSerial = {
    write(bytes) {
      const text = new TextDecoder().decode(bytes)
      seen.typed += text
      print(`<${text}>`)
    },
    sendBreak() {
      seen.breaks += 1
      print('broken\r\n')
    },
    onOutput: (listener) => void (output = listener),
  }
  return { serial, seen }
}

/**
 * Runs a program in a terminal of its own: `python3 -c … WAIT KEYS [WAIT KEYS …] -- PROGRAM ARGS`.
 * Each KEYS is typed once WAIT has been seen on the screen; all of it must happen within 20 s.
 */
export const IN_A_TERMINAL = `
import os, pty, select, sys, time
split = sys.argv.index('--')
script, program = sys.argv[1:split], sys.argv[split + 1:]
child, terminal = pty.fork()
if child == 0:
    os.execvp(program[0], program)
screen, end, at = b'', time.time() + 20, 0
while time.time() < end:
    if select.select([terminal], [], [], 0.1)[0]:
        try:
            data = os.read(terminal, 4096)
        except OSError:
            break
        if not data:
            break
        screen += data
    if at < len(script) and script[at].encode() in screen:
        time.sleep(0.2)
        os.write(terminal, script[at + 1].encode())
        at += 2
sys.stdout.write(screen.decode('latin1'))
sys.exit(0 if at >= len(script) else 1)
`
