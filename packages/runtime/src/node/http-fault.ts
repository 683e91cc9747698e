import type { HttpFault } from '../http.ts'

/** What a failed request came to, by the codes of Node and of undici. */
export function faultOf(error: unknown, what: string): HttpFault {
  const cause = error instanceof Error ? error : new Error(String(error))
  const code = 'code' in cause && typeof cause.code === 'string' ? cause.code : ''
  const kind: HttpFault['kind'] = code.includes('TIMEOUT')
    ? 'timeout'
    : /CERT|TLS|SSL|SELF_SIGNED|ALTNAME/.test(code) || cause.message.includes('pinned')
      ? 'tls'
      : /^(ECONN|EHOST|ENET|ENOTFOUND|EPIPE|UND_ERR_SOCKET|UND_ERR_CONNECT)/.test(code)
        ? 'connect'
        : 'protocol'
  return { kind, message: `${what}: ${cause.message}${code === '' ? '' : ` (${code})`}` }
}
