import type { Clock } from '@brickyard/runtime/clock'
import type { HttpClient, HttpRequest } from '@brickyard/runtime/http'
import { err, ok } from '@brickyard/std/result'
import { describe, expect, it } from 'vitest'
import { createRedfishClient } from './client.ts'
import { membersOf } from './collection.ts'
import { ANSWER_BYTES_MAX } from './exchange.ts'
import { followTask, taskPathOf } from './follow-task.ts'
import { inMemorySessions } from './session-memory.ts'

interface Scripted {
  readonly status: number
  readonly headers?: Readonly<Record<string, string>>
  readonly body?: unknown
  /** In place of JSON. */
  readonly pieces?: () => AsyncIterable<Uint8Array>
}

const BASE = 'https://10.0.0.9:443'
const SESSIONS = '/redfish/v1/SessionService/Sessions'
const LOGIN: Scripted = {
  status: 201,
  headers: { 'x-auth-token': 'T1', location: `${BASE}${SESSIONS}/1` },
}

/** A clock on which waiting takes no time, and timers are only counted. */
function swiftClock(): Clock & { nowMs: number } {
  return {
    nowMs: 0,
    wallMs: () => 0,
    monotonicMs() {
      return this.nowMs
    },
    after(delayMs, work) {
      // Idle timers are far off; pauses are short.
      if (delayMs < 100_000) {
        this.nowMs += delayMs
        queueMicrotask(work)
      }
      return { cancel: () => undefined }
    },
  }
}

/** A service that answers by a function, and what it was asked. */
function scripted(answer: (request: HttpRequest, nth: number) => Scripted | 'closed') {
  const asked: HttpRequest[] = []
  const http: HttpClient = {
    async request(request) {
      asked.push(request)
      const reply = answer(request, asked.length)
      if (reply === 'closed') return err({ kind: 'connect', message: 'closed (ECONNRESET)' })
      const text = reply.body === undefined ? '' : JSON.stringify(reply.body)
      async function* whole() {
        yield new TextEncoder().encode(text)
      }
      const body = reply.pieces?.() ?? whole()
      return ok({ status: reply.status, headers: reply.headers ?? {}, body })
    },
  }
  const sessions = inMemorySessions()
  const clock = swiftClock()
  const client = createRedfishClient({
    http,
    clock,
    baseUrl: BASE,
    user: 'u',
    password: 'pass-word',
    sessions,
  })
  const said = () => asked.map(({ method, url }) => `${method} ${url.slice(BASE.length)}`)
  return { client, asked, said, sessions, clock }
}

const isLogin = ({ method, url }: HttpRequest) => method === 'POST' && url.endsWith(SESSIONS)

