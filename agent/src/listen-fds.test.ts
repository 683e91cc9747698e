import { describe, expect, it } from 'vitest'
import { devicesOf, parseListenFds } from './listen-fds.ts'

const env = { LISTEN_PID: '7', LISTEN_FDS: '2', LISTEN_FDNAMES: 'dhcp-eth1:http-eth1' }

describe('inherited descriptors', () => {
  it('are numbered from 3 in the order of their names', () => {
    const fds = parseListenFds(env, 7)
    expect(fds.ok && [...fds.value]).toEqual([
      ['dhcp-eth1', 3],
      ['http-eth1', 4],
    ])
  })

  it('may be for the proxy and for what other servers say', () => {
    const fds = parseListenFds({ ...env, LISTEN_FDNAMES: 'pxe-eth1:bootpc-eth1' }, 7)
    expect(fds.ok && devicesOf(fds.value, 'bootpc')).toEqual(['eth1'])
    expect(fds.ok && devicesOf(fds.value, 'dhcp')).toEqual([])
  })

  it('may be for HTTPS, which is not HTTP', () => {
    const fds = parseListenFds({ ...env, LISTEN_FDNAMES: 'https-eth1:http-eth2' }, 7)
    expect(fds.ok && devicesOf(fds.value, 'https')).toEqual(['eth1'])
    expect(fds.ok && devicesOf(fds.value, 'http')).toEqual(['eth2'])
  })

  it('are none when they are for another process, or not there', () => {
    for (const [text, pid] of [
      [env, 8],
      [{}, 7],
    ] as const) {
      const fds = parseListenFds(text, pid)
      expect(fds.ok && fds.value.size).toBe(0)
    }
  })

  it('are refused under a name that says nothing, or twice the same', () => {
    for (const names of ['', 'x:y', 'dhcp-eth1', 'dhcp-eth1:dhcp-eth1', 'smtp-eth1:dhcp-eth1']) {
      const fds = parseListenFds({ ...env, LISTEN_FDNAMES: names }, 7)
      expect([names, fds.ok]).toEqual([names, false])
    }
    expect(parseListenFds({ ...env, LISTEN_FDS: '1e9' }, 7).ok).toBe(false)
  })
})
