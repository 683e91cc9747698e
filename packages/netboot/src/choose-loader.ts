/** What a DHCP client says of itself that decides how it is booted. */
export interface NetbootClient {
  /** Option 93, preferred first; empty when it was not sent. */
  readonly architectures: readonly number[]
  /** Option 60. */
  readonly vendorClass: string | undefined
  /** Option 77. */
  readonly userClasses: readonly string[]
  /** Option 175 was there, whatever it holds. */
  readonly hasIpxeFeatures: boolean
  /** An iPXE that was built with HTTPS, as its option 175 says. */
  readonly speaksHttps?: boolean | undefined
}

/** Where loaders and scripts come from. */
export interface BootSource {
  /** Base of everything served by HTTP, no slash at the end: `http://10.98.0.1`. */
  readonly bootUrl: string
  /** Names of the loader files this appliance has. */
  readonly loaders: ReadonlySet<string>
  /** Address of the script for this very client. */
  readonly scriptUrl: string
  /** The sled's firmware checks signatures (Secure Boot): shim → GRUB → kernel in place of iPXE. */
  readonly signedChain?: boolean | undefined
  /** The same by HTTPS, where the operator gave a certificate. */
  readonly secure?: SecureSource | undefined
}

/** Goes before `bootUrl` and `scriptUrl` for firmware that boots by HTTP and for iPXE that speaks HTTPS. */
export interface SecureSource {
  readonly bootUrl: string
  readonly scriptUrl: string
  /** An iPXE without HTTPS gets nothing. */
  readonly only: boolean
}

export type LoaderChoice =
  /** `vendorClass` is what option 60 of the answer says; undefined leaves 60 and 43 out. */
  | { readonly kind: 'tftp'; readonly file: string; readonly vendorClass: VendorClass | undefined }
  | { readonly kind: 'http'; readonly url: string; readonly vendorClass: VendorClass | undefined }
  /** A DHCP client that does not boot from the network: an installed OS, a BMC. */
  | { readonly kind: 'not-netbooting' }
  | { readonly kind: 'none'; readonly reason: string }

type VendorClass = 'PXEClient' | 'HTTPClient'

interface FirmwareKind {
  /** Loaders in the order of preference. */
  readonly files: readonly string[]
  /** The first of the signed chain, where there is one. It loads `grubx64.efi` from where it came. */
  readonly signed?: string
  readonly way: 'tftp' | 'http'
  readonly name: string
}

const X64 = { files: ['snponly.efi'], signed: 'shimx64.efi' } as const
const ARM64 = {
  files: ['snponly-arm64.efi', 'ipxe-arm64.efi', 'grubaa64.efi'],
  signed: 'shimaa64.efi',
} as const

/**
 * Loader by architecture (RFC 5970 §3.3, IANA "Processor Architecture Types"). `snponly.efi` drives
 * the NIC through the firmware that loaded it, and unlike ipxe.efi it comes back from `exit`. Debian
 * packages ipxe-arm64.efi since 2026, and none for arm64 before: there GRUB does as well.
 */
const FIRMWARE: ReadonlyMap<number, FirmwareKind> = new Map([
  [0, { files: ['undionly.kpxe'], way: 'tftp', name: 'BIOS x86' }],
  [7, { ...X64, way: 'tftp', name: 'UEFI x64' }],
  [9, { ...X64, way: 'tftp', name: 'UEFI x64' }],
  [11, { ...ARM64, way: 'tftp', name: 'UEFI arm64' }],
  [16, { ...X64, way: 'http', name: 'UEFI x64 by HTTP' }],
  [19, { ...ARM64, way: 'http', name: 'UEFI arm64 by HTTP' }],
])

/** RFC 4578 §2.1: firmware that sends no option 93 is taken for BIOS x86, the oldest kind. */
const ARCHITECTURE_DEFAULT = 0

/**
 * Which file a client is sent to, and how. iPXE, however it got there, always gets its script: that
 * ends the chain and stops a loader from loading itself for ever.
 */
export function chooseLoader(client: NetbootClient, source: BootSource): LoaderChoice {
  const vendorClass = vendorClassOf(client.vendorClass)
  if (isIpxe(client)) return scriptOf(client, source, vendorClass)
  if (vendorClass === undefined) return { kind: 'not-netbooting' }

  const asked = client.architectures.length > 0 ? client.architectures : [ARCHITECTURE_DEFAULT]
  const known = asked.flatMap((architecture) => FIRMWARE.get(architecture) ?? [])
  const [wanted] = known
  if (wanted === undefined) {
    return { kind: 'none', reason: `no loader for client architecture ${asked.join(', ')}` }
  }
  const found = known.flatMap(({ way, ...kind }) =>
    filesOf(kind, source).map((file) => ({ file, way })),
  )
  const here = found.find(({ file }) => source.loaders.has(file))
  if (here === undefined) {
    const [first = 'a signed loader'] = filesOf(wanted, source)
    return { kind: 'none', reason: `${first} for ${wanted.name} is not on this appliance` }
  }
  const { file, way } = here
  return way === 'tftp'
    ? { kind: 'tftp', file, vendorClass }
    : { kind: 'http', url: `${(source.secure ?? source).bootUrl}/assets/${file}`, vendorClass }
}

function scriptOf(
  { speaksHttps }: NetbootClient,
  { secure, scriptUrl }: BootSource,
  vendorClass: VendorClass | undefined,
): LoaderChoice {
  if (secure === undefined) return { kind: 'http', url: scriptUrl, vendorClass }
  if (speaksHttps === true) return { kind: 'http', url: secure.scriptUrl, vendorClass }
  return secure.only
    ? {
        kind: 'none',
        reason: 'its iPXE was built without HTTPS, and this site boots by HTTPS only',
      }
    : { kind: 'http', url: scriptUrl, vendorClass }
}

const filesOf = (
  { files, signed }: Pick<FirmwareKind, 'files' | 'signed'>,
  { signedChain }: BootSource,
): readonly string[] => (signedChain === true ? [signed ?? []].flat() : files)

/** False for a client that asks for an address alone: an installed OS, a BMC. */
export const comesToBoot = (client: NetbootClient): boolean =>
  isIpxe(client) || vendorClassOf(client.vendorClass) !== undefined

/** iPXE says so by user class (option 77) or by its own encapsulated options (175). */
export const isIpxe = (client: NetbootClient): boolean =>
  client.hasIpxeFeatures || client.userClasses.includes('iPXE')

/**
 * What to echo in option 60: PXE 2.1 §2.2.3 and UEFI 2.10 §24.7 make firmware ignore answers
 * without it. Clients that do not say either word are no netboot firmware.
 */
function vendorClassOf(text: string | undefined): VendorClass | undefined {
  if (text?.startsWith('PXEClient') === true) return 'PXEClient'
  if (text?.startsWith('HTTPClient') === true) return 'HTTPClient'
  return undefined
}
