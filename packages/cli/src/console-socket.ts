import type { ApiProblem } from '@brickyard/api/problem'
import type { ClientFailure } from '@brickyard/api/client'
import type { LineEvents, LineSocket } from '@brickyard/api/console-line'
import { CONSOLE_PROTOCOL } from '@brickyard/api/console-wire'
import { WebSocket } from 'ws'

const HANDSHAKE_TIMEOUT_MS = 15_000
const MESSAGE_BYTES_MAX = 1024 * 1024
const ANSWER_CHARS_MAX = 65_536
/** The hub is busy or away: it may be otherwise soon. */
const MAY_CHANGE: readonly number[] = [429, 502, 503, 504]

/** Dials a console of the hub; a refusal is told with what the hub said, before the close. */
export function dialConsole(
  url: string,
  token: string,
  events: LineEvents,
  refused: (failure: ClientFailure) => void,
): LineSocket {
  const socket = new WebSocket(url, CONSOLE_PROTOCOL, {
    headers: { authorization: `Bearer ${token}` },
    handshakeTimeout: HANDSHAKE_TIMEOUT_MS,
    perMessageDeflate: false,
    maxPayload: MESSAGE_BYTES_MAX,
  })
  let told = false
  const over = (code: number, reason: string, final = false): void => {
    if (told) return
    told = true
    events.closed(code, reason, final)
  }
  socket.on('open', events.opened)
  socket.on('message', (data: Buffer, isBinary) =>
    events.message(isBinary ? new Uint8Array(data) : data.toString('utf8')),
  )
  socket.on('close', (code, reason) => over(code, reason.toString('utf8')))
  socket.on('error', (error) => {
    if (told) return
    refused({ kind: 'unreachable', message: `${new URL(url).origin}: ${error.message}` })
    over(1006, error.message)
  })
  socket.on('unexpected-response', (request, response) => {
    let body = ''
    response.setEncoding('utf8')
    response.on('data', (piece: string) => {
      if (body.length < ANSWER_CHARS_MAX) body += piece
    })
    response.on('end', () => {
      const status = response.statusCode ?? 500
      const failure = failureOf(status, body)
      refused(failure)
      const reason = failure.kind === 'problem' ? failure.problem.detail : failure.message
      over(status, reason, !MAY_CHANGE.includes(status))
      request.destroy()
    })
  })
  return {
    send: (message) => {
      if (socket.readyState === WebSocket.OPEN) socket.send(message)
    },
    close: () => socket.close(),
  }
}

function failureOf(status: number, body: string): ClientFailure {
  try {
    const problem = JSON.parse(body) as ApiProblem
    if (typeof problem.code === 'string') return { kind: 'problem', problem }
  } catch {
    // Said below.
  }
  return { kind: 'unreachable', message: `the answer ${status} is not the hub’s` }
}
