import { copyFileSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { checkSignature } from '@brickyard/agent/netboot/code-signing'
import { signFile } from '@brickyard/installer/sign-file'
import { nodeFiles } from '@brickyard/runtime/node/files'
import { afterAll, beforeAll, expect, it } from 'vitest'
import { makeOperatorKeys, type OperatorKeys } from '../metal/operator-keys.ts'
import { needs } from '../needs.ts'

const { describe } = needs({ programs: ['openssl'] })

describe('an installer signed by openssl', () => {
  let folder: string
  let keys: OperatorKeys
  let initrd: string
  beforeAll(() => {
    folder = mkdtempSync(join(tmpdir(), 'brickyard-signing-'))
    keys = makeOperatorKeys(folder)
    initrd = join(folder, 'initrd.img')
    writeFileSync(initrd, Buffer.alloc(3_000_000, 'brickyard'))
  })
  afterAll(() => rmSync(folder, { recursive: true, force: true }))

  const check = (path: string) =>
    checkSignature(
      { files: nodeFiles, authorities: [readFileSync(keys.authority, 'utf8')], nowMs: Date.now() },
      path,
    )

  it('is what the agent takes, and nothing else is', async () => {
    const { signingCertificate: certificate, signingKey: key } = keys
    expect(signFile(initrd, { certificate, key })).toEqual({ ok: true, value: `${initrd}.sig` })
    expect(await check(initrd)).toEqual({ ok: true, value: undefined })
    const changed = join(folder, 'changed.img')
    const bytes = readFileSync(initrd)
    bytes[2_999_999] = 0
    writeFileSync(changed, bytes)
    copyFileSync(`${initrd}.sig`, `${changed}.sig`)
    expect(await check(changed)).toMatchObject({ error: expect.stringContaining('is not what') })
  })

  it('is not made with a key of somebody else', () => {
    const wrong = { certificate: keys.signingCertificate, key: keys.bootKey }
    expect(signFile(initrd, wrong)).toMatchObject({ ok: false })
  })

  it('is not taken when it is by a certificate for servers', async () => {
    const server = { certificate: keys.bootCertificate, key: keys.bootKey }
    expect(signFile(initrd, server).ok).toBe(true)
    expect(await check(initrd)).toMatchObject({
      error: expect.stringContaining('is not for code signing'),
    })
  })
})
