export interface UdpAddress {
  readonly address: string
  readonly port: number
}

export interface UdpBind {
  /** Local address; `0.0.0.0` for any. */
  readonly address: string
  /** Local port; 0 lets the system choose. */
  readonly port: number
  /** Device name the socket belongs to (a descriptor handed in by systemd, or a simulated link). */
  readonly interface?: string | undefined
  /** An inherited descriptor to use in place of opening a socket. */
  readonly fd?: number | undefined
  readonly broadcast?: boolean | undefined
  /**
   * The one whom nearly everything is sent to: that costs the system less. A send to it that fails
   * is lost in silence, as on the wire. Others are heard and can be answered all the same.
   */
  readonly peer?: UdpAddress | undefined
}

/** One bound UDP socket. Never throws on send; a failed send goes to `onError`. */
export interface UdpSocket {
  readonly local: UdpAddress
  /** The bytes of `datagram` stay as they are until it was sent, which an answer to it proves. */
  send(datagram: Uint8Array, to: UdpAddress): void
  onDatagram(take: (datagram: Uint8Array, from: UdpAddress) => void): void
  onError(take: (error: Error) => void): void
  close(): void
}

export interface Udp {
  /** Rejects when the address cannot be bound; the message names address, port and cause. */
  bind(bind: UdpBind): Promise<UdpSocket>
}
