import type { Architecture } from '@brickyard/model/architecture'
import type { Ipv4 } from '@brickyard/model/ipv4'
import type { Mac } from '@brickyard/model/mac'
import type { BootSled } from '@brickyard/netboot/boot-view'
import {
  grubInstallerScript,
  grubLocalBootScript,
  grubRefusalScript,
} from '@brickyard/netboot/grub-script'
import type { InstallerBoot, Unsigned } from '@brickyard/netboot/installer-boot'
import { installerScript, localBootScript, refusalScript } from '@brickyard/netboot/ipxe-script'
import type { Clock } from '@brickyard/runtime/clock'
import type { Asset } from './asset.ts'
import { signatureNameOf } from './code-signing.ts'
import type { BootDirectory } from './boot-directory.ts'
import { type BootTls, scriptUrlOf } from './dhcp-boot.ts'
import { type Report, reportOnce } from './report.ts'
import type { TellTrace } from './trace.ts'

/** Which assets make up the installer of one architecture. */
export interface InstallerFiles {
  readonly kernel: string
  readonly initrd: string
  readonly kernelArguments: readonly string[]
}

export interface BootScriptParts {
  readonly directory: BootDirectory
  readonly clock: Clock
  readonly report: Report
  readonly trace?: TellTrace | undefined
  /** The network's name. */
  readonly network: string
  /** Base of this very server as sleds reach it, no slash at the end. */
  readonly bootUrl: string
  /** The same by HTTPS: who asked so is sent there for kernel and initrd as well. */
  readonly bootTls?: BootTls | undefined
  /** Files by name: loaders, vmlinuz, initrd.img. May change while the server runs. */
  readonly assets: ReadonlyMap<string, Asset>
  readonly installers: Readonly<Partial<Record<Architecture, InstallerFiles>>>
  /** Why a file of an installer is not among the assets, where that is known. */
  readonly withheld?: ReadonlyMap<string, string> | undefined
  /** The loader checks the signatures of the installer's files. */
  readonly verifiedByLoader?: boolean | undefined
  /** The address DHCP gave to a machine: who asks for another machine's script is refused. */
  readonly addressOf: (mac: Mac) => Ipv4 | undefined
}

/** Who asks for a script, by which loader. */
export interface ScriptRequest {
  readonly loader: 'ipxe' | 'grub'
  readonly mac: Mac
  readonly uuid: string | undefined
  /** Where the request came from. */
  readonly from: string
  /** It came by HTTPS. */
  readonly secure: boolean
  /** A loader says that it found this without a valid signature, and started nothing. */
  readonly unsigned?: Unsigned | undefined
}

/**
 * The script of one machine. Every outcome is a script: a loader shows its text, while of an error it
 * shows a number. The claim token in an installer's script is good once and goes only to the address
 * that DHCP gave to that sled.
 */
export type BootScripts = (request: ScriptRequest) => string

export function createBootScripts(parts: BootScriptParts): BootScripts {
  const { network } = parts
  const tell = reportOnce(parts.report, parts.clock)

  return (request) => {
    const { loader, mac, uuid, from } = request
    const sled = parts.directory.sledFor({ mac, uuid, network })
    const refuse = (reason: string): string => {
      tell({ kind: 'netboot.refused', body: { mac, sled: sled?.name ?? null, reason } })
      parts.trace?.script({ network, mac, sled: sled?.name ?? null, what: 'refused', reason })
      return loader === 'grub' ? grubRefusalScript(reason) : refusalScript(reason)
    }
    if (sled === undefined) return refuse(`${mac} is not declared at this site`)
    const { boot } = sled
    const served = (
      what: 'installer' | 'local-disk',
      script: string,
      occasion?: string,
    ): string => {
      tell({ kind: 'netboot.served', body: { sled: sled.name, mac, what } }, occasion)
      const reason = boot.kind === 'local-disk' ? boot.reason : null
      parts.trace?.script({ network, mac, sled: sled.name, what, reason })
      return script
    }
    switch (boot.kind) {
      case 'none':
        return refuse(boot.reason)
      case 'local-disk':
        return served(
          'local-disk',
          loader === 'grub'
            ? grubLocalBootScript(boot.reason)
            : localBootScript(sled.firmwareMode, boot.reason),
        )
      case 'installer': {
        if (parts.addressOf(mac) !== from) {
          return refuse(`asked from ${from}, which is not the address of ${sled.name}`)
        }
        if (loader === 'ipxe' && parts.bootTls?.only === true && !request.secure) {
          return refuse('asked by plain HTTP, and this site boots by HTTPS only')
        }
        if (request.unsigned !== undefined) return refuse(UNSIGNED_WORDS[request.unsigned])
        const installer = installerFor(parts, request, sled, boot.claimToken)
        if (installer === undefined) {
          return refuse(whyNoInstaller(parts, sled.architecture))
        }
        const script = loader === 'grub' ? grubInstallerScript : installerScript
        return served('installer', script(installer), boot.claimToken)
      }
    }
  }
}

/** What the loader has found, in a person's words. */
const UNSIGNED_WORDS: Readonly<Record<Unsigned, string>> = {
  loader: 'its iPXE cannot check signatures: it knows no imgtrust',
  vmlinuz: "its iPXE found no valid signature of the installer's kernel",
  'initrd.img': "its iPXE found no valid signature of the installer's initrd",
}

function whyNoInstaller(
  { installers, withheld }: BootScriptParts,
  architecture: Architecture,
): string {
  const files = installers[architecture]
  const why = [files?.kernel, files?.initrd].flatMap((name) => withheld?.get(name ?? '') ?? [])
  const none = `there is no installer for ${architecture} on this appliance`
  return why.length === 0 ? none : `${none}: ${why.join('; ')}`
}

function installerFor(
  { bootUrl, bootTls, installers, assets, verifiedByLoader }: BootScriptParts,
  { mac, uuid, secure }: ScriptRequest,
  sled: BootSled,
  claimToken: string,
): InstallerBoot | undefined {
  const files = installers[sled.architecture]
  if (files === undefined || !assets.has(files.kernel) || !assets.has(files.initrd))
    return undefined
  const base = secure && bootTls !== undefined ? bootTls.url : bootUrl
  const urlOf = (name: string): string => `${base}/assets/${name}`
  return {
    sledName: sled.name,
    mac,
    kernelUrl: urlOf(files.kernel),
    initrdUrl: urlOf(files.initrd),
    // The installer in memory speaks plain HTTP.
    agentUrl: bootUrl,
    claimToken,
    scriptUrl: scriptUrlOf(base, mac, uuid),
    kernelArguments: files.kernelArguments,
    signatures:
      verifiedByLoader === true
        ? {
            kernelUrl: urlOf(signatureNameOf(files.kernel)),
            initrdUrl: urlOf(signatureNameOf(files.initrd)),
          }
        : undefined,
  }
}
