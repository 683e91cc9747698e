import type { Clock } from '@brickyard/runtime/clock'
import type { Files } from '@brickyard/runtime/files'
import type { HttpClient } from '@brickyard/runtime/http'
import type { Log } from '@brickyard/runtime/log'
import type { Store } from '@brickyard/runtime/store'
import type { Udp } from '@brickyard/runtime/udp'
import type { WebSocketDialer, WebSocketLink } from '@brickyard/runtime/websocket'

/** Thrown by the store of a process that has ended; nobody should catch it but the simulation. */
export class LifeEnded extends Error {
  override readonly name = 'LifeEnded'
}

/**
 * One life of a process, or of a sled between power-on and power-off. Ports that go through it are
 * revoked when it ends: timers die, sockets close, sends go nowhere, promises never settle, and the
 * store throws. So code of a dead process can run on in a `catch` and still changes nothing.
 */
export interface Life {
  readonly ended: boolean
  /** Ends it. Twice is once. */
  end(): void
  /** Runs at the end, or at once when it has ended. */
  onEnd(work: () => void): void
  clock(clock: Clock): Clock
  udp(udp: Udp): Udp
  http(client: HttpClient): HttpClient
  dialer(dialer: WebSocketDialer): WebSocketDialer
  files(files: Files): Files
  store(store: Store): Store
  log(log: Log): Log
}

/** A private code (RFC 6455 §7.4.2): real sockets refuse to send 1006, which no close frame may hold. */
const CLOSE_LIFE_ENDED = 4000

export function createLife(): Life {
  const atEnd = new Set<() => void>()
  let ended = false
  const never = <T>(): Promise<T> => new Promise<T>(() => undefined)
  const guard = <T>(promise: Promise<T>): Promise<T> =>
    new Promise<T>((resolve, reject) => {
      promise.then(
        (value) => (ended ? undefined : resolve(value)),
        (error: unknown) => (ended ? undefined : reject(error)),
      )
    })
  const live = <T>(work: () => Promise<T>): Promise<T> => (ended ? never() : guard(work()))
  const onEnd = (work: () => void): (() => void) => {
    if (ended) work()
    else atEnd.add(work)
    return () => void atEnd.delete(work)
  }

  return {
    get ended() {
      return ended
    },
    end() {
      if (ended) return
      ended = true
      for (const work of atEnd) work()
      atEnd.clear()
    },
    onEnd: (work) => void onEnd(work),
    clock: (clock) => ({
      wallMs: () => clock.wallMs(),
      monotonicMs: () => clock.monotonicMs(),
      after(delayMs, work) {
        if (ended) return { cancel: () => undefined }
        const timer = clock.after(delayMs, () => {
          forget()
          if (!ended) work()
        })
        const forget = onEnd(() => timer.cancel())
        return {
          cancel() {
            forget()
            timer.cancel()
          },
        }
      },
    }),
    udp: (udp) => ({
      bind: (bind) =>
        live(async () => {
          const socket = await udp.bind(bind)
          const forget = onEnd(() => socket.close())
          return {
            local: socket.local,
            send: (datagram, to) => (ended ? undefined : socket.send(datagram, to)),
            onDatagram: (take) =>
              socket.onDatagram((datagram, from) => (ended ? undefined : take(datagram, from))),
            onError: (take) => socket.onError((error) => (ended ? undefined : take(error))),
            close() {
              forget()
              socket.close()
            },
          }
        }),
    }),
    http: (client) => ({
      serverKey: (origin, timeoutMs) =>
        live(
          async () =>
            (await client.serverKey?.(origin, timeoutMs)) ?? {
              ok: false,
              error: { kind: 'connect', message: `nobody can look at ${origin}` },
            },
        ),
      request: (request) =>
        live(async () => {
          const reply = await client.request(request)
          if (!reply.ok) return reply
          const { body } = reply.value
          return {
            ok: true,
            value: { ...reply.value, body: guardedBody(body, () => ended, onEnd) },
          }
        }),
    }),
    dialer: (dialer) => ({
      dial: (url, tls) =>
        live(async () => {
          const dialled = await dialer.dial(url, tls)
          return dialled.ok ? { ok: true, value: guardedLink(dialled.value) } : dialled
        }),
    }),
    files: (files) => ({
      read: (path) => live(() => files.read(path)),
      stream: (path, start, end) => guardedBody(files.stream(path, start, end), () => ended, onEnd),
      sha256: (path) => live(() => files.sha256(path)),
      size: (path) => live(() => files.size(path)),
      writeAtomic: (path, bytes, mode) => live(() => files.writeAtomic(path, bytes, mode)),
      append: (path) =>
        live(async () => {
          const file = await files.append(path)
          return {
            write: (bytes) => live(() => file.write(bytes)),
            sync: () => live(() => file.sync()),
            close: () => live(() => file.close()),
          }
        }),
      rename: (from, to) => live(() => files.rename(from, to)),
      remove: (path) => live(() => files.remove(path)),
      list: (folder) => live(() => files.list(folder)),
    }),
    store: (store) => {
      const check = (): void => {
        if (ended) throw new LifeEnded('this process has ended; its store is gone')
      }
      return {
        read(work) {
          check()
          return store.read(work)
        },
        tx(work) {
          check()
          const value = store.tx(work)
          check()
          return value
        },
        close: () => (ended ? undefined : store.close()),
      }
    },
    log: (log) => guardedLog(log, () => ended),
  }

  function guardedLink(link: WebSocketLink): WebSocketLink {
    const forget = onEnd(() => link.close(CLOSE_LIFE_ENDED, 'the process ended'))
    return {
      peer: link.peer,
      send: (message) => (ended ? undefined : link.send(message)),
      bufferedBytes: () => link.bufferedBytes(),
      onMessage: (take) => link.onMessage((message) => (ended ? undefined : take(message))),
      onClose: (take) =>
        link.onClose((code, reason) => {
          forget()
          if (!ended) take(code, reason)
        }),
      close: (code, reason) => (ended ? undefined : link.close(code, reason)),
    }
  }
}

/** A body whose reader stops for ever, and whose source is let go, when the life ends. */
async function* guardedBody(
  body: AsyncIterable<Uint8Array>,
  ended: () => boolean,
  onEnd: (work: () => void) => () => void,
): AsyncGenerator<Uint8Array> {
  const pieces = body[Symbol.asyncIterator]()
  const letGo = (): void => {
    pieces.return?.()?.catch(() => undefined)
  }
  const forget = onEnd(letGo)
  let complete = false
  try {
    for (;;) {
      const next = await new Promise<IteratorResult<Uint8Array>>((resolve, reject) => {
        pieces.next().then(
          (value) => (ended() ? undefined : resolve(value)),
          (error: unknown) => (ended() ? undefined : reject(error)),
        )
      })
      if (next.done === true) {
        complete = true
        return
      }
      yield next.value
    }
  } finally {
    forget()
    if (!complete) letGo()
  }
}

function guardedLog(log: Log, ended: () => boolean): Log {
  return {
    debug: (message, fields) => (ended() ? undefined : log.debug(message, fields)),
    info: (message, fields) => (ended() ? undefined : log.info(message, fields)),
    warn: (message, fields) => (ended() ? undefined : log.warn(message, fields)),
    error: (message, fields) => (ended() ? undefined : log.error(message, fields)),
    child: (fields) => guardedLog(log.child(fields), ended),
  }
}
