import type { PduTable } from './pdu-kind.ts'

/** APC, PowerNet-MIB `rPDU2OutletSwitched` (AP84xx, AP86xx, AP89xx). */
export const APC_RPDU2: PduTable = {
  state: '1.3.6.1.4.1.318.1.1.26.9.2.3.1.5',
  command: '1.3.6.1.4.1.318.1.1.26.9.2.4.1.5',
  name: '1.3.6.1.4.1.318.1.1.26.9.2.3.1.3',
  // Off is 1 and on is 2 when it is read; when it is written they are the other way round.
  reads: { on: [2], off: [1] },
  writes: { on: 1, off: 2 },
  unit: '',
}

/** APC, PowerNet-MIB `rPDUOutlet` (AP78xx, AP79xx). */
export const APC_RPDU: PduTable = {
  state: '1.3.6.1.4.1.318.1.1.12.3.5.1.1.4',
  command: '1.3.6.1.4.1.318.1.1.12.3.3.1.1.4',
  name: '1.3.6.1.4.1.318.1.1.12.3.5.1.1.2',
  reads: { on: [1], off: [2] },
  writes: { on: 1, off: 2 },
  unit: '',
}
