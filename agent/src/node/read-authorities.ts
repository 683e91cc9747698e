import { X509Certificate } from 'node:crypto'
import { readFileSync } from 'node:fs'
import { err, ok, type Result } from '@brickyard/std/result'

const CERTIFICATE = /-----BEGIN CERTIFICATE-----[^-]*-----END CERTIFICATE-----/g

/** Reads a file of authorities, one PEM certificate after the other; the error names the file. */
export function readAuthorities(path: string): Result<string[]> {
  let text: string
  try {
    text = readFileSync(path, 'utf8')
  } catch (error) {
    return err(`the authorities for code signing cannot be read: ${(error as Error).message}`)
  }
  const authorities = text.match(CERTIFICATE) ?? []
  if (authorities.length === 0) return err(`${path} holds no certificate; expected PEM`)
  for (const [n, pem] of authorities.entries()) {
    try {
      if (!new X509Certificate(pem).ca) {
        return err(`${path}: certificate ${n + 1} is no authority's (basicConstraints CA:TRUE)`)
      }
    } catch (error) {
      return err(`${path}: certificate ${n + 1} cannot be read: ${(error as Error).message}`)
    }
  }
  return ok(authorities)
}
