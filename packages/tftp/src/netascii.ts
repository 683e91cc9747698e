const LF = 0x0a
const CR = 0x0d

/**
 * A file as mode `netascii` sends it: text as the network's virtual terminal has it (RFC 1350 §1,
 * which names RFC 764). Line feed becomes CR LF, and a carriage return CR NUL. The result is at most
 * twice as long, and it is its length that `tsize` tells. A file without either byte comes back as
 * it is, uncopied.
 */
export function toNetascii(file: Uint8Array): Uint8Array {
  let more = 0
  for (const byte of file) if (byte === LF || byte === CR) more += 1
  if (more === 0) return file
  const text = new Uint8Array(file.length + more)
  let at = 0
  for (const byte of file) {
    if (byte === LF) text[at++] = CR
    text[at++] = byte
    if (byte === CR) text[at++] = 0
  }
  return text
}
