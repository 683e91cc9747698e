import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { rackOf } from '../../../test/console/fixtures/fleet.ts'
import { hubRig, PASSWORD, type HubRig } from '../../../test/console/fixtures/hub-rig.ts'
import {
  scriptedSerial,
  type ScriptedSerial,
} from '../../../test/console/fixtures/scripted-serial.ts'
import type { ScriptedSite } from '../../../test/console/fixtures/scripted-site.ts'
import type { CliTerminal } from './ports.ts'
import { yardRig, type Ran, type YardRig } from './yard-rig.ts'

const SITE = 'tower-17'
const SLED = `${SITE}/sled-01`

/** A terminal whose keys a test presses, or a pipe that a test writes. */
function terminal(isTerminal: boolean) {
  let out = ''
  let press: ((bytes: Uint8Array | undefined) => Promise<void>) | undefined
  let open = false
  const port: CliTerminal = {
    isTerminal,
    open(_raw, take) {
      press = take
      open = true
      return () => {
        open = false
      }
    },
    write(bytes, written) {
      out += Buffer.from(bytes).toString()
      written()
    },
  }
  return {
    port,
    get out() {
      return out
    },
    get open() {
      return open
    },
    press: (text: string) => press?.(Buffer.from(text)),
    end: () => press?.(undefined),
  }
}

const until = async (what: string, holds: () => boolean): Promise<void> => {
  for (let look = 0; !holds(); look++) {
    if (look > 500) throw new Error(`never came: ${what}`)
    await new Promise((resolve) => setTimeout(resolve, 20))
  }
}

