import { existsSync, mkdirSync, readFileSync, renameSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { buildInstaller } from '@brickyard/installer/build-installer'
import { formatPackageList, parsePackageList } from '@brickyard/installer/package-list'
import type { Architecture } from '@brickyard/model/architecture'
import { cacheFolder, filesBelow, hashOf, repositoryPath } from './build-cache.ts'

/** The folder with vmlinuz, initrd.img and tools.img of one architecture's installer, built if need be. */
export function prepareInstaller(architecture: Architecture): string {
  const sledFolder = repositoryPath('packages/installer/sled')
  const sources = [sledFolder, repositoryPath('packages/installer/src/build')]
  const which = `${architecture}-${hashOf(sources.flatMap(filesBelow))}`
  const folder = join(cacheFolder(), `installer-${which}`)
  if (existsSync(folder)) return folder
  console.log(`building the installer for ${architecture} …`)
  // One list for all builds of a recipe in this cache: what changes between two runs is our code alone.
  const recipe = hashOf([repositoryPath('packages/installer/src/build/recipe.ts')])
  const listPath = join(cacheFolder(), `installer-packages-${architecture}-${recipe}.list`)
  const recorded = existsSync(listPath)
    ? parsePackageList(readFileSync(listPath, 'utf8'))
    : undefined
  if (recorded?.ok === false) throw new Error(`${listPath}: ${recorded.error}`)
  const built = buildInstaller({
    architecture,
    cacheFolder: join(cacheFolder(), 'debs'),
    packages: recorded?.value,
    sledFolder,
  })
  if (!built.ok) throw new Error(built.error)
  writeFileSync(listPath, formatPackageList(built.value.packages))
  const making = `${folder}.${process.pid}`
  mkdirSync(making, { recursive: true })
  writeFileSync(join(making, 'vmlinuz'), built.value.vmlinuz)
  writeFileSync(join(making, 'initrd.img'), built.value.initrd)
  writeFileSync(join(making, 'tools.img'), built.value.tools)
  renameSync(making, folder)
  return folder
}
