import { err, ok, type Result } from '@brickyard/std/result'

/** What a boot loader's own bytes say of it. */
export interface LoaderFile {
  /** Undefined for a loader of BIOS machines, whose form says nothing. */
  readonly machine: 'x64' | 'arm64' | undefined
  /** What its makers call it, where it says so: `1.0.0+git-20190125.36a4c85-5.1`. */
  readonly version: string | undefined
}

/** Offsets and words of the PE format (Microsoft PE/COFF §2, §3.3). */
const MZ = 0x5a4d
const PE_OFFSET_AT = 0x3c
const PE = 0x0000_4550
const MACHINES: ReadonlyMap<number, 'x64' | 'arm64'> = new Map([
  [0x8664, 'x64'],
  [0xaa64, 'arm64'],
])

/**
 * Holds a loader to the name it is served under: `….efi` must be a UEFI program, for arm64 where
 * the name ends in `aa64` or `arm64`, else for x64. The error says what was found and expected.
 */
export function readLoaderFile(name: string, bytes: Uint8Array): Result<LoaderFile> {
  if (bytes.length === 0) return err('is empty; expected a boot loader')
  const version = versionIn(bytes)
  if (!name.endsWith('.efi')) return ok({ machine: undefined, version })
  const expected = /(aa64|arm64)\.efi$/.test(name) ? 'arm64' : 'x64'
  const word = machineWord(bytes)
  if (word === undefined) return err(`is no UEFI program; expected one for ${expected}`)
  const machine = MACHINES.get(word)
  if (machine !== expected) {
    const found = machine ?? `machine 0x${word.toString(16)}`
    return err(`is a UEFI program for ${found}; expected one for ${expected}`)
  }
  return ok({ machine, version })
}

/** The machine word of a PE file; undefined for anything else. */
function machineWord(bytes: Uint8Array): number | undefined {
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength)
  if (bytes.length < PE_OFFSET_AT + 4 || view.getUint16(0, true) !== MZ) return undefined
  const at = view.getUint32(PE_OFFSET_AT, true)
  if (at + 6 > bytes.length || view.getUint32(at, true) !== PE) return undefined
  return view.getUint16(at + 4, true)
}

/**
 * iPXE as UEFI program and GRUB carry their version as text; iPXE for BIOS is compressed. Only whole
 * texts that begin as a version does are taken, the first of them.
 */
function versionIn(bytes: Uint8Array): string | undefined {
  const text = new TextDecoder('latin1').decode(bytes)
  return /\0(\d{1,3}(?:\.\d{1,3}){1,2}[+~-][\w.+~-]{3,60})\0/.exec(text)?.[1]
}
