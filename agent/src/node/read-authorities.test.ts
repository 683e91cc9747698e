import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { ANOTHER_AUTHORITY, AUTHORITY } from '@brickyard/netboot/cms-signature-vectors'
import { afterAll, beforeAll, expect, it } from 'vitest'
import { readAuthorities } from './read-authorities.ts'

let folder: string
beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), 'brickyard-authorities-'))
})
afterAll(() => rmSync(folder, { recursive: true, force: true }))

const read = (name: string, text: string) => {
  writeFileSync(join(folder, name), text)
  return readAuthorities(join(folder, name))
}

it('reads each certificate of a file, whatever stands between them', () => {
  const both = read('both', `the operator's\n${AUTHORITY}\n# and\n${ANOTHER_AUTHORITY}`)
  expect(both.ok && both.value.map((pem) => `${pem}\n`)).toEqual([AUTHORITY, ANOTHER_AUTHORITY])
})

it('names the file that is wrong', () => {
  expect(read('none', 'hello')).toMatchObject({
    error: expect.stringMatching(/none holds no cert/),
  })
  expect(readAuthorities(join(folder, 'away'))).toMatchObject({
    error: expect.stringContaining('away'),
  })
  const broken = AUTHORITY.replace('MIIB', 'MIIC')
  expect(read('broken', broken)).toMatchObject({
    error: expect.stringMatching(/broken: certificate 1 cannot be read/),
  })
})
