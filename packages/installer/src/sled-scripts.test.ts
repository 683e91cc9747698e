import { spawnSync } from 'node:child_process'
import { mkdtempSync, readdirSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { describe as plainDescribe, expect, it } from 'vitest'
import { needs } from '../../../test/needs.ts'
import wire from '../vectors/wire.json' with { type: 'json' }
import { VERBS } from './wire.ts'

const SLED_FOLDER = fileURLToPath(new URL('../sled', import.meta.url))
const scripts = readdirSync(SLED_FOLDER, { recursive: true, encoding: 'utf8' }).filter(
  (name) => name === 'init' || name.endsWith('.sh'),
)

plainDescribe('the sled has one file a verb', () => {
  it.each(VERBS)('%s', (verb) => {
    expect(scripts).toContain(`verbs/${verb}.sh`)
  })
})

const withShellcheck = needs({ programs: ['shellcheck'] })

withShellcheck.describe('the sled’s sh', () => {
  it('has nothing shellcheck complains of', () => {
    const paths = scripts.map((name) => join(SLED_FOLDER, name))
    const run = spawnSync('shellcheck', ['-x', '-P', 'SCRIPTDIR', '-s', 'sh', ...paths], {
      encoding: 'utf8',
    })
    expect(run.stdout).toBe('')
    expect(run.status).toBe(0)
  })
})

const withBusybox = needs({ programs: ['busybox'] })

/** Runs a few lines with the sled's wire functions; the text under test is in the file $1. */
function sh(program: string, text: string): { readonly stdout: string; readonly status: number } {
  const folder = mkdtempSync(join(tmpdir(), 'brickyard-wire-'))
  try {
    const path = join(folder, 'text')
    writeFileSync(path, text)
    const lines = `. "$0/wire.sh"; ${program}`
    const run = spawnSync('busybox', ['sh', '-u', '-c', lines, SLED_FOLDER, path], {
      encoding: 'utf8',
    })
    return { stdout: run.stdout, status: run.status ?? -1 }
  } finally {
    rmSync(folder, { recursive: true })
  }
}

withBusybox.describe('the wire read and written by sh', () => {
  it.each(wire.good)('reads: $name', ({ text, fields }) => {
    expect(sh('lines_are_good "$1"', text).status).toBe(0)
    for (const [key, value] of Object.entries(fields)) {
      expect(sh(`field ${key} "$1"`, text).stdout).toBe(value)
    }
  })

  it.each(wire.bad)('refuses: $name', ({ text }) => {
    expect(sh('lines_are_good "$1"', text).status).toBe(1)
  })

  it.each(wire.good.filter(({ fields }) => Object.keys(fields).length > 0))(
    'writes: $name',
    ({ fields, canonical }) => {
      const [[key, value] = ['', '']] = Object.entries(fields)
      expect(sh(`put ${key} "$(cat "$1")"`, value).stdout).toBe(canonical)
    },
  )
})
