import { readFileSync } from 'node:fs'
import { macInArpTable, type Neighbours } from '../neighbours.ts'

/** The kernel's own table; where there is none, nobody is known. */
export const kernelNeighbours: Neighbours = {
  macOf(address) {
    try {
      return macInArpTable(readFileSync('/proc/net/arp', 'utf8'), address)
    } catch {
      return undefined
    }
  },
}
