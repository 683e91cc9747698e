import { createPrivateKey, X509Certificate } from 'node:crypto'
import { readFileSync } from 'node:fs'
import { isIP } from 'node:net'
import { err, ok, type Result } from '@brickyard/std/result'
import type { BootCertificate } from '../agent-config.ts'
import type { ListenerTls } from './http-listener.ts'

export interface BootTlsFiles {
  readonly certificate: string
  readonly key: string
}

/**
 * Reads the certificate that booting sleds are shown: a PEM chain, the server's own first, and its
 * unencrypted key. The error names the file and what is wrong with it.
 */
export function readBootTls(
  files: BootTlsFiles,
): Result<ListenerTls & { readonly says: BootCertificate }> {
  const texts = readBoth(files)
  if (!texts.ok) return texts
  const { cert, key } = texts.value
  try {
    const certificate = new X509Certificate(cert)
    if (!certificate.checkPrivateKey(createPrivateKey(key))) {
      return err(`${files.key} is not the key of ${files.certificate}`)
    }
    return ok({
      cert,
      key,
      says: {
        endsAtMs: certificate.validToDate.getTime(),
        covers: (host) =>
          (isIP(host) === 0 ? certificate.checkHost(host) : certificate.checkIP(host)) !==
          undefined,
      },
    })
  } catch (error) {
    const what = `${files.certificate} or ${files.key} is no PEM certificate with its key`
    return err(`${what}: ${(error as Error).message}`)
  }
}

function readBoth({ certificate, key }: BootTlsFiles): Result<ListenerTls> {
  try {
    return ok({ cert: readFileSync(certificate, 'utf8'), key: readFileSync(key, 'utf8') })
  } catch (error) {
    return err(`the boot server's certificate cannot be read: ${(error as Error).message}`)
  }
}
