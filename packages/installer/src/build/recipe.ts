import type { Architecture } from '@brickyard/model/architecture'

/** What the in-memory Linux of one architecture is made of. */
export interface Recipe {
  readonly debianArch: string
  /** Folder of shared libraries: Debian's multiarch name. */
  readonly triplet: string
  /** Package whose dependency is the newest kernel. */
  readonly kernelMetaPackage: string
  /** Packages besides the kernel; a library no package here brings fails the build. */
  readonly packages: readonly string[]
  /** Program files in the packages, put into the initrd under the same path. */
  readonly programs: readonly string[]
  /** Programs that only rare verbs need: apart from the initrd that every boot loads. */
  readonly tools: readonly string[]
  /** Kernel modules wanted; what they need comes along. */
  readonly modules: readonly string[]
}

const PACKAGES = [
  'busybox-static',
  'coreutils',
  'diffutils',
  'efibootmgr',
  'fdisk',
  'ipmitool',
  'libblkid1',
  'libc6',
  'libefiboot1',
  'libefivar1',
  'libfdisk1',
  'libfreeipmi17',
  'libgcrypt20',
  'libgpg-error0',
  'liblz4-1',
  'liblzma5',
  'libreadline8',
  'libsmartcols1',
  'libssl3',
  'libtinfo6',
  'libuuid1',
  'zlib1g',
  'zstd',
] as const

const PROGRAMS = [
  'bin/busybox',
  'bin/dd',
  'bin/efibootmgr',
  'sbin/sfdisk',
  'usr/bin/cmp',
  'usr/bin/sha256sum',
  'usr/bin/tee',
  'usr/bin/zstd',
] as const

/** With its libraries ipmitool is nearly as big as all the rest; only `bmc-user` needs it. */
const TOOLS = ['usr/bin/ipmitool'] as const

/**
 * NICs and disk controllers of the servers an edge rack holds, and of the virtual ones; VLANs; and the
 * way from the host to its own BMC.
 */
const MODULES = [
  '8021q',
  'ahci',
  'bnxt_en',
  'e1000',
  'e1000e',
  'efivarfs',
  'igb',
  'ipmi_devintf',
  'ipmi_si',
  'ixgbe',
  'mlx5_core',
  'nls_ascii',
  'nls_cp437',
  'nvme',
  'r8169',
  'sd_mod',
  'tg3',
  'vfat',
  'virtio_blk',
  'virtio_net',
  'virtio_pci',
  'virtio_scsi',
] as const

export const RECIPES: Readonly<Record<Architecture, Recipe>> = {
  x86_64: {
    debianArch: 'amd64',
    triplet: 'x86_64-linux-gnu',
    kernelMetaPackage: 'linux-image-amd64',
    packages: PACKAGES,
    programs: PROGRAMS,
    tools: TOOLS,
    modules: MODULES,
  },
  aarch64: {
    debianArch: 'arm64',
    triplet: 'aarch64-linux-gnu',
    kernelMetaPackage: 'linux-image-arm64',
    packages: PACKAGES,
    programs: PROGRAMS,
    tools: TOOLS,
    modules: MODULES,
  },
}
