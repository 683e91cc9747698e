import { execFileSync } from 'node:child_process'
import { mkdtempSync, readFileSync, rmSync, statSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { describe, expect, it } from 'vitest'
import { needs } from '../../../../test/needs.ts'
import { type CpioEntry, cpioArchive, REGULAR_FILE, SYMLINK } from './cpio.ts'

const bytes = (text: string): Uint8Array => new TextEncoder().encode(text)
const entries: CpioEntry[] = [
  { path: 'init', mode: REGULAR_FILE | 0o755, bytes: bytes('#!/bin/sh\n') },
  { path: 'bin/sh', mode: SYMLINK | 0o777, bytes: bytes('busybox') },
  { path: 'lib/a/b.ko', mode: REGULAR_FILE | 0o644, bytes: bytes('12345') },
]

describe('the initramfs archive', () => {
  it('writes the header of "new ASCII" cpio, field by field', () => {
    const [first] = entries
    const text = new TextDecoder().decode(cpioArchive(first === undefined ? [] : [first]))
    expect(text.slice(0, 110)).toBe(
      [
        '070701', // magic
        '00000001', // inode
        '000081ed', // regular file, 0755
        '00000000', // uid
        '00000000', // gid
        '00000001', // links
        '00000000', // mtime
        '0000000a', // 10 bytes
        '00000000', // device major
        '00000000', // device minor
        '00000000', // rdev major
        '00000000', // rdev minor
        '00000005', // length of "init\0"
        '00000000', // check
      ].join(''),
    )
    expect(text.slice(110, 126)).toBe('init\0\0#!/bin/sh\n')
  })

  it('does not depend on the order entries are given in', () => {
    expect(cpioArchive([...entries].reverse())).toEqual(cpioArchive(entries))
  })

  it('refuses two entries of one path', () => {
    expect(() => cpioArchive([...entries, ...entries])).toThrow(/twice/)
  })
})

const withCpio = needs({ programs: ['cpio'] })

withCpio.describe('the archive read by GNU cpio', () => {
  it('unpacks to the same files', () => {
    const folder = mkdtempSync(join(tmpdir(), 'brickyard-cpio-'))
    try {
      execFileSync('cpio', ['-i', '--quiet', '-d'], { cwd: folder, input: cpioArchive(entries) })
      expect(readFileSync(join(folder, 'lib/a/b.ko'), 'utf8')).toBe('12345')
      expect(statSync(join(folder, 'init')).mode & 0o777).toBe(0o755)
      expect(execFileSync('readlink', [join(folder, 'bin/sh')], { encoding: 'utf8' })).toBe(
        'busybox\n',
      )
    } finally {
      rmSync(folder, { recursive: true })
    }
  })
})
