/** The bytes of a UEFI program for x64 as far as anybody here looks: its headers and then nothing. */
export function efiProgram(bytes: number): Uint8Array {
  const program = new Uint8Array(bytes)
  const view = new DataView(program.buffer)
  view.setUint16(0, 0x5a4d, true)
  view.setUint32(0x3c, 0x40, true)
  view.setUint32(0x40, 0x4550, true)
  view.setUint16(0x44, 0x8664, true)
  return program
}
