import { accessSync, constants, existsSync } from 'node:fs'
import { delimiter, join } from 'node:path'
import { describe as vitestDescribe } from 'vitest'

/** Which Debian package brings a program, for the summary's advice. */
const DEBIAN_PACKAGES: Readonly<Record<string, string>> = {
  atftp: 'atftp',
  busybox: 'busybox-static',
  chromium: 'chromium',
  'cloud-init': 'cloud-init',
  cpio: 'cpio',
  curl: 'curl',
  dhclient: 'isc-dhcp-client',
  dhcpcd: 'dhcpcd-base',
  dnsmasq: 'dnsmasq-base',
  'dpkg-deb': 'dpkg',
  'fsck.vfat': 'dosfstools',
  ilorest: 'ilorest',
  ip: 'iproute2',
  'ipmi-dcmi': 'freeipmi-tools',
  'ipmi-fru': 'freeipmi-tools',
  'ipmi-sel': 'freeipmi-tools',
  'ipmi-sensors': 'freeipmi-tools',
  ipmi_sim: 'openipmi',
  ipmiconsole: 'freeipmi-tools',
  ipmipower: 'freeipmi-tools',
  ipmitool: 'ipmitool',
  mcopy: 'mtools',
  mmdebstrap: 'mmdebstrap',
  perfdhcp: 'kea-admin',
  radvd: 'radvd',
  rdisc6: 'ndisc6',
  python3: 'python3',
  'qemu-img': 'qemu-utils',
  'qemu-system-x86_64': 'qemu-system-x86',
  redfishtool: 'redfishtool',
  setpriv: 'util-linux',
  shellcheck: 'shellcheck',
  sgdisk: 'gdisk',
  snmpd: 'snmpd',
  'systemd-analyze': 'systemd',
  tftp: 'tftp-hpa',
  udhcpc: 'udhcpc',
  wget: 'wget',
  xorriso: 'xorriso',
  xz: 'xz-utils',
  zstd: 'zstd',
}

const PYTHON_MODULES = '/usr/lib/python3/dist-packages'
const FOLDERS = [...(process.env['PATH'] ?? '').split(delimiter), '/usr/sbin', '/sbin']

/** The path of a program, looked for as a shell (and root's shell) would; undefined when it is missing. */
export function programPath(name: string): string | undefined {
  return FOLDERS.map((folder) => join(folder, name)).find((path) => {
    try {
      accessSync(path, constants.X_OK)
      return true
    } catch {
      return false
    }
  })
}

/**
 * A `describe` that runs only where what it needs is there. Otherwise the tests count as skipped
 * and the suite's name carries the reason, which the summary prints.
 */
export function needs(what: {
  programs?: readonly string[]
  /** Modules of Debian's own Python (/usr/bin/python3), each from the package python3-NAME. */
  pythonModules?: readonly string[]
  root?: boolean
}): {
  describe: (name: string, suite: () => void) => void
} {
  const missing = (what.programs ?? []).filter((name) => programPath(name) === undefined)
  const reasons = missing.map(
    (name) => `${name} is missing (Debian package ${DEBIAN_PACKAGES[name] ?? name})`,
  )
  const modules = what.pythonModules ?? []
  for (const name of modules.filter((one) => !existsSync(join(PYTHON_MODULES, one)))) {
    reasons.push(`Python's ${name} is missing (Debian package python3-${name})`)
  }
  if (what.root === true && process.getuid?.() !== 0) reasons.push('needs root')
  if (what.root === true && process.env['BRICKYARD_ROOT_TESTS'] !== '1') {
    reasons.push('needs root: run with npm run test:root')
  }
  if (reasons.length === 0) return { describe: (name, suite) => void vitestDescribe(name, suite) }
  return {
    describe: (name, suite) =>
      void vitestDescribe.skip(`${name} [skipped: ${[...new Set(reasons)].join('; ')}]`, suite),
  }
}
