import { err, ok } from '@brickyard/std/result'
import type { OptionCodec } from '../option-codec.ts'
import { bytesFromText, textFromBytes } from '../text.ts'

/** Options holding text of at least one character; a trailing NUL (RFC 2132 §2) is cut off. */
const text = (code: number): OptionCodec<string> => ({
  code,
  decode(bytes) {
    const value = textFromBytes(bytes)
    return value === '' ? err(`option ${code} is empty; expected text`) : ok(value)
  },
  encode: bytesFromText,
})

/** RFC 2132 §3.14. */
export const hostName = text(12)
/** RFC 2132 §3.17. */
export const domainName = text(15)
/** RFC 2132 §9.9: why a NAK or DECLINE was sent. */
export const message = text(56)
/** RFC 2132 §9.4: the TFTP server's name, in our answers its address as text. */
export const tftpServerName = text(66)
/** RFC 2132 §9.5: the boot file, or its URL for iPXE and UEFI HTTP boot. */
export const bootFileName = text(67)
/** RFC 5071 §5: the configuration file of a PXELINUX that was loaded. */
export const configFile = text(209)
/** RFC 5071 §6: what PXELINUX puts before every name, a path or a URL. */
export const pathPrefix = text(210)
