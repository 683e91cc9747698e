/** Who is next to us on the wire: the kernel's table of IPv4 addresses and MACs. */
export interface Neighbours {
  /** The MAC that answered for an address last; undefined where nobody did. Never waits. */
  macOf(address: string): string | undefined
}

/** The entry was confirmed by an answer (ATF_COM of if_arp.h). */
const FLAG_COMPLETE = 0x2

/**
 * Reads `/proc/net/arp`: a heading, then `address type flags MAC mask device` on each line. An entry
 * that is not complete is a question nobody answered.
 */
export function macInArpTable(table: string, address: string): string | undefined {
  for (const line of table.split('\n')) {
    const [at, , flags = '', mac] = line.trim().split(/\s+/)
    if (at === address && (Number(flags) & FLAG_COMPLETE) !== 0) return mac
  }
  return undefined
}
