import { openConsoleLine, type ConsoleLine, type ConsoleView } from '@brickyard/api/console-line'
import { CONSOLE_TAIL_BYTES_MAX } from '@brickyard/api/console-wire'
import type { ClientFailure } from '@brickyard/api/client'
import { err, ok, type Result } from '@brickyard/std/result'
import type { SledRef } from '@brickyard/model/names'
import { numberOption, sledNamed, type Action, type Context } from '../context.ts'
import {
  ESCAPE_HELP,
  ESCAPE_START,
  stepEscape,
  type EscapeDeed,
  type EscapeState,
} from '../escape-machine.ts'
import { EXIT, failure, failureOf, type CliFailure } from '../exit-codes.ts'
import { currentSession } from '../saved-session.ts'
import { parseSpan } from '../wait.ts'

const TAIL_BYTES_DEFAULT = 4096
/** After piped input has gone out, the sled is heard for so long. */
const LINGER_MS = 3000
/** Nobody waits for a program that pipes into a console which does not open. */
const PATIENCE_MS = 60_000
const LOOK_EVERY_MS = 20
/** Keys handed over at once. */
const PIECE_BYTES = 4096

/** The serial console of a sled in this terminal, or in a pipe. */
export const sledConsole: Action = async (context) => {
  const ref = sledNamed(context)
  if (!ref.ok) return ref
  if (context.options.text('output') === 'json') {
    return err(failure(EXIT.usage, 'A console is bytes; there is no JSON of it.'))
  }
  const bounds = { min: 0, max: CONSOLE_TAIL_BYTES_MAX, otherwise: TAIL_BYTES_DEFAULT }
  const tail = numberOption(context, 'tail', bounds)
  if (!tail.ok) return tail
  const spanText = context.options.text('for')
  const spanMs = spanText === undefined ? undefined : parseSpan(spanText)
  if (spanText !== undefined && spanMs === undefined) {
    return err(failure(EXIT.usage, `--for is '${spanText}'; write e.g. 90s, 10m or 1h`))
  }
  const session = await currentSession(context.ports)
  if (!session.ok) return session
  const { hub, token } = session.value
  const path = `/v1/sites/${ref.value.site}/sleds/${ref.value.sled}/console`
  const url = new URL(path, hub.replace(/^http/, 'ws')).href
  return await new Sitting(context, ref.value, { url, token, tail: tail.value, spanMs }).run()
}

interface Way {
  readonly url: string
  readonly token: string
  readonly tail: number
  readonly spanMs: number | undefined
}

/** One person, or one pipe, at a console, from the first dial to the end. */
class Sitting {
  readonly #context: Context
  readonly #sled: string
  readonly #way: Way
  readonly #readOnly: boolean
  /** A person at a terminal: keys one by one, and escapes. */
  readonly #keys: boolean
  readonly #line: ConsoleLine
  #end: (outcome: Result<void, CliFailure>) => void = () => undefined
  #refusal: ClientFailure | undefined
  #escape: EscapeState = ESCAPE_START
  #wasConnected = false
  #askedToWrite = false
  #over = false
  #said = ''

