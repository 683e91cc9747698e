import { execFileSync } from 'node:child_process'
import { existsSync, mkdirSync, renameSync, rmSync } from 'node:fs'
import { join } from 'node:path'
import { cacheFolder, hashOf, repositoryPath } from './build-cache.ts'

/** A loader that speaks HTTPS: that of a newer Debian, fetched once. */
export function prepareNewerIpxe(): string {
  const script = repositoryPath('test/metal/newer-ipxe.sh')
  const folder = join(cacheFolder(), `newer-ipxe-${hashOf([script])}`)
  if (existsSync(folder)) return join(folder, 'snponly.efi')
  console.log("fetching a newer Debian's iPXE …")
  const making = `${folder}.${process.pid}`
  mkdirSync(making, { recursive: true })
  try {
    execFileSync('sh', [script, making], { stdio: ['ignore', 'ignore', 'inherit'] })
    renameSync(making, folder)
  } finally {
    rmSync(making, { recursive: true, force: true })
  }
  return join(folder, 'snponly.efi')
}
