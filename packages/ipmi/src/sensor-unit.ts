/** Names of sensor units (IPMI 2.0 table 43-15), by their number. */
const BASE_UNITS = (
  ',°C,°F,K,V,A,W,J,C,VA,nt,lm,lx,cd,kPa,psi,N,CFM,RPM,Hz,µs,ms,s,min,h,d,weeks,mil,in,ft,in³,ft³,' +
  'mm,cm,m,cm³,m³,l,fl oz,rad,sr,rev,cycles,g,oz,lb,ft lb,oz in,G,Gb,H,mH,F,µF,Ω,S,mol,Bq,ppm,,dB,' +
  'dBA,dBC,Gy,Sv,K colour,bit,kbit,Mbit,Gbit,B,kB,MB,GB,word,dword,qword,line,hit,miss,retry,reset,' +
  'overrun,underrun,collision,packets,messages,characters,errors,correctable errors,' +
  'uncorrectable errors,fatal errors,gram'
).split(',')

const RATES = ['', '/µs', '/ms', '/s', '/min', '/h', '/d', ''] as const

/** What a sensor's number counts (§43.1, bytes 21 to 23). */
export interface SensorUnit {
  readonly percentage: boolean
  /** Index into table 43-15. */
  readonly base: number
  /** Second unit, and whether it divides or multiplies the first. */
  readonly modifier: number
  readonly modifierUse: 'none' | 'divide' | 'multiply'
  /** 0 none, 1 per µs, 2 per ms, 3 per s, 4 per minute, 5 per hour, 6 per day. */
  readonly rate: number
}

/** Numbers of the units a simulated sled uses. */
export const UNIT = { unspecified: 0, celsius: 1, volts: 4, amps: 5, watts: 6, rpm: 18 } as const

/** A unit as people write it: `°C`, `RPM`, `%`, `J/s`; empty when unspecified. */
export function unitText(unit: SensorUnit): string {
  if (unit.percentage) return '%'
  const base = BASE_UNITS[unit.base] ?? `unit ${unit.base}`
  const modifier = BASE_UNITS[unit.modifier] ?? `unit ${unit.modifier}`
  const joined =
    unit.modifierUse === 'none'
      ? base
      : `${base}${unit.modifierUse === 'divide' ? '/' : '·'}${modifier}`
  return `${joined}${RATES[unit.rate] ?? ''}`
}
