import { describe, expect, it } from 'vitest'
import { decodeLogin, encodeLogin, loginProblem } from './sealed-login.ts'

const bytes = (text: string): Uint8Array => new TextEncoder().encode(text)

describe('a login in a box', () => {
  it('reads back as it was written', () => {
    const login = { user: 'ADMIN', password: 'x"y\\z' }
    expect(decodeLogin(encodeLogin(login))).toEqual({ ok: true, value: login })
    const keyed = { ...login, bmcKey: 'the-bmc-key' }
    expect(decodeLogin(encodeLogin(keyed))).toEqual({ ok: true, value: keyed })
    expect(loginProblem({ ...keyed, bmcKey: 'k'.repeat(21) })).toContain('1 to 20')
  })

  it('is refused when it is none, whatever somebody closed the box over', () => {
    const texts = ['', 'null', '7', '{}', '{"user":"a"}', '{"user":"","password":"x"}']
    for (const text of texts) expect([text, decodeLogin(bytes(text)).ok]).toEqual([text, false])
    expect(decodeLogin(Uint8Array.of(0xff, 0xfe)).ok).toBe(false)
    expect(loginProblem({ user: 'a', password: 'pass\n' })).toContain('ASCII')
    expect(loginProblem({ user: 'a'.repeat(65), password: 'x' })).toContain('1 to 64')
  })
})