describe('yard sled console', () => {
  let hub: HubRig
  let site: ScriptedSite
  let serial: ScriptedSerial
  let yard: YardRig
  let visitor: YardRig

  beforeAll(async () => {
    hub = await hubRig()
    serial = scriptedSerial((typed) => typed.replaceAll('\r', '\r\n$ '))
    const rack = rackOf(SITE, 17)
    const declared = { name: SITE, displayName: 'Tower 17', rack }
    site = await hub.site(declared, undefined, undefined, serial.onStream)
    serial.print('x'.repeat(5000))
    serial.print('sled login: ')
    yard = await yardRig()
    visitor = await yardRig()
    const readInput = () => Promise.resolve(`${PASSWORD}\n`)
    await yard.run(`login ${hub.url} --user admin`, { readInput })
    await visitor.run(`login ${hub.url} --user visitor`, { readInput })
  })
  afterAll(async () => {
    await Promise.all([yard.close(), visitor.close()])
    site.leave()
    await hub.close()
  })

  it('is a terminal: what was printed, keys, break, help, and ~. at the end', async () => {
    const t = terminal(true)
    const ran = yard.run(`sled console ${SLED}`, { terminal: t.port })
    await until('the prompt', () => t.out.endsWith('sled login: '))
    expect(t.out).toHaveLength(4096)
    let done = false
    void ran.then(() => (done = true))
    await until('the keyboard', () => serial.heard.length > 0 || (t.press('root\r'), false))
    await until('the echo', () => t.out.endsWith('root\r\n$ '))
    await t.press('~B~?')
    await until('the break', () => serial.heard.includes('break by admin'))
    expect(done).toBe(false)
    await t.press('~.')
    const { exit, err } = await ran
    expect(exit).toBe(0)
    expect(err).toContain('connected; you write; ~? for help')
    expect(err).toContain('~B  send a break')
    expect(t.open).toBe(false)
  })

  it('types what is piped in, however much, and leaves', async () => {
    const t = terminal(false)
    const before = serial.typed.length
    const ran: Promise<Ran> = yard.run(`sled console ${SLED} --tail 0 --for 4s`, {
      terminal: t.port,
    })
    await until('the pipe', () => t.open)
    const script = 'echo a long line of a script that somebody wrote\n'.repeat(2000)
    await t.press(script)
    await t.end()
    expect((await ran).exit).toBe(0)
    expect(serial.typed.slice(before)).toBe(script)
    expect(t.out).toBe(script)
  })

  it('only reads when asked to, while somebody else writes', async () => {
    const writer = terminal(true)
    const writing = yard.run(`sled console ${SLED}`, { terminal: writer.port })
    await until('the writer', () => writer.out.length === 4096)
    const reader = terminal(true)
    const reading = yard.run(`sled console ${SLED} --read-only --tail 0 --for 2s`, {
      terminal: reader.port,
    })
    const pipe = await yard.run(`sled console ${SLED}`, { terminal: terminal(false).port })
    expect(pipe).toMatchObject({ exit: 4, out: '' })
    expect(pipe.err).toContain('admin writes; it has to be taken over: say --take to do so.')
    await new Promise((resolve) => setTimeout(resolve, 200))
    serial.print('for both')
    await until('both', () => writer.out.endsWith('for both') && reader.out === 'for both')
    expect((await reading).exit).toBe(0)
    await writer.press('~.')
    expect((await writing).exit).toBe(0)
  })

  it.each([
    ['no such sled', `sled console ${SITE}/sled-99`, 3, 'there is no sled'],
    ['no sled at all', 'sled console nowhere', 2, 'nowhere'],
    ['JSON', `sled console ${SLED} -o json`, 2, 'no JSON'],
    ['a wrong time', `sled console ${SLED} --for ever`, 2, "--for is 'ever'"],
  ])('says %s with its exit code', async (_what, words, exit, says) => {
    const ran = await yard.run(words, { terminal: terminal(false).port })
    expect(ran).toMatchObject({ exit, out: '' })
    expect(ran.err).toContain(says)
  })

  it('is refused to whoever may only look, and without a hub', async () => {
    const ports = { terminal: terminal(false).port }
    const refused = await visitor.run(`sled console ${SLED}`, ports)
    expect(refused).toMatchObject({ exit: 5 })
    expect(refused.err).toContain('role viewer lacks the permission consoles.use')
    const env = { BRICKYARD_HUB: 'http://127.0.0.1:9', BRICKYARD_TOKEN: 'none' }
    const away = await yardRig(env)
    expect(await away.run(`sled console ${SLED}`, ports)).toMatchObject({ exit: 6 })
    await away.close()
  })

  it('is on record, typed and printed, for an auditor and not for who typed', async () => {
    const auditor = await yardRig()
    const readInput = () => Promise.resolve(`${PASSWORD}\n`)
    await auditor.run(`login ${hub.url} --user auditor`, { readInput })
    let record = ''
    for (let look = 0; !record.includes('left'); look++) {
      if (look > 100) throw new Error('never written')
      await new Promise((resolve) => setTimeout(resolve, 100))
      const { out } = await auditor.run(`console-record list ${SLED} -o json`)
      const [newest] = (JSON.parse(out) as { id: string }[]).toReversed()
      if (newest !== undefined) record = (await auditor.run(`console-record get ${newest.id}`)).out
    }
    expect(record).toContain('admin: typed "root\\r"')
    expect(record).toContain('sled login: ')
    expect(record).toContain('admin: break')
    expect(await yard.run(`console-record list ${SLED}`)).toMatchObject({ exit: 5, out: '' })
    const missing = await auditor.run('console-record get con-none')
    expect(missing).toMatchObject({ exit: 3 })
    await auditor.close()
  })

  it('refuses a WebSocket that another origin asked for with the cookie, or that has no name', async () => {
    const url = `${hub.url}/v1/sites/${SITE}/sleds/sled-01/console`
    const cookie = `brickyard_session=${hub.token}`
    const ask = async (headers: Record<string, string>) => (await fetch(url, { headers })).status
    expect(await ask({})).toBe(401)
    expect(await ask({ cookie })).toBe(403)
    expect(await ask({ cookie, origin: 'https://evil.example' })).toBe(403)
    expect(await ask({ authorization: `Bearer ${hub.token}` })).toBe(426)
  })
})
