import { createHash } from 'node:crypto'
import type { Files } from '@brickyard/runtime/files'
import type { HubParts } from '../parts.ts'
import type { Api } from './context.ts'

/**
 * Nothing the console shows may come from, or go to, anywhere but the hub itself, and nothing may
 * stand inline. What the default does not govern is named as well.
 */
const CONTENT_SECURITY_POLICY = [
  "default-src 'self'",
  "object-src 'none'",
  "base-uri 'none'",
  "form-action 'self'",
  "frame-ancestors 'none'",
].join('; ')

const HEADERS = {
  'content-security-policy': CONTENT_SECURITY_POLICY,
  'x-content-type-options': 'nosniff',
  'referrer-policy': 'no-referrer',
  'cross-origin-opener-policy': 'same-origin',
}

const TYPES: Readonly<Record<string, string>> = {
  css: 'text/css; charset=utf-8',
  html: 'text/html; charset=utf-8',
  js: 'text/javascript; charset=utf-8',
  json: 'application/json',
  png: 'image/png',
  svg: 'image/svg+xml',
  txt: 'text/plain; charset=utf-8',
  webmanifest: 'application/manifest+json',
  woff2: 'font/woff2',
}

const HINT =
  'The console is not built. Run its build, or use the API under /v1 (see /openapi.json).\n'

/** Serves the built console. A path that names no file is one of the console's own pages. */
export function serveConsole(api: Api, { files, config: { consoleFolder } }: HubParts): void {
  api.get('*', async (c) => {
    const found =
      consoleFolder === undefined ? undefined : await find(files, consoleFolder, c.req.path)
    if (found === undefined) {
      const missing = /\.[a-z0-9]+$/.test(c.req.path)
      return new Response(missing ? 'not here\n' : HINT, {
        status: missing ? 404 : 200,
        headers: { ...HEADERS, 'content-type': 'text/plain; charset=utf-8' },
      })
    }
    const etag = `"${createHash('sha256').update(found.bytes).digest('hex').slice(0, 32)}"`
    // Vite names what lies in assets by its content.
    const forEver = found.path.startsWith('/assets/')
    const headers = {
      ...HEADERS,
      etag,
      'content-type': TYPES[found.path.split('.').at(-1) ?? ''] ?? 'application/octet-stream',
      'cache-control': forEver ? 'public, max-age=31536000, immutable' : 'no-cache',
    }
    return c.req.header('if-none-match') === etag
      ? new Response(null, { status: 304, headers })
      : new Response(Buffer.from(found.bytes), { headers })
  })
}

async function find(
  files: Files,
  folder: string,
  path: string,
): Promise<{ path: string; bytes: Uint8Array } | undefined> {
  const names = path.split('/').filter((name) => name !== '')
  const plain = names.every((name) => /^[A-Za-z0-9_-][A-Za-z0-9._-]*$/.test(name))
  const asked = `/${names.join('/')}`
  if (plain && /\.[a-z0-9]+$/.test(asked)) {
    const bytes = await files.read(`${folder}${asked}`)
    return bytes === undefined ? undefined : { path: asked, bytes }
  }
  const bytes = await files.read(`${folder}/index.html`)
  return bytes === undefined ? undefined : { path: '/index.html', bytes }
}
