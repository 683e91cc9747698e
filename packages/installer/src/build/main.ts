import { mkdirSync, readFileSync, writeFileSync } from 'node:fs'
import { homedir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { parseArgs } from 'node:util'
import { ARCHITECTURES } from '@brickyard/model/architecture'
import { buildInstaller } from './build-installer.ts'
import { formatPackageList, parsePackageList } from './package-list.ts'
import { signFile } from './sign-file.ts'

const USAGE = `usage: main.ts --arch ${ARCHITECTURES.join('|')} --out DIR [--packages LIST] [--cache DIR]
               [--sign-certificate PEM --sign-key PEM]

Builds DIR/vmlinuz, DIR/initrd.img and DIR/tools.img, which the initrd takes from the agent when it
needs it, and records the Debian packages in DIR/packages.list.
--packages builds from a recorded list: the same list gives the same bytes.
--sign-certificate and --sign-key sign what is booted (DIR/vmlinuz.sig, DIR/initrd.img.sig) for agents
that are told to serve nothing else (codeSigning); the key is needed here and nowhere else. The signed
initrd holds the hash of the tools.`

function main(): number {
  const { values } = parseArgs({
    options: {
      arch: { type: 'string', default: 'x86_64' },
      out: { type: 'string' },
      packages: { type: 'string' },
      cache: { type: 'string' },
      'sign-certificate': { type: 'string' },
      'sign-key': { type: 'string' },
    },
  })
  const architecture = ARCHITECTURES.find((a) => a === values.arch)
  const { 'sign-certificate': certificate, 'sign-key': key } = values
  const halfSigned = (certificate === undefined) !== (key === undefined)
  if (architecture === undefined || values.out === undefined || halfSigned) {
    console.error(USAGE)
    return 2
  }
  const recorded =
    values.packages === undefined
      ? undefined
      : parsePackageList(readFileSync(values.packages, 'utf8'))
  if (recorded?.ok === false) {
    console.error(`${values.packages}: ${recorded.error}`)
    return 2
  }
  const home = process.env['BRICKYARD_CACHE'] ?? join(homedir(), '.cache/brickyard')
  const built = buildInstaller({
    architecture,
    cacheFolder: values.cache ?? join(home, 'debs'),
    packages: recorded?.value,
    sledFolder: fileURLToPath(new URL('../../sled', import.meta.url)),
  })
  if (!built.ok) {
    console.error(built.error)
    return 1
  }
  const { vmlinuz, initrd, tools, packages, unpackedBytes } = built.value
  mkdirSync(values.out, { recursive: true })
  writeFileSync(join(values.out, 'vmlinuz'), vmlinuz)
  writeFileSync(join(values.out, 'initrd.img'), initrd)
  writeFileSync(join(values.out, 'tools.img'), tools)
  writeFileSync(join(values.out, 'packages.list'), formatPackageList(packages))
  if (certificate !== undefined && key !== undefined) {
    for (const name of ['vmlinuz', 'initrd.img']) {
      const signed = signFile(join(values.out, name), { certificate, key })
      if (!signed.ok) {
        console.error(signed.error)
        return 1
      }
    }
  }
  console.log(
    `vmlinuz ${vmlinuz.length} bytes, initrd.img ${initrd.length} bytes ` +
      `(${unpackedBytes} unpacked), tools.img ${tools.length} bytes, ${packages.length} packages`,
  )
  return 0
}

process.exitCode = main()
