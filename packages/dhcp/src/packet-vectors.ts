import { assert } from '@brickyard/std/assert'
import { fromHex } from '@brickyard/std/hex'

/** Packets for tests: what real clients sent, field by field, and the odd ones the RFCs allow. */

/** Bytes of commented hex: everything behind `;` on a line is for the reader; `0*N` is N zeroes. */
export function vector(text: string): Uint8Array {
  const bare = text
    .replace(/;.*$/gm, '')
    .replace(/\b0\*(\d+)\b/g, (_, count: string) => '00'.repeat(Number(count)))
  const bytes = fromHex(bare)
  assert(bytes.ok, 'a vector is hex')
  return bytes.value
}

/** A BOOTP frame (RFC 2131 §2) with its cookie, to which a vector adds its options. */
export const frame = (fields: {
  op?: string
  hlen?: string
  flags?: string
  ciaddr?: string
  giaddr?: string
  chaddr?: string
  sname?: string
  file?: string
}): string => `
  ${fields.op ?? '01'}               ; op
  01                                 ; htype Ethernet
  ${fields.hlen ?? '06'}             ; hlen
  00                                 ; hops
  12345678                           ; xid
  0000                               ; secs
  ${fields.flags ?? '0000'}          ; flags
  ${fields.ciaddr ?? '00000000'}     ; ciaddr
  00000000 00000000                  ; yiaddr, siaddr
  ${fields.giaddr ?? '00000000'}     ; giaddr
  ${fields.chaddr ?? '525400123456'} 0*10   ; chaddr
  ${fields.sname ?? '0*64'}          ; sname
  ${fields.file ?? '0*128'}          ; file
  63825363                           ; magic cookie
`

/** DISCOVER of OVMF 2022.11 (UEFI x64 PXE), captured from QEMU. */
export const OVMF_DISCOVER = vector(`
  01 01 06 00                        ; request, Ethernet, hlen 6, hops 0
  3d4e870c                           ; xid
  0000 8000                          ; secs 0, broadcast
  0*4 0*4 0*4 0*4                    ; ciaddr, yiaddr, siaddr, giaddr
  525400980011 0*10                  ; chaddr
  0*64 0*128                         ; sname, file
  63825363                           ; magic cookie
  35 01 01                           ; 53 DISCOVER
  39 02 05c0                         ; 57 at most 1472
  37 23 0102030405060c0d0f111216171c28292a2b3233363a3b3c4243618081828384858687   ; 55
  61 11 00 0*16                      ; 97 type 0, a UUID of zeroes
  5e 03 01 03 00                     ; 94 UNDI 3.0
  5d 02 0007                         ; 93 UEFI x64
  3c 20 505845436c69656e743a417263683a30303030373a554e44493a303033303030 ; 60 PXEClient:Arch:00007:UNDI:003000
  ff                                 ; END
`)

/** DISCOVER of Debian's snponly.efi (iPXE), captured from QEMU: user class without a length byte. */
export const IPXE_DISCOVER = vector(`
  01 01 06 00                        ; request, Ethernet, hlen 6, hops 0
  bc69640a                           ; xid
  0004 0000                          ; secs 4, no broadcast flag
  0*4 0*4 0*4 0*4                    ; ciaddr, yiaddr, siaddr, giaddr
  525400980011 0*10                  ; chaddr
  0*64 0*128                         ; sname, file
  63825363                           ; magic cookie
  35 01 01                           ; 53 DISCOVER
  39 02 05c0                         ; 57 at most 1472
  5d 02 0007                         ; 93 UEFI x64
  5e 03 01030a                       ; 94 UNDI 3.10
  3c 20 505845436c69656e743a417263683a30303030373a554e44493a303033303130 ; 60 PXEClient:Arch:00007:UNDI:003010
  4d 04 69505845                     ; 77 iPXE
  37 17 010306070c0f111a2b3c4243778081828384858687afcb   ; 55
  af 24                              ; 175
     b1 05 01 1af41000               ;   177 bus id: PCI 1af4:1000
     eb 03 010000                    ;   235 version 1.0.0
     17 01 01 24 01 01 13 01 01 11 01 01 27 01 01 29 01 01 15 01 01 12 01 01   ;   features
  3d 07 01525400980011               ; 61 Ethernet and the MAC
  61 11 00 0*16                      ; 97 type 0, a UUID of zeroes
  ff                                 ; END
`)

/** REQUEST to renew, relayed, with option 82 as the relay left it and a PAD between options. */
export const RENEW_RELAYED = vector(`
  ${frame({ ciaddr: '0a62000c', giaddr: '0a6200fe' })}
  35 01 03                           ; 53 REQUEST
  00 00                              ; PAD, PAD
  52 0a 01 04 706f7274 02 02 7377    ; 82: circuit id "port", remote id "sw"
  3d 07 ff deadbeefcafe              ; 61 with bytes that are no text
  ff 00 00 00                        ; END and padding
`)

/** DISCOVER that spreads its options over `file` and `sname` (52 = 3) and splits 60 (RFC 3396). */
export const OVERLOADED = vector(`
  ${frame({
    file: '3c 03 505845 ff 0*122', // 60 "PXE", END
    sname: '3c 06 436c69656e74 0c 02 6f73 ff 0*51', // 60 "Client", 12 "os", END
  })}
  35 01 01                           ; 53 DISCOVER
  34 01 03                           ; 52 file and sname hold options
  ff                                 ; END
`)
