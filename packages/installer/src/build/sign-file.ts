import { execFileSync } from 'node:child_process'
import { err, ok, type Result } from '@brickyard/std/result'

/** A certificate for code signing and its key, PEM files. */
export interface SigningKey {
  readonly certificate: string
  readonly key: string
}

/**
 * Writes `PATH.sig`, the detached signature that an agent and iPXE's `imgverify` take: CMS in DER over
 * the whole file, without signed attributes. Needs openssl; the key stays on the machine that builds.
 */
export function signFile(path: string, { certificate, key }: SigningKey): Result<string> {
  const signaturePath = `${path}.sig`
  const signer = ['-signer', certificate, '-inkey', key]
  const how = ['-binary', '-noattr', '-md', 'sha256', '-outform', 'DER']
  try {
    const files = ['-in', path, '-out', signaturePath]
    execFileSync('openssl', ['cms', '-sign', ...how, ...signer, ...files], { stdio: 'pipe' })
    return ok(signaturePath)
  } catch (error) {
    return err(`${path} could not be signed: ${(error as Error).message.trim()}`)
  }
}
