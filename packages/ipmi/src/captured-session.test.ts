import { assert } from '@brickyard/std/assert'
import { fromHex, toHex } from '@brickyard/std/hex'
import type { Result } from '@brickyard/std/result'
import { describe, expect, it } from 'vitest'
import { createBmc, stepBmc } from './bmc-machine.ts'
import { cipherSuite, type CipherSuiteId } from './cipher-suite.ts'
import { decodeRequest, decodeResponse } from './message.ts'
import {
  decodeOpenSessionRequest,
  decodeOpenSessionResponse,
  encodeOpenSessionRequest,
  encodeOpenSessionResponse,
} from './open-session.ts'
import { decodePacket, type RmcpPlusPacket } from './packet.ts'
import { unseal } from './protection.ts'
import { decodeRakp1, decodeRakp2, decodeRakp3, decodeRakp4, encodeRakp1 } from './rakp.ts'
import { decodeRmcp } from './rmcp.ts'
import { paddedSecret, rakp2Code, rakp3Code, rakp4Code, sessionKeys } from './session-keys.ts'

/**
 * Two logins as they went over the wire, user `admin`, password `secret`. Suite 3: ipmitool 1.8.19
 * against OpenIPMI 2.0.33's ipmi_sim, so neither end is ours. Suite 17: ipmitool against this
 * package's BMC (no other BMC to be had speaks it); ipmitool checked every code of it. The keys
 * are the ones ipmitool printed.
 */
interface Captured {
  readonly suite: CipherSuiteId
  readonly openRequest: string
  readonly openResponse: string
  readonly rakp1: string
  readonly rakp2: string
  readonly rakp3: string
  readonly rakp4: string
  readonly sik: string
  readonly k1: string
  /** The first 16 bytes of K2. */
  readonly aes: string
  /** Set Session Privilege Level to administrator, and its answer. */
  readonly request: string
  readonly response: string
}

const CAPTURED: readonly Captured[] = [
  {
    suite: 3,
    openRequest:
      '0600ff0706100000000000000000200000000000a4a3a2a0000000080100000001000008010000000200000801000000',
    openResponse:
      '0600ff0706110000000000000000240000000000a4a3a2a002000000000000080100000001000008010000000200000801000000',
    rakp1:
      '0600ff070612000000000000000021000000000002000000640120b93a16594c314895fb491905231400000561646d696e',
    rakp2:
      '0600ff07061300000000000000003c0000000000a4a3a2a0c4f424cfa217ee8d8fd0d18e1877ac41a123456789abcdefa123456789abcdef9cac7e22a0009f3b3b87f962787bc8add0dfa419',
    rakp3:
      '0600ff07061400000000000000001c000000000002000000cd5606fbb42a8c1210371ba127b12ef8c3c95b4d',
    rakp4: '0600ff0706150000000000000000140000000000a4a3a2a057a6b09fdba55dde6f67d20e',
    sik: 'f4a1ef1d9737dba721643da3652a9f685b73a16b',
    k1: '711627c71c95a03efe4ab5f3df958c3834a8ee01',
    aes: '4b801c1d2424346e01f1af6265081bb3',
    request:
      '0600ff0706c002000000030000002000fb31d9547f2ea4ce86979836a172cfc55cf6d3b72d9030ec7265fff78589b3b8ffff0207254767518cb61b69ab2d1cfc',
    response:
      '0600ff0706c0a4a3a2a0010000002000e559c27717fa39d3aa67408a07403b3a38fc4f79ab4966a968499288f4f92531ffff02078db8d60ecdd7deb421d5e6fe',
  },
  {
    suite: 17,
    openRequest:
      '0600ff0706100000000000000000200000000000a4a3a2a0000000080300000001000008040000000200000801000000',
    openResponse:
      '0600ff0706110000000000000000240000000400a4a3a2a043ba2051000000080300000001000008040000000200000801000000',
    rakp1:
      '0600ff070612000000000000000021000000000043ba20514a0d0916e9bc9d062ec13618701b4a461400000561646d696e',
    rakp2:
      '0600ff0706130000000000000000480000000000a4a3a2a09be9b46aff245262632c35f5009b437b0102030405060708090a0b0c0d0e0f10b0dea0dc9ba60a440b9026200c1a02bc4019578c965a851e46caf29e68de521c',
    rakp3:
      '0600ff070614000000000000000028000000000043ba2051f4360110f5be520d54ece86c7d77ea1a1d2763dfa2c14e4de881250108a3c388',
    rakp4: '0600ff0706150000000000000000180000000000a4a3a2a0a76915a9ccf876c166648d8a1bdd67c0',
    sik: '790de15fabfdb88c98c43e5a31d141627307a7085e3e8fb756ac28988d6b19bc',
    k1: 'e8a6ea23d36a094f909ad8d02342364bcef3ee06401ce5589c71b3b72668f97c',
    aes: '5b7a90a2e9556e0f9e2b7213e7826c3d',
    request:
      '0600ff0706c043ba2051030000002000b013791b1e7682914b22e3b6c4c7df539690fe8bcce77ddd0cc897a9e875c311ffff020747e2fe0ec240165cfd9aaa74b6d37a42',
    response:
      '0600ff0706c0a4a3a2a0010000002000a8ddc63719f6b80223d1e49e1a3599fea546b0134fc7ee2e395fa3f62053e61fffff0207ec8cb1ed7979b1acba0084247405138e',
  },
]

function must<T>(result: Result<T, unknown>): T {
  assert(result.ok, `expected a success: ${JSON.stringify(result)}`)
  return result.value
}

function packetOf(hex: string): RmcpPlusPacket {
  const packet = must(decodePacket(must(decodeRmcp(must(fromHex(hex)))).body))
  assert(packet.kind === 'rmcp-plus', 'captured packets are RMCP+')
  return packet
}

