import type { PduTable } from './pdu-kind.ts'

/** Raritan and Legrand, PDU2-MIB `outletSwitchControlTable` (PX2, PX3); the first unit is 1. */
export const RARITAN_PDU2: PduTable = {
  state: '1.3.6.1.4.1.13742.6.4.1.2.1.3',
  command: '1.3.6.1.4.1.13742.6.4.1.2.1.2',
  name: '1.3.6.1.4.1.13742.6.3.5.3.1.3',
  reads: { on: [7], off: [8] },
  writes: { on: 1, off: 0 },
  unit: '1.',
}
