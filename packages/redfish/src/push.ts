import type { HttpBody } from '@brickyard/runtime/http'
import type { JsonObject } from './loose-json.ts'

/** What is sent to a push URI: its bytes, what they are, and what else the request says. */
export interface PushContent {
  readonly contentType: string
  readonly body: HttpBody
  readonly headers?: Readonly<Record<string, string>> | undefined
}

/** An image as a file: its length is known, and it can be read again for a second attempt. */
export interface ImageFile extends HttpBody {
  /** As its maker named it: some services tell by the ending what it is. */
  readonly name: string
}

/** An image as it is, for `HttpPushUri`. */
export const plainPush = (image: ImageFile): PushContent => ({
  contentType: 'application/octet-stream',
  body: image,
})

/**
 * An image with its parameters, for `MultipartHttpPushUri` (DSP0266 §12.6.2): first the parameters as
 * JSON, then the image. `boundary` must not be a part of the image; it is of 1..70 letters and digits.
 */
export function multipartPush(
  parameters: JsonObject,
  image: ImageFile,
  boundary: string,
): PushContent {
  const encoder = new TextEncoder()
  const first = encoder.encode(
    [
      `--${boundary}`,
      'Content-Disposition: form-data; name="UpdateParameters"',
      'Content-Type: application/json',
      '',
      JSON.stringify(parameters),
      `--${boundary}`,
      `Content-Disposition: form-data; name="UpdateFile"; filename="${fileNameOf(image.name)}"`,
      'Content-Type: application/octet-stream',
      '',
      '',
    ].join('\r\n'),
  )
  const last = encoder.encode(`\r\n--${boundary}--\r\n`)
  return {
    contentType: `multipart/form-data; boundary=${boundary}`,
    body: {
      // All in all: services that refuse chunked requests want to be told.
      bytes: first.length + image.bytes + last.length,
      async *open() {
        yield first
        yield* image.open()
        yield last
      },
    },
  }
}

/** A name that cannot end its own quotes or line. */
const fileNameOf = (name: string): string => name.replaceAll(/[^\w.+-]/g, '_').slice(-128)

/** The same content, telling how many bytes of it have been taken. */
export function countedPush(content: PushContent, onSent: (bytes: number) => void): PushContent {
  const { body } = content
  return {
    ...content,
    body: {
      bytes: body.bytes,
      async *open() {
        let sent = 0
        for await (const piece of body.open()) {
          yield piece
          sent += piece.length
          onSent(sent)
        }
      },
    },
  }
}