describe('the client', () => {
  it('logs in once, sends the token, and never the password again', async () => {
    const w = scripted((request) => (isLogin(request) ? LOGIN : { status: 200, body: { Id: '1' } }))
    expect(await w.client.get('/redfish/v1/Systems/1')).toMatchObject({
      ok: true,
      value: { status: 200, body: { Id: '1' } },
    })
    await w.client.get('/redfish/v1/Systems/1')
    await w.client.close()
    expect(w.said()).toEqual([
      `POST ${SESSIONS}`,
      'GET /redfish/v1/Systems/1',
      'GET /redfish/v1/Systems/1',
      `DELETE ${SESSIONS}/1`,
    ])
    expect(w.asked.slice(1).every(({ headers }) => headers?.['x-auth-token'] === 'T1')).toBe(true)
    expect(JSON.stringify(w.asked.slice(1))).not.toContain('pass-word')
  })

  it('remembers a session it could not close, until it is gone for certain', async () => {
    const w = scripted((request) =>
      isLogin(request) ? LOGIN : { status: request.method === 'DELETE' ? 500 : 200, body: {} },
    )
    await w.client.get('/redfish/v1/Systems')
    await w.client.close()
    expect(w.sessions.held(`u@${BASE}`)).toEqual([`${SESSIONS}/1`])
  })

  it('closes what an earlier life left, and not the session of somebody else', async () => {
    const w = scripted((request) => {
      if (isLogin(request)) return LOGIN
      if (request.url.endsWith('/7')) return { status: 200, body: { UserName: 'u' } }
      if (request.url.endsWith('/8')) return { status: 200, body: { UserName: 'other' } }
      return { status: 200, body: {} }
    })
    w.sessions.keep(`u@${BASE}`, `${SESSIONS}/7`)
    w.sessions.keep(`u@${BASE}`, `${SESSIONS}/8`)
    await w.client.get('/redfish/v1/Systems')
    expect(w.said()).toContain(`DELETE ${SESSIONS}/7`)
    expect(w.said()).not.toContain(`DELETE ${SESSIONS}/8`)
    expect(w.sessions.held(`u@${BASE}`)).toEqual([`${SESSIONS}/1`])
  })

  it('asks again on a new connection where the kept one was closed; a write is sent once', async () => {
    let closes = 0
    const w = scripted((request) => {
      if (isLogin(request)) return LOGIN
      closes -= 1
      return closes === 0 ? 'closed' : { status: 200, body: {} }
    })
    await w.client.get('/redfish/v1/Systems')
    closes = 1
    expect((await w.client.get('/redfish/v1/Systems')).ok).toBe(true)
    closes = 1
    const written = await w.client.post('/redfish/v1/Systems/1/Actions/Reset', {})
    expect(written).toMatchObject({ ok: false, error: { kind: 'unreachable' } })
    expect(w.said().filter((line) => line.endsWith('Reset'))).toHaveLength(1)
  })

  it('says what the service says of a refusal, without the password it quotes', async () => {
    const w = scripted((request) =>
      isLogin(request)
        ? LOGIN
        : {
            status: 400,
            body: {
              error: {
                '@Message.ExtendedInfo': [
                  {
                    MessageId: 'Base.1.8.PropertyValueFormatError',
                    Message: "The value '%1' for %2 is too short.",
                    MessageArgs: ['hunter2', 'Password'],
                  },
                ],
              },
            },
          },
    )
    const answer = await w.client.patch('/redfish/v1/AccountService/Accounts/1', {
      Password: 'hunter2',
    })
    expect(answer).toMatchObject({
      ok: false,
      error: {
        kind: 'refused',
        status: 400,
        message: expect.stringContaining("'***' for Password"),
      },
    })
    expect(JSON.stringify(answer)).not.toContain('hunter2')
  })

  it.each([301, 308])(
    'follows a redirect (%i) on the same host, a ring of them not for ever',
    async (status) => {
      const w = scripted((request) => {
        if (isLogin(request)) return LOGIN
        if (request.url.endsWith('/a')) return { status, headers: { location: 'https://evil/b' } }
        if (request.url.endsWith('/b')) return { status: 200, body: { Id: 'b' } }
        return { status, headers: { location: request.url.endsWith('x') ? '/y' : '/x' } }
      })
      expect(await w.client.get('/a')).toMatchObject({ ok: true, value: { body: { Id: 'b' } } })
      expect(w.asked.every(({ url }) => url.startsWith(BASE))).toBe(true)
      expect(await w.client.get('/x')).toMatchObject({ ok: false })
    },
  )

  it('stops reading an answer that never ends, by its bytes or by its time', async () => {
    let read = 0
    async function* endless() {
      for (;;) {
        read += 1
        yield new Uint8Array(64 * 1024)
      }
    }
    const big = scripted((request) => (isLogin(request) ? LOGIN : { status: 200, pieces: endless }))
    expect(await big.client.get('/a')).toMatchObject({ ok: false, error: { kind: 'protocol' } })
    expect(read * 64 * 1024).toBeLessThanOrEqual(ANSWER_BYTES_MAX + 64 * 1024)
    const slow = scripted((request) => (isLogin(request) ? LOGIN : { status: 200, pieces: drip }))
    async function* drip() {
      for (;;) {
        slow.clock.nowMs += 10_000
        yield Uint8Array.of(32)
      }
    }
    expect(await slow.client.get('/a')).toMatchObject({ ok: false, error: { kind: 'timeout' } })
    expect(slow.clock.nowMs).toBeLessThan(120_000)
  })

  it('refuses what is no path before anything is sent', async () => {
    const w = scripted(() => LOGIN)
    for (const path of ['https://evil/redfish', '//evil/x', '/a b', 'redfish', '']) {
      expect(await w.client.get(path)).toMatchObject({ ok: false, error: { kind: 'refused' } })
    }
    expect(w.asked).toEqual([])
  })
})

