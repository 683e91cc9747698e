import { describe, expect, it } from 'vitest'
import { readLoaderFile } from './loader-file.ts'

/** The headers of a UEFI program, and a text in it. */
function program(machine: number, text = ''): Uint8Array {
  const bytes = new Uint8Array(0x80 + text.length + 1)
  const view = new DataView(bytes.buffer)
  view.setUint16(0, 0x5a4d, true) // "MZ"
  view.setUint32(0x3c, 0x40, true) // where the PE header is
  view.setUint32(0x40, 0x4550, true) // "PE"
  view.setUint16(0x44, machine, true)
  bytes.set(new TextEncoder().encode(text), 0x80)
  return bytes
}
const X64 = 0x8664
const ARM64 = 0xaa64

describe('readLoaderFile', () => {
  it('takes a program of the machine that its name promises', () => {
    for (const name of ['snponly.efi', 'shimx64.efi']) {
      expect(readLoaderFile(name, program(X64))).toMatchObject({ value: { machine: 'x64' } })
    }
    for (const name of ['snponly-arm64.efi', 'grubaa64.efi']) {
      expect(readLoaderFile(name, program(ARM64))).toMatchObject({ value: { machine: 'arm64' } })
    }
  })

  it('reads the version that is written in it', () => {
    for (const version of ['1.0.0+git-20190125.36a4c85-5.1', '2.06-13+deb12u2']) {
      expect(readLoaderFile('a.efi', program(X64, `x\0${version}\0y`))).toMatchObject({
        value: { version },
      })
    }
    for (const text of ['1.3.6.1', '\x001.3.6.1\0', '\x0020260513100613.722Z0\0']) {
      expect(readLoaderFile('a.efi', program(X64, text))).toMatchObject({
        value: { version: undefined },
      })
    }
  })

  it('says what was found and what was expected', () => {
    const errorOf = (name: string, bytes: Uint8Array): unknown => readLoaderFile(name, bytes)
    const error = (text: string): unknown => ({ ok: false, error: text })
    expect(errorOf('a.efi', program(ARM64))).toEqual(
      error('is a UEFI program for arm64; expected one for x64'),
    )
    expect(errorOf('a-arm64.efi', program(X64))).toEqual(
      error('is a UEFI program for x64; expected one for arm64'),
    )
    expect(errorOf('a.efi', program(0x014c))).toEqual(
      error('is a UEFI program for machine 0x14c; expected one for x64'),
    )
    expect(errorOf('a.efi', new Uint8Array(500))).toEqual(
      error('is no UEFI program; expected one for x64'),
    )
    expect(errorOf('a.efi', program(X64).subarray(0, 0x43))).toEqual(
      error('is no UEFI program; expected one for x64'),
    )
    expect(errorOf('undionly.kpxe', new Uint8Array())).toEqual(
      error('is empty; expected a boot loader'),
    )
  })

  it('asks nothing of the form of a BIOS loader', () => {
    expect(readLoaderFile('undionly.kpxe', Uint8Array.of(0xea))).toEqual({
      ok: true,
      value: { machine: undefined, version: undefined },
    })
  })
})
