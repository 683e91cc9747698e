import { existsSync, readFileSync } from 'node:fs'
import * as fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { needs } from '../../../../test/needs.ts'
import { readElf } from './elf.ts'

describe('ELF files', () => {
  it('says of other files that they are none', () => {
    expect(readElf(new TextEncoder().encode('#!/bin/sh\n'))).toMatchObject({ ok: false })
    expect(readElf(new Uint8Array())).toMatchObject({ ok: false })
  })

  it('never throws on a damaged header', () => {
    const magic = [0x7f, 0x45, 0x4c, 0x46, 2, 1]
    fc.assert(
      fc.property(fc.uint8Array({ minLength: 60, maxLength: 200 }), (rest) => {
        return typeof readElf(Uint8Array.from([...magic, ...rest])).ok === 'boolean'
      }),
    )
  })
})

const PROGRAM = '/usr/bin/zstd'
const withZstd = needs({ programs: existsSync(PROGRAM) ? [] : ['zstd'] })

withZstd.describe('a Debian program', () => {
  it('names its loader and libraries', () => {
    const elf = readElf(readFileSync(PROGRAM))
    expect(elf).toMatchObject({ ok: true })
    if (!elf.ok) return
    expect(elf.value.interpreter).toMatch(/\/ld-linux/)
    expect(elf.value.needed).toContain('libc.so.6')
    expect(elf.value.moduleInfo).toEqual([])
  })
})
