import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { systemClock } from '@brickyard/runtime/node/clock'
import { nodeFiles } from '@brickyard/runtime/node/files'
import { encodeError } from '@brickyard/tftp/packet'
import { startReceive } from '@brickyard/tftp/receive-machine'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { listenHttp } from '../node/http-listener.ts'
import { type Asset, assetOf, openAsset } from './asset.ts'
import { createBootHttp } from './boot-http.ts'
import { startTftpRig } from './tftp-rig.ts'
import type { ServedFile, TellTrace } from './trace.ts'

const CONTENT = Buffer.alloc(3000, 7)

let files: ServedFile[]
let answers: string[]
const trace: TellTrace = {
  dhcp: () => undefined,
  script: () => undefined,
  watching: () => undefined,
  unwatched: () => undefined,
  file: (file) => void files.push(file),
  answered: (_network, asked, status) => void answers.push(`${asked} ${status}`),
}
beforeEach(() => {
  files = []
  answers = []
})

const httpOf = (asset: Asset) =>
  createBootHttp({
    assets: new Map([['initrd.img', asset]]),
    scripts: () => 'a script',
    trace: { tell: trace, clock: systemClock, network: 'prov' },
  })

describe('what HTTP tells of files', () => {
  let folder: string
  beforeEach(() => {
    folder = mkdtempSync(join(tmpdir(), 'brickyard-trace-'))
  })
  afterEach(() => rmSync(folder, { recursive: true, force: true }))

  const ask = async (path: string, init: RequestInit = {}) => {
    const peer = { address: '10.98.0.11', port: 1 }
    return await httpOf(assetOf(CONTENT))(new Request(`http://x${path}`, init), peer)
  }

  it('is who had it, how much, and whether that was all', async () => {
    await (await ask('/assets/initrd.img')).arrayBuffer()
    await (await ask('/assets/initrd.img', { headers: { range: 'bytes=0-99' } })).arrayBuffer()
    expect(files).toMatchObject([
      { network: 'prov', address: '10.98.0.11', name: 'initrd.img', way: 'http', result: 'whole' },
      { result: 'part', bytes: 100, bytesTotal: 3000 },
    ])
    expect(answers).toEqual(['file 200', 'file 206'])
  })

  it('is told of a reader that went away, and of what is not there', async () => {
    const body = (await ask('/assets/initrd.img')).body?.getReader()
    await body?.read()
    await body?.cancel()
    await ask('/assets/autoexec.ipxe')
    await ask('/boot.ipxe?mac=x')
    await ask('/assets/initrd.img', { method: 'HEAD' })
    await ask('/')
    expect(files).toMatchObject([
      { name: 'initrd.img', result: 'part', bytes: 0 },
      { name: 'autoexec.ipxe', result: 'refused', reason: 'there is no such file' },
    ])
    expect(answers).toEqual(['file 200', 'file 404', 'script 200', 'file 200', 'other 404'])
  })

  it('is the same where the listener sends the file from the disk', async () => {
    const path = join(folder, 'initrd.img')
    writeFileSync(path, CONTENT)
    const asset = await openAsset(nodeFiles, path)
    if (!asset.ok) throw new Error(asset.error)
    const listener = await listenHttp(httpOf(asset.value), { host: '127.0.0.1', port: 0 })
    const url = `http://127.0.0.1:${listener.port}/assets/initrd.img`
    expect((await (await fetch(url)).arrayBuffer()).byteLength).toBe(3000)
    await listener.close()
    expect(files).toMatchObject([{ address: '127.0.0.1', result: 'whole', bytes: 3000 }])
  })
})

describe('what TFTP tells of files', () => {
  it('is whether it was whole, was asked for its size alone, or was refused', async () => {
    const served = new Map([['snponly.efi', new Uint8Array(CONTENT)]])
    const rig = await startTftpRig(served, undefined, trace)
    await rig.fetch('snponly.efi')
    await rig.fetch('../secret')
    // Firmware asks for the size and ends the transfer (UEFI's PXE).
    const client = await rig.client()
    for (const bytes of startReceive('snponly.efi', { blockBytes: 1024 }).send) client.send(bytes)
    const { from } = await client.next()
    client.send(encodeError(8, 'User aborted the transfer'), from.port)
    while (files.length < 3) await new Promise((resolve) => setTimeout(resolve, 5))
    rig.stop()
    expect(files).toMatchObject([
      { name: 'snponly.efi', way: 'tftp', result: 'whole', bytes: 3000, bytesTotal: 3000 },
      { name: '../secret', result: 'refused' },
      { result: 'part', bytes: 0, reason: expect.stringContaining('User aborted') },
    ])
  })
})