const payloadOf = (hex: string): Uint8Array => packetOf(hex).payload

/** What both sides knew after RAKP 2. */
function agreedIn(captured: Captured) {
  const suite = cipherSuite(captured.suite)
  const opened = must(decodeOpenSessionResponse(payloadOf(captured.openResponse)))
  const rakp1 = must(decodeRakp1(payloadOf(captured.rakp1)))
  const rakp2 = must(decodeRakp2(payloadOf(captured.rakp2), suite.hmacBytes))
  assert(opened.kind === 'opened' && rakp2.kind === 'challenge', 'the captured logins succeed')
  const { consoleSessionId, bmcSessionId } = opened
  const { consoleRandom, role, user } = rakp1
  const { bmcRandom, bmcGuid, code } = rakp2
  return {
    suite,
    code,
    exchange: { consoleSessionId, bmcSessionId, consoleRandom, bmcRandom, bmcGuid, role, user },
  }
}

describe.each(CAPTURED)('captured login with cipher suite $suite', (captured) => {
  const password = paddedSecret('secret')

  it('encodes the console messages as ipmitool did', () => {
    const open = payloadOf(captured.openRequest)
    expect(toHex(encodeOpenSessionRequest(must(decodeOpenSessionRequest(open))))).toBe(toHex(open))
    const rakp1 = payloadOf(captured.rakp1)
    expect(toHex(encodeRakp1(must(decodeRakp1(rakp1))))).toBe(toHex(rakp1))
    const opened = payloadOf(captured.openResponse)
    const response = must(decodeOpenSessionResponse(opened))
    expect(toHex(encodeOpenSessionResponse(response, 0xa0a2a3a4))).toBe(toHex(opened))
  })

  it('makes the same authentication codes', () => {
    const { suite, code, exchange } = agreedIn(captured)
    expect(toHex(rakp2Code(suite, password, exchange))).toBe(toHex(code))
    const rakp3 = must(decodeRakp3(payloadOf(captured.rakp3)))
    expect(toHex(rakp3Code(suite, password, exchange))).toBe(toHex(rakp3.code))
    const rakp4 = must(decodeRakp4(payloadOf(captured.rakp4), suite.integrityCheckBytes))
    const { sik } = sessionKeys(suite, password, exchange)
    expect(rakp4).toMatchObject({ kind: 'active', check: rakp4Code(suite, sik, exchange) })
  })

  it('makes the same session keys', () => {
    const { suite, exchange } = agreedIn(captured)
    const keys = sessionKeys(suite, password, exchange)
    expect(toHex(keys.sik)).toBe(captured.sik)
    expect(toHex(keys.k1)).toBe(captured.k1)
    expect(toHex(keys.aes)).toBe(captured.aes)
  })

  it('opens the sealed packets of both ends', () => {
    const { suite, exchange } = agreedIn(captured)
    const keys = sessionKeys(suite, password, exchange)
    const request = must(unseal(suite, keys, packetOf(captured.request)))
    expect(must(decodeRequest(request))).toMatchObject({
      netFn: 6,
      command: 0x3b,
      data: new Uint8Array([4]),
    })
    const response = must(unseal(suite, keys, packetOf(captured.response)))
    expect(must(decodeResponse(response))).toMatchObject({
      netFn: 6,
      command: 0x3b,
      completionCode: 0,
      data: new Uint8Array([4]),
    })
  })

  it('refuses a sealed packet with any single bit changed', () => {
    const { suite, exchange } = agreedIn(captured)
    const keys = sessionKeys(suite, password, exchange)
    const whole = must(fromHex(captured.request))
    for (let bit = 4 * 8; bit < whole.length * 8; bit++) {
      const bent = whole.slice()
      bent[bit >> 3] = (bent[bit >> 3] as number) ^ (1 << (bit & 7))
      const packet = decodePacket(bent.subarray(4))
      const opened = packet.ok && packet.value.kind === 'rmcp-plus'
      expect(opened && unseal(suite, keys, packet.value).ok, `bit ${bit}`).toBe(false)
    }
  })

  it('answers, as a BMC with the same random numbers, byte for byte what was captured', () => {
    const { exchange } = agreedIn(captured)
    const sessionId = payloadOf(captured.openResponse).slice(8, 12)
    const entropyOf = (bytes: Uint8Array): Uint8Array => {
      const entropy = new Uint8Array(32)
      entropy.set(bytes)
      return entropy
    }
    let state = createBmc<string>({
      users: [{ name: 'admin', password: 'secret', privilege: 'administrator' }],
      guid: exchange.bmcGuid,
      cipherSuites: [3, 17],
      sessionsMax: 4,
    })
    const say = (hex: string, random: Uint8Array): string => {
      const datagram = must(fromHex(hex))
      const entropy = entropyOf(random)
      const step = stepBmc(state, { kind: 'datagram', datagram, from: 'console', entropy }, 0)
      state = step.state
      const [sent] = step.effects
      return sent?.kind === 'send' ? toHex(sent.datagram) : 'nothing sent'
    }
    // Byte 17 of the answer is the privilege, which ipmi_sim leaves at "none stated".
    const openAnswer = say(captured.openRequest, sessionId)
    expect(openAnswer.slice(0, 36)).toBe(captured.openResponse.slice(0, 36))
    expect(openAnswer.slice(38)).toBe(captured.openResponse.slice(38))
    expect(say(captured.rakp1, exchange.bmcRandom)).toBe(captured.rakp2)
    expect(say(captured.rakp3, new Uint8Array(0))).toBe(captured.rakp4)
    const iv = packetOf(captured.response).payload.slice(0, 16)
    expect(say(captured.request, iv)).toBe(captured.response)
  })
})
