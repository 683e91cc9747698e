import { encodeRefusal } from '@brickyard/installer/wire'
import { BODY_CHARS_MAX } from '@brickyard/installer/wire-lines'
import { readBody } from '@brickyard/runtime/http'

/** UTF-8 takes at most three bytes for each of the characters that the parser allows. */
const BODY_BYTES_MAX = 3 * BODY_CHARS_MAX

/** The body as text; one that is too long or breaks off is as good as none. */
export async function bodyOf(request: Request): Promise<string> {
  if (request.body === null) return ''
  try {
    return new TextDecoder().decode(await readBody(request.body, BODY_BYTES_MAX))
  } catch {
    return ''
  }
}

/** A good or bad answer of the installer's wire; nobody on the way may keep it. */
export const text = (status: number, body: string): Response =>
  new Response(body, {
    status,
    headers: { 'content-type': 'text/plain; charset=utf-8', 'cache-control': 'no-store' },
  })

export const refusal = (status: number, reason: string): Response =>
  text(status, encodeRefusal(reason))
