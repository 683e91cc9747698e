import type { Result } from '@brickyard/std/result'

/** Who is at the other end of a request, as the transport (not a header) says. */
export interface HttpPeer {
  readonly address: string
  readonly port: number
  /** SHA-256 (hex) of the verified client certificate's public key, where mutual TLS was used. */
  readonly spkiSha256?: string | undefined
  /** Common name of the verified client certificate. */
  readonly commonName?: string | undefined
  /**
   * A certificate that would name the client were it not past its time; the client proved its key
   * and our authority issued it. Good for nothing but asking for a new one.
   */
  readonly expired?: ExpiredClient | undefined
}

export interface ExpiredClient {
  readonly commonName: string
  readonly spkiSha256: string
  readonly notAfterMs: number
}

/** A server as a function, in fetch's own types; the shell that owns the socket calls it. */
export type FetchHandler = (request: Request, peer: HttpPeer) => Response | Promise<Response>

export interface TlsTrust {
  /** PEM of the authorities to trust in place of the system's. */
  readonly caPem?: string | undefined
  /** Pin: SHA-256 (hex) of the server's public key, checked as well as the chain. */
  readonly spkiSha256?: string | undefined
  /**
   * True: the pin alone decides; chain, names and dates are not looked at. For peers that sign their
   * own certificates (BMCs). Without a pin nobody is trusted.
   */
  readonly pinOnly?: boolean | undefined
  /** True: the server is not checked at all. Only to fetch what its own hash then proves. */
  readonly unverified?: boolean | undefined
  /** Client certificate and key for mutual TLS, PEM. */
  readonly certPem?: string | undefined
  readonly keyPem?: string | undefined
}

/** A body too long to be held: sent piece by piece as the peer takes it, with its length told. */
export interface HttpBody {
  readonly bytes: number
  /** From its first byte on; a second attempt opens it again. */
  open(): AsyncIterable<Uint8Array>
}

export interface HttpRequest {
  readonly method: 'GET' | 'HEAD' | 'POST' | 'PUT' | 'PATCH' | 'DELETE'
  readonly url: string
  readonly headers?: Readonly<Record<string, string>>
  readonly body?: Uint8Array | string | HttpBody
  readonly tls?: TlsTrust
  readonly connectTimeoutMs?: number
  readonly headerTimeoutMs?: number
  /** Longest silence between two pieces of the body. */
  readonly bodyTimeoutMs?: number
}

export interface HttpResponse {
  readonly status: number
  /** Names in lower case. */
  readonly headers: Readonly<Record<string, string>>
  /** The body in pieces, with back-pressure; throws when the peer breaks off or falls silent. */
  readonly body: AsyncIterable<Uint8Array>
}

export interface HttpFault {
  readonly kind: 'connect' | 'timeout' | 'tls' | 'protocol'
  readonly message: string
}

export interface HttpClient {
  request(request: HttpRequest): Promise<Result<HttpResponse, HttpFault>>
  /**
   * SHA-256 (hex) of the public key that the server at this https origin shows, whatever its
   * certificate says; nothing is sent to it but the handshake. Undefined where nobody can look.
   */
  serverKey?(origin: string, timeoutMs: number): Promise<Result<string, HttpFault>>
}

/** Reads a whole body, refusing more than `bytesMax`. */
export async function readBody(
  body: AsyncIterable<Uint8Array>,
  bytesMax: number,
): Promise<Uint8Array> {
  const pieces: Uint8Array[] = []
  let length = 0
  for await (const piece of body) {
    length += piece.length
    if (length > bytesMax) throw new Error(`body is longer than ${bytesMax} bytes`)
    pieces.push(piece)
  }
  const whole = new Uint8Array(length)
  let at = 0
  for (const piece of pieces) {
    whole.set(piece, at)
    at += piece.length
  }
  return whole
}
