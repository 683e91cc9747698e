import { decodeTftp } from '@brickyard/tftp/packet'
import { type ReceiveStep, startReceive, stepReceive } from '@brickyard/tftp/receive-machine'
import type { Clock, Timer } from '@brickyard/runtime/clock'
import type { Udp } from '@brickyard/runtime/udp'
import { err, ok, type Result } from '@brickyard/std/result'

const TFTP_PORT = 69

/** Fetches a file as boot firmware does (blksize 1468, and a window where the server grants one). */
export async function fetchByTftp(
  ports: { readonly clock: Clock; readonly udp: Udp },
  interfaceName: string,
  server: string,
  file: string,
): Promise<Result<Uint8Array>> {
  const socket = await ports.udp.bind({ address: '0.0.0.0', port: 0, interface: interfaceName })
  const result = await new Promise<Result<Uint8Array>>((resolve) => {
    let step: ReceiveStep = startReceive(file, { blockBytes: 1468, windowBlocks: 4 })
    let port = TFTP_PORT
    let timer: Timer | undefined
    const act = (): void => {
      timer?.cancel()
      for (const packet of step.send) socket.send(packet, { address: server, port })
      if (step.kind === 'done') resolve(ok(step.file))
      else if (step.kind === 'failed') resolve(err(`${file} by TFTP: ${step.reason}`))
      else {
        const { state } = step
        timer = ports.clock.after(step.waitMs, () => {
          step = stepReceive(state, { kind: 'timeout' })
          act()
        })
      }
    }
    socket.onDatagram((bytes, from) => {
      if (from.address !== server || step.kind !== 'continue') return
      if (port !== TFTP_PORT && from.port !== port) return
      const packet = decodeTftp(bytes)
      if (!packet.ok) return
      port = from.port
      step = stepReceive(step.state, { kind: 'packet', packet: packet.value })
      act()
    })
    act()
  })
  socket.close()
  return result
}
