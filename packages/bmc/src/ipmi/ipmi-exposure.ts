import {
  cipherZeroProbe,
  readCipherZeroProbe,
  readExposure,
  type Exposure,
} from '@brickyard/ipmi/exposure'
import type { Ipv4 } from '@brickyard/model/ipv4'
import type { Clock } from '@brickyard/runtime/clock'
import { ByteReader } from '@brickyard/std/bytes'
import { ok, type Result } from '@brickyard/std/result'
import { Seconds } from '@brickyard/std/units'
import type { ExposureReader } from '../exposure.ts'
import type { BmcFault } from '../fault.ts'
import { hold } from './ipmi-conversation.ts'
import type { BmcPorts, IpmiSession } from './ipmi-session.ts'

/** How a BMC lets people in, by its channel's settings (IPMI 2.0 §22.13, §22.15). */
export const readIpmiExposure = (
  session: IpmiSession,
  clock: Clock,
): Promise<Result<Exposure, BmcFault>> => hold(session, clock, readExposure())

/** The same in the words that all drivers have. */
export const createIpmiExposure = (session: IpmiSession, clock: Clock): ExposureReader => ({
  async read() {
    const told = await readIpmiExposure(session, clock)
    if (!told.ok) return told
    const { cipherSuites, logins } = told.value
    return ok({
      anonymousLogins: logins?.anonymous,
      nullUsers: logins?.nullUsers,
      cipherZeroOffered: cipherSuites?.includes(0),
      open: ['ipmi'],
    })
  },
})

const ATTEMPTS = 3
const ATTEMPT_MS = Seconds(1)

/**
 * Whether a BMC takes a session of cipher suite 0, which needs no password: one datagram, without a
 * login, repeated when nothing comes. The half-open session it may leave ends by itself.
 */
export async function probeCipherZero(
  at: { readonly address: Ipv4; readonly port: number },
  ports: BmcPorts,
): Promise<'taken' | 'refused' | 'silent'> {
  const { udp, clock, random } = ports
  const socket = await udp.bind({ address: '0.0.0.0', port: 0 })
  // Zero means "no session", so it is no id.
  const consoleSessionId = new ByteReader(random.bytes(4)).u32() || 1
  const answers: ('taken' | 'refused')[] = []
  let wake: () => void = () => {}
  socket.onDatagram((datagram, from) => {
    if (from.address !== at.address || from.port !== at.port) return
    const answer = readCipherZeroProbe(datagram, consoleSessionId)
    if (answer === undefined) return
    answers.push(answer)
    wake()
  })
  socket.onError(() => {})
  try {
    for (let attempt = 0; attempt < ATTEMPTS && answers.length === 0; attempt++) {
      socket.send(cipherZeroProbe(consoleSessionId), at)
      await new Promise<void>((resolve) => {
        const timer = clock.after(ATTEMPT_MS, resolve)
        wake = () => {
          timer.cancel()
          resolve()
        }
      })
    }
    return answers[0] ?? 'silent'
  } finally {
    socket.close()
  }
}
