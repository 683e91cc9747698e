import type { Result } from '@brickyard/std/result'
import type { HttpPeer, TlsTrust } from './http.ts'

/** One open WebSocket: whole messages, the bytes not yet sent, and who the peer proved to be. */
export interface WebSocketLink {
  readonly peer: HttpPeer
  send(message: string | Uint8Array): void
  /** Bytes handed to `send` that have not left yet; callers hold back when it grows. */
  bufferedBytes(): number
  onMessage(take: (message: string | Uint8Array) => void): void
  /** Called once, whoever closed it. */
  onClose(take: (code: number, reason: string) => void): void
  close(code: number, reason: string): void
}

export interface WebSocketDialer {
  dial(url: string, tls: TlsTrust): Promise<Result<WebSocketLink>>
}
