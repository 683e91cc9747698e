import { ByteReader, ByteWriter } from '@brickyard/std/bytes'
import { err, ok } from '@brickyard/std/result'
import type { OptionCodec } from '../option-codec.ts'

/** What a vendor says, under its IANA enterprise number. */
export interface EnterpriseData {
  readonly enterprise: number
  /** The vendor's own, for option 125 mostly sub-options as `decodeSubOptions` reads them. */
  readonly data: Uint8Array
}

/** RFC 3925 §3 and §4: a list of enterprise number, length, and data of that length. */
const enterpriseList = (code: number): OptionCodec<readonly EnterpriseData[]> => ({
  code,
  decode(bytes) {
    const list: EnterpriseData[] = []
    let at = 0
    while (at < bytes.length) {
      const length = bytes[at + 4]
      if (length === undefined || at + 5 + length > bytes.length) {
        return err(`option ${code} has a vendor's part that runs past its end`)
      }
      const enterprise = new ByteReader(bytes.subarray(at, at + 4)).u32()
      list.push({ enterprise, data: bytes.subarray(at + 5, at + 5 + length) })
      at += 5 + length
    }
    return list.length > 0 ? ok(list) : err(`option ${code} is empty; expected a vendor's part`)
  },
  encode(list) {
    const writer = new ByteWriter(list.reduce((sum, { data }) => sum + 5 + data.length, 0))
    for (const { enterprise, data } of list) writer.u32(enterprise).u8(data.length).put(data)
    return writer.done()
  },
})

/** RFC 3925 §3: which of each vendor's kinds a client is. */
export const vendorIdentifyingClass = enterpriseList(124)
/** RFC 3925 §4: options of several vendors, each under its own number. */
export const vendorIdentifyingOptions = enterpriseList(125)