describe('collections', () => {
  const page = (members: readonly number[], next?: string): Scripted => ({
    status: 200,
    body: {
      Members: members.map((n) => ({ '@odata.id': `/m/${n}` })),
      ...(next === undefined ? {} : { 'Members@odata.nextLink': next }),
    },
  })

  it('are read through all pages', async () => {
    const w = scripted((request) => {
      if (isLogin(request)) return LOGIN
      return request.url.endsWith('/p') ? page([1, 2], '/p?$skip=2') : page([2, 3])
    })
    const members = await membersOf(w.client, '/p')
    expect(members.ok && members.value.map(({ path }) => path)).toEqual(['/m/1', '/m/2', '/m/3'])
  })

  it('end where their pages go round, and where there are too many', async () => {
    const ring = scripted((request) => (isLogin(request) ? LOGIN : page([1], '/p')))
    expect(await membersOf(ring.client, '/p')).toMatchObject({
      ok: true,
      value: [{ path: '/m/1' }],
    })
    const more = scripted((request, nth) => (isLogin(request) ? LOGIN : page([nth], `/p?${nth}`)))
    await membersOf(more.client, '/p', 10_000)
    expect(more.asked.length).toBeLessThan(150)
  })
})

describe('tasks', () => {
  const task = (state: string, status = 200): Scripted => ({
    status,
    body: { '@odata.id': '/t/1', TaskState: state },
  })
  /** Looks at a task whose answers are these, the last one for ever. */
  async function end(...answers: readonly Scripted[]) {
    const left = [...answers]
    const w = scripted((request) =>
      isLogin(request) ? LOGIN : ((left.length > 1 ? left.shift() : left[0]) ?? { status: 404 }),
    )
    const outcome = await followTask(w.client, w.clock, '/t/1')
    return outcome.ok ? outcome.value.end : outcome.error.kind
  }

  it('end as they say, and never well by being gone', async () => {
    expect(await end(task('New'), task('Running'), task('Completed'))).toBe('completed')
    expect(await end(task('Running'), task('Exception'))).toBe('failed')
    expect(await end({ status: 404 }, task('Running'), { status: 404 })).toBe('vanished')
    expect(await end({ status: 404 })).toBe('vanished')
    expect(await end(task('Sleeping'))).toBe('unfinished')
    expect(await end(task('Running'), { status: 500 })).toBe('unfinished')
    expect(await end(task('Running'), { status: 400, body: {} })).toBe('failed')
    expect(await end({ status: 401 })).toBe('auth')
  })

  it('are believed before the status of their monitor: services keep 202 for done ones', async () => {
    expect(await end(task('Completed', 202))).toBe('completed')
    expect(await end(task('Running', 200), task('Killed', 202))).toBe('failed')
    expect(await end({ status: 202, body: {} }, { status: 204 })).toBe('completed')
  })

  it('are found in a header, a body or a message', () => {
    const answer = { headers: {}, etag: undefined, location: undefined }
    expect(taskPathOf({ ...answer, status: 202, body: {}, location: '/t/9' })).toBe('/t/9')
    expect(
      taskPathOf({ ...answer, status: 200, body: { '@odata.id': '/t/8', TaskState: 'New' } }),
    ).toBe('/t/8')
    const info = [{ MessageId: 'X', MessageArgs: ['/redfish/v1/TaskService/Tasks/5'] }]
    expect(taskPathOf({ ...answer, status: 200, body: { '@Message.ExtendedInfo': info } })).toBe(
      '/redfish/v1/TaskService/Tasks/5',
    )
    expect(taskPathOf({ ...answer, status: 204, body: {} })).toBeUndefined()
  })
})
