import { execFileSync } from 'node:child_process'
import { existsSync, mkdirSync, renameSync, rmSync } from 'node:fs'
import { join } from 'node:path'
import type { Image } from '@brickyard/model/image'
import type { Result } from '@brickyard/std/result'
import { type Arm64Files, prepareArm64 } from './arm64-files.ts'
import { cacheFolder, hashOf, repositoryPath } from './build-cache.ts'
import { imageFacts } from './image-facts.ts'
import { prepareInstaller } from './installer-files.ts'
import { prepareArm64Loader, prepareHttpsLoader } from './newer-ipxe.ts'

/** What every run of the suite boots and writes. Big, slow to make, and kept between runs. */
export interface PreparedFiles {
  readonly vmlinuz: string
  readonly initrd: string
  readonly tools: string
  /** The image as served, and unpacked for comparing. */
  readonly image: string
  readonly rawImage: string
  readonly facts: Image
  readonly arm64: Arm64Files
  /** The same Debian with what makes bonds and VLANs. */
  readonly bonding: { readonly image: string; readonly facts: Image }
  /** An iPXE that speaks HTTPS. */
  readonly httpsLoader: string
  /** An iPXE for arm64. */
  readonly arm64Ipxe: Result<string>
}

/** Builds the installer and the Debian image, or takes them from the cache. Says what takes long. */
export function prepareFiles(): PreparedFiles {
  const installer = prepareInstaller('x86_64')
  const image = prepareImage('plain')
  const bonding = prepareImage('bonds')
  const facts = { name: 'debian-12', arch: 'x86_64', firmware: ['bios', 'uefi'] } as const
  return {
    vmlinuz: join(installer, 'vmlinuz'),
    initrd: join(installer, 'initrd.img'),
    tools: join(installer, 'tools.img'),
    image: join(image, 'disk.zst'),
    rawImage: join(image, 'disk.raw'),
    facts: imageFacts(image, facts),
    arm64: prepareArm64(),
    bonding: {
      image: join(bonding, 'disk.zst'),
      facts: imageFacts(bonding, { ...facts, name: 'debian-12-bonds' }),
    },
    httpsLoader: prepareHttpsLoader(),
    arm64Ipxe: prepareArm64Loader(),
  }
}

function prepareImage(kind: 'plain' | 'bonds'): string {
  const script = repositoryPath('test/metal/debian-image.sh')
  const name = kind === 'plain' ? 'image' : `image-${kind}`
  const folder = join(cacheFolder(), `${name}-${hashOf([script])}`)
  if (existsSync(folder)) return folder
  console.log(`building the Debian image (${kind}) with mmdebstrap (about two minutes, once) …`)
  const making = `${folder}.${process.pid}`
  mkdirSync(making, { recursive: true })
  try {
    execFileSync('sh', [script, making, kind], { stdio: ['ignore', 'ignore', 'inherit'] })
    renameSync(making, folder)
  } finally {
    rmSync(making, { recursive: true, force: true })
  }
  return folder
}
