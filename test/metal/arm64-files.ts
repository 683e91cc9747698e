import { execFileSync } from 'node:child_process'
import {
  copyFileSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  renameSync,
  rmSync,
  writeFileSync,
} from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fetchPackage, newestPackage, unpackPackage } from '@brickyard/installer/apt'
import { buildInstaller } from '@brickyard/installer/build-installer'
import type { Image } from '@brickyard/model/image'
import type { Result } from '@brickyard/std/result'
import { cacheFolder, filesBelow, hashOf, repositoryPath } from './build-cache.ts'
import { imageFacts } from './image-facts.ts'
import { prepareInstaller } from './installer-files.ts'

/** What the arm64 sled boots and is given. */
export interface Arm64Files {
  readonly vmlinuz: string
  readonly initrd: string
  /** Debian's signed GRUB for network boot. */
  readonly loader: string
  /** The image as served. */
  readonly image: string
  readonly facts: Image
}

const DEBIAN_ARCH = 'arm64'
const GRUB_PACKAGE = 'grub-efi-arm64-signed'
const GRUB_FOLDER = 'usr/lib/grub/arm64-efi-signed'

/** Builds the arm64 installer and image, or takes them from the cache. */
export function prepareArm64(): Arm64Files {
  const installer = prepareInstaller('aarch64')
  const image = prepareImage()
  return {
    vmlinuz: join(installer, 'vmlinuz'),
    initrd: join(installer, 'initrd.img'),
    loader: join(image, 'grubnetaa64.efi'),
    image: join(image, 'disk.zst'),
    facts: imageFacts(image, { name: 'small-arm64', arch: 'aarch64', firmware: ['uefi'] }),
  }
}

function prepareImage(): string {
  const script = repositoryPath('test/metal/arm64-image.sh')
  const osFolder = repositoryPath('test/metal/arm64-os')
  const folder = join(cacheFolder(), `image-aarch64-${hashOf([script, ...filesBelow(osFolder)])}`)
  if (existsSync(folder)) return folder
  console.log('building the arm64 image …')
  const making = `${folder}.${process.pid}`
  const work = mkdtempSync(join(tmpdir(), 'brickyard-arm64-'))
  mkdirSync(making, { recursive: true })
  try {
    const grub = unpackGrub(work)
    copyFileSync(join(grub, 'grubnetaa64.efi.signed'), join(making, 'grubnetaa64.efi'))
    const { vmlinuz, initrd } = buildSystem(osFolder, work)
    const loader = join(grub, 'grubaa64.efi.signed')
    execFileSync('sh', [script, loader, vmlinuz, initrd, making], {
      stdio: ['ignore', 'ignore', 'inherit'],
    })
    renameSync(making, folder)
  } finally {
    rmSync(work, { recursive: true, force: true })
    rmSync(making, { recursive: true, force: true })
  }
  return folder
}

function unpackGrub(work: string): string {
  const root = join(work, 'grub')
  const newest = valueOf(newestPackage(GRUB_PACKAGE, DEBIAN_ARCH))
  const deb = valueOf(fetchPackage(newest, DEBIAN_ARCH, join(cacheFolder(), 'debs')))
  valueOf(unpackPackage(deb, root))
  return join(root, GRUB_FOLDER)
}

/** The installer's own builder with another first process makes a system that needs no root disk. */
function buildSystem(osFolder: string, work: string): { vmlinuz: string; initrd: string } {
  const scripts = join(work, 'scripts')
  mkdirSync(scripts)
  copyFileSync(join(osFolder, 'init'), join(scripts, 'init'))
  for (const name of ['modules.sh', 'lease.sh']) {
    copyFileSync(repositoryPath(`packages/installer/sled/${name}`), join(scripts, name))
  }
  const built = valueOf(
    buildInstaller({
      architecture: 'aarch64',
      cacheFolder: join(cacheFolder(), 'debs'),
      sledFolder: scripts,
    }),
  )
  const paths = { vmlinuz: join(work, 'vmlinuz'), initrd: join(work, 'initrd.img') }
  writeFileSync(paths.vmlinuz, built.vmlinuz)
  writeFileSync(paths.initrd, built.initrd)
  return paths
}

function valueOf<T>(result: Result<T>): T {
  if (!result.ok) throw new Error(`${result.error} (arm64 packages need: dpkg --add-architecture)`)
  return result.value
}