  constructor(context: Context, { site, sled }: SledRef, way: Way) {
    this.#context = context
    this.#sled = `${site}/${sled}`
    this.#way = way
    this.#readOnly = context.options.flag('read-only')
    this.#keys = context.ports.terminal.isTerminal && !this.#readOnly
    const { ports } = context
    this.#line = openConsoleLine({
      tail: way.tail,
      dial: (query, events) =>
        ports.dialConsole(`${way.url}?${query}`, way.token, events, (refusal) => {
          this.#refusal = refusal
        }),
      after: ports.after,
      onBytes: (bytes, shown) => ports.terminal.write(bytes, shown),
      onView: (view) => queueMicrotask(() => this.#see(view)),
      onRefused: (what, reason) => this.#refused(what, reason),
    })
  }

  async run(): ReturnType<Action> {
    const { ports } = this.#context
    const ended = new Promise<Result<void, CliFailure>>((resolve) => {
      this.#end = resolve
    })
    const cancels: (() => void)[] = []
    const { spanMs } = this.#way
    if (spanMs !== undefined) cancels.push(ports.after(spanMs, () => this.#end(ok(undefined))))
    if (!this.#keys) cancels.push(ports.after(PATIENCE_MS, () => this.#giveUp()))
    if (!this.#readOnly) cancels.push(ports.terminal.open(this.#keys, (keys) => this.#press(keys)))
    const outcome = await ended
    this.#over = true
    for (const cancel of cancels) cancel()
    this.#line.close()
    if (this.#keys) ports.err('\r\n')
    return outcome.ok ? ok({ json: null, text: '' }) : outcome
  }

  #see(view: ConsoleView): void {
    if (this.#over) return
    if (view.link === 'connected') {
      this.#wasConnected = true
      if (!this.#askedToWrite && !this.#readOnly) {
        this.#askedToWrite = true
        this.#line.write(this.#context.options.flag('take'))
      }
    }
    if (view.link === 'ended' || (view.link === 'lost' && !this.#wasConnected)) {
      return this.#end(err(this.#why(view.linkReason)))
    }
    this.#say(viewText(this.#sled, view))
  }

  #why(reason: string | null): CliFailure {
    if (this.#refusal !== undefined && !this.#wasConnected) return failureOf(this.#refusal)
    return failure(EXIT.auth, `The hub ended the console: ${reason ?? 'it did not say why'}.`)
  }

  #giveUp(): void {
    const { link, state, stateReason, linkReason } = this.#line.view
    if (link === 'connected' && (state === 'open' || this.#readOnly)) return
    const why = link === 'connected' ? (stateReason ?? state) : (linkReason ?? 'no answer')
    this.#end(err(failure(EXIT.unreachable, `The console of ${this.#sled} does not open: ${why}.`)))
  }

  #refused(what: string, reason: string): void {
    if (what === 'write' && !this.#keys) {
      return this.#end(err(failure(EXIT.conflict, `${reason}: say --take to do so.`)))
    }
    const hint = what === 'write' ? ' (~t takes it)' : ''
    this.#say(`${what}: ${reason}${hint}`)
  }

  /** Keys, or a piece of what is piped in; `undefined`: there is no more. Settles when it is taken. */
  async #press(keys: Uint8Array | undefined): Promise<void> {
    if (keys === undefined) return this.#keys ? this.#end(ok(undefined)) : await this.#linger()
    if (!this.#keys) return await this.#typeAll(keys)
    const step = stepEscape(this.#escape, keys)
    this.#escape = step.state
    for (const deed of step.deeds) await this.#do(deed)
  }

  async #do(deed: EscapeDeed): Promise<void> {
    switch (deed.kind) {
      case 'type':
        if (this.#line.view.isWriter) return await this.#typeAll(deed.bytes)
        return this.#say('you only read here; ~t takes the keyboard')
      case 'leave':
        return this.#end(ok(undefined))
      case 'break':
        return this.#line.sendBreak()
      case 'help':
        for (const text of ESCAPE_HELP) this.#context.ports.err(`${text}\r\n`)
        return
      case 'take':
        return this.#line.write(true)
      case 'release':
        return this.#line.release()
      case 'take-over':
        return this.#line.takeOver()
    }
  }

  /** What is piped waits until it may be typed; keys that cannot go anywhere are dropped. */
  async #typeAll(bytes: Uint8Array): Promise<void> {
    for (let at = 0; at < bytes.length && !this.#over;) {
      const piece = bytes.slice(at, at + PIECE_BYTES)
      const open = this.#line.view.state === 'open' && this.#line.view.isWriter
      if (open && this.#line.type(piece)) at += piece.length
      else if (this.#keys) return this.#say('the console is not open; that was not typed')
      else await this.#context.ports.sleep(LOOK_EVERY_MS)
    }
  }

  async #linger(): Promise<void> {
    while (!this.#over && this.#line.waitingBytes > 0) {
      await this.#context.ports.sleep(LOOK_EVERY_MS)
    }
    if (this.#way.spanMs !== undefined) return
    await this.#context.ports.sleep(LINGER_MS)
    this.#end(ok(undefined))
  }

  /** For a person, each thing once. */
  #say(text: string): void {
    if (text === this.#said) return
    this.#said = text
    this.#context.ports.err(this.#keys ? `\r\n[${text}]\r\n` : `[${text}]\n`)
  }
}

function viewText(sled: string, view: ConsoleView): string {
  const { link, linkReason, state, stateReason, writer, isWriter, lostBytes } = view
  if (link !== 'connected') return `${sled}: the hub is away: ${linkReason ?? 'dialling'}`
  const why = stateReason === null ? '' : ` (${stateReason})`
  const who = isWriter
    ? 'you write; ~? for help'
    : writer === null
      ? 'nobody writes'
      : `${writer} writes`
  const lost = lostBytes === 0 ? '' : `; ${lostBytes} bytes were missed`
  return `${sled}: ${STATE_WORDS[state]}${why}; ${who}${lost}`
}

const STATE_WORDS: Readonly<Record<ConsoleView['state'], string>> = {
  opening: 'opening',
  open: 'connected',
  reconnecting: 'the BMC is away, reconnecting',
  elsewhere: 'somebody else has it at the BMC, ~X ends that',
  failed: 'it does not open, trying on',
  'site-away': 'the site is away',
}
