import type { PduTable } from './pdu-kind.ts'

/** Server Technology, Sentry3-MIB `outletTable` (CDU); tower and infeed go before the outlet. */
export const SENTRY3: PduTable = {
  state: '1.3.6.1.4.1.1718.3.2.3.1.5',
  command: '1.3.6.1.4.1.1718.3.2.3.1.11',
  name: '1.3.6.1.4.1.1718.3.2.3.1.3',
  // 2 and 3 are "off, waiting" and "on, waiting": not there yet.
  reads: { on: [1], off: [0] },
  writes: { on: 1, off: 2 },
  unit: '1.1.',
}

/** Server Technology, Sentry4-MIB `st4OutletControlTable` (PRO1, PRO2); unit and cord go before it. */
export const SENTRY4: PduTable = {
  state: '1.3.6.1.4.1.1718.4.1.8.3.1.1',
  command: '1.3.6.1.4.1.1718.4.1.8.5.1.2',
  name: '1.3.6.1.4.1.1718.4.1.8.2.1.3',
  reads: { on: [1], off: [2] },
  writes: { on: 1, off: 2 },
  unit: '1.1.',
}
