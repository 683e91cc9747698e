import type { Snmp } from '../snmp.ts'

/** SNMP over net-snmp, which is loaded when a PDU is first asked: few sites have one. */
export const nodeSnmp: Snmp = {
  get: async (...asked) => (await sessions()).get(...asked),
  setInteger: async (...asked) => (await sessions()).setInteger(...asked),
}

const sessions = async (): Promise<Snmp> => (await import('./snmp-sessions.ts')).snmpSessions
