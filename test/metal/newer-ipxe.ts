import { execFileSync } from 'node:child_process'
import { existsSync, mkdirSync, renameSync, rmSync } from 'node:fs'
import { join } from 'node:path'
import { err, ok, type Result } from '@brickyard/std/result'
import { cacheFolder, hashOf, repositoryPath } from './build-cache.ts'

/** A loader that speaks HTTPS: that of a newer Debian, fetched once. */
export const prepareHttpsLoader = (): string => prepare('trixie', 'snponly.efi')

/**
 * An iPXE for arm64, which Debian packages since 2026. It is not in a release yet: where it is gone, that
 * is one sled's failure.
 */
export function prepareArm64Loader(): Result<string> {
  try {
    return ok(prepare('forky', 'ipxe-arm64.efi'))
  } catch (error) {
    return err(`the iPXE of Debian forky could not be fetched: ${(error as Error).message}`)
  }
}

function prepare(release: string, loader: string): string {
  const script = repositoryPath('test/metal/newer-ipxe.sh')
  const folder = join(cacheFolder(), `newer-ipxe-${release}-${hashOf([script])}`)
  if (existsSync(folder)) return join(folder, loader)
  console.log(`fetching the iPXE of Debian ${release} …`)
  const making = `${folder}.${process.pid}`
  mkdirSync(making, { recursive: true })
  try {
    execFileSync('sh', [script, release, loader, making], {
      stdio: ['ignore', 'ignore', 'inherit'],
    })
    renameSync(making, folder)
  } finally {
    rmSync(making, { recursive: true, force: true })
  }
  return join(folder, loader)
}
