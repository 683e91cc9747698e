import { mkdirSync, readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'

const FILE = 'site-pin.hash'

/** The hash of the technician's PIN; undefined while none is set, which keeps the page closed. */
export function readPinHash(stateFolder: string): string | undefined {
  try {
    return readFileSync(join(stateFolder, FILE), 'utf8').trim()
  } catch (error) {
    if (error instanceof Error && 'code' in error && error.code === 'ENOENT') return undefined
    throw error
  }
}

export function writePinHash(stateFolder: string, hash: string): void {
  mkdirSync(stateFolder, { recursive: true, mode: 0o700 })
  writeFileSync(join(stateFolder, FILE), `${hash}\n`, { mode: 0o600 })
}
