import { execFileSync, spawnSync } from 'node:child_process'
import { existsSync, mkdirSync, renameSync, rmSync } from 'node:fs'
import { join } from 'node:path'
import { err, ok, type Result } from '@brickyard/std/result'
import { cacheFolder, filesBelow, hashOf, repositoryPath } from './build-cache.ts'
import { makeOperatorKeys } from './operator-keys.ts'

/** Names a folder that holds iPXE's source: an unpacked release, or Debian's source package. */
export const SOURCE_VARIABLE = 'BRICKYARD_IPXE_SOURCE'

const SOURCE_SCRIPT = repositoryPath('test/metal/ipxe-source.sh')
const BUILD_SCRIPT = repositoryPath('test/metal/built-ipxe.sh')
/** What the certificates in it say. */
const KEYS = ['operator-keys.ts', 'rig-network.ts'].map((name) =>
  repositoryPath(`test/metal/${name}`),
)

/** How `ipxe-source.sh` ends where a mirror has no source archives. */
const STATUS_ABSENT = 4

/**
 * The folder of an iPXE with `imgtrust` and HTTPS, built once from Debian's source package or what
 * `BRICKYARD_IPXE_SOURCE` names, with the operator's keys that it trusts. The error says that there is
 * no source; what else goes wrong throws.
 */
export function prepareBuiltIpxe(): Result<string> {
  const given = process.env[SOURCE_VARIABLE]
  const source = given === undefined ? [] : filesBelow(given)
  const hash = hashOf([SOURCE_SCRIPT, BUILD_SCRIPT, ...KEYS, ...source])
  const folder = join(cacheFolder(), `built-ipxe-${hash}`)
  const making = `${folder}.${process.pid}`
  const built = ok(join(folder, 'operator'))
  if (existsSync(folder)) return built
  mkdirSync(join(making, 'source'), { recursive: true })
  try {
    const fetched = given === undefined ? fetchSource(join(making, 'source')) : ok(given)
    if (!fetched.ok) return fetched
    console.log('building iPXE (some minutes, once) …')
    makeOperatorKeys(making)
    execFileSync('sh', [BUILD_SCRIPT, fetched.value, join(making, 'operator')], {
      stdio: ['ignore', 'ignore', 'inherit'],
    })
    rmSync(join(making, 'source'), { recursive: true })
    renameSync(making, folder)
  } finally {
    rmSync(making, { recursive: true, force: true })
  }
  return built
}

function fetchSource(folder: string): Result<string> {
  console.log("fetching iPXE's source package …")
  const { status, stderr } = spawnSync('sh', [SOURCE_SCRIPT, folder], { encoding: 'utf8' })
  if (status === 0) return ok(folder)
  if (status !== STATUS_ABSENT) throw new Error(`iPXE's source package: ${stderr.trim()}`)
  const first = /Failed to fetch (\S+) +(404.*?) +\[/.exec(stderr)
  const detail = first === null ? '404' : `${first[1]}: ${first[2]?.replaceAll(/ +/g, ' ')}`
  return err(`Debian's source archive of ipxe cannot be had here (${detail})`)
}
