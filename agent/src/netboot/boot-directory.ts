import type { Mac } from '@brickyard/model/mac'
import type { BootSled } from '@brickyard/netboot/boot-view'

/** Who a client is and what it is to boot, at this moment. Implemented by agent/src/operations. */
export interface BootDirectory {
  /** Undefined for a machine that nobody declared. Called for every packet: must not touch the disk. */
  sledFor(client: {
    readonly mac: Mac
    readonly uuid?: string | undefined
    readonly network: string
  }): BootSled | undefined
}
