import type { PduKind } from '@brickyard/model/pdu'
import { APC_RPDU, APC_RPDU2 } from './apc.ts'
import type { PduTable } from './pdu-kind.ts'
import { RARITAN_PDU2 } from './raritan.ts'
import { SENTRY3, SENTRY4 } from './server-technology.ts'

export const PDU_TABLES: Readonly<Record<PduKind, PduTable>> = {
  'apc-rpdu2': APC_RPDU2,
  'apc-rpdu': APC_RPDU,
  'raritan-pdu2': RARITAN_PDU2,
  sentry3: SENTRY3,
  sentry4: SENTRY4,
}

/** The index of an outlet in its table: a bare number is of the first unit. */
export const outletIndex = ({ unit }: PduTable, outlet: string): string =>
  outlet.includes('.') ? outlet : `${unit}${outlet}`
