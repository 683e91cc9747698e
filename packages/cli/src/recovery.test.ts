import { readFile, stat, writeFile } from 'node:fs/promises'
import type { SledName } from '@brickyard/model/names'
import { encodeLogin, recoveryContext } from '@brickyard/model/sealed-login'
import { boxKeyId, sealBox } from '@brickyard/std/sealed-box'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { rackOf, tellFleet } from '../../../test/console/fixtures/fleet.ts'
import { hubRig, PASSWORD, type HubRig } from '../../../test/console/fixtures/hub-rig.ts'
import type { ScriptedSite } from '../../../test/console/fixtures/scripted-site.ts'
import { yardRig, type YardRig } from './yard-rig.ts'

const SECRET = 'Kq7_hZ2mP9sT4vWx8yRb'

describe('yard and the recovery key', () => {
  let hub: HubRig
  let site: ScriptedSite
  let yard: YardRig
  let publicKey = ''
  const sled = 'sled-01' as SledName
  const signIn = (user: string) =>
    yard.run(`login ${hub.url} --user ${user}`, { readInput: () => Promise.resolve(PASSWORD) })

  beforeAll(async () => {
    hub = await hubRig()
    const declared = { name: 'tower-17', displayName: 'Tower 17', rack: rackOf('tower-17', 17) }
    site = await hub.site(declared)
    await tellFleet(site, 'tower-17')
    yard = await yardRig()
    await signIn('guard')
  })
  afterAll(async () => {
    await yard.close()
    await hub.close()
  })

  it('makes the pair on this machine, for its owner alone, and never over another', async () => {
    const file = `${yard.folder}/tower.key`
    const made = await yard.run(`recovery new-key ${file}`)
    expect(made.exit).toBe(0)
    expect((await stat(file)).mode & 0o777).toBe(0o600)
    const kept = await readFile(file, 'utf8')
    publicKey = /^public (.*)$/m.exec(kept)?.[1] ?? ''
    const privateKey = /^private (.*)$/m.exec(kept)?.[1] ?? ''
    expect(made.out + made.err).toContain(publicKey)
    expect(made.out + made.err).not.toContain(privateKey)
    expect((await yard.run(`recovery new-key ${file}`)).exit).toBe(4)
    expect(await readFile(file, 'utf8')).toBe(kept)
  })

  it('shows what the hub keeps, and opens it with the key: here, or where no hub is', async () => {
    const box = sealBox(
      publicKey,
      recoveryContext('tower-17', sled),
      encodeLogin({ user: 'brickyard-a', password: SECRET }),
      new Uint8Array(32).fill(3),
    )
    if (!box.ok) throw new Error(box.error)
    const keyId = boxKeyId(publicKey)
    const about = { sled, operation: 'op-1', keyId, user: 'brickyard-a', box: box.value }
    await site.tell('sled.login-sealed', about)
    const shown = await yard.run(`sled recovery-secret tower-17/${sled}`)
    expect(shown.out).toContain(`brickyard-a  TIME-OF-THIS-RUN....  ${keyId}  op-1`)
    const opened = await yard.run(
      `sled recovery-secret tower-17/${sled} --key ${yard.folder}/tower.key`,
    )
    expect(opened.out).toContain(SECRET)
    const json = await yard.run(`sled recovery-secret tower-17/${sled} -o json`)
    expect(json.out).not.toContain(SECRET)
    await writeFile(`${yard.folder}/kept.json`, json.out)
    const away = { fetch: () => Promise.reject(new Error('there is no hub here')) }
    const offline = await yard.run(
      `recovery open ${yard.folder}/kept.json --key ${yard.folder}/tower.key`,
      away,
    )
    expect([offline.exit, offline.out.includes(SECRET)]).toEqual([0, true])
  })

  it('says which key is needed when it is another one, and what is no key at all', async () => {
    await yard.run(`recovery new-key ${yard.folder}/other.key`)
    const wrong = await yard.run(
      `recovery open ${yard.folder}/kept.json --key ${yard.folder}/other.key`,
    )
    expect(wrong.exit).toBe(1)
    expect(wrong.out).toContain(`recovery key ${boxKeyId(publicKey)}`)
    const none = await yard.run(`recovery open ${yard.folder}/other.key --key ${yard.folder}/x`)
    expect(none.exit).toBe(2)
  })

  it('gives sealed logins to a security-admin alone', async () => {
    await signIn('admin')
    expect((await yard.run(`sled recovery-secret tower-17/${sled}`)).exit).toBe(5)
    const events = await yard.run(`events --kind sled.login-sealed -o json`)
    expect(events.out).toContain('brickyard-a')
    expect(events.out).not.toContain('"box"')
  })
})
