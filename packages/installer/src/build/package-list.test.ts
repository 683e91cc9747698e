import { describe, expect, it } from 'vitest'
import { formatPackageList, parsePackageList } from './package-list.ts'

const sha256 = 'a'.repeat(64)

describe('the recorded package list', () => {
  it('comes back sorted', () => {
    const list = [
      { name: 'zstd', version: '1.5.4+dfsg2-5', sha256 },
      { name: 'busybox-static', version: '1:1.35.0-4+deb12u1+b1', sha256 },
    ]
    const text = formatPackageList(list)
    expect(text.split('\n')[0]).toMatch(/^busybox-static 1:1.35/)
    expect(parsePackageList(text)).toEqual({ ok: true, value: [...list].reverse() })
  })

  it.each(['zstd 1.5', `zstd 1.5 ${'A'.repeat(64)}`, `-o 1.5 ${sha256}`, `a b=c;d ${sha256}`])(
    'refuses %j and names the line',
    (line) => {
      expect(parsePackageList(`zstd 1 ${sha256}\n${line}\n`)).toMatchObject({ error: /^line 2/ })
    },
  )
})
