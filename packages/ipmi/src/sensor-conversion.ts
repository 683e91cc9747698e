/** Analog data format (IPMI 2.0 §43.1, byte 21 bits 7:6). */
export type NumberFormat = 'unsigned' | 'ones-complement' | 'twos-complement'

/** Linearization functions (§43.1, byte 24), by their number. */
export const LINEARIZATIONS = [
  'linear',
  'ln',
  'log10',
  'log2',
  'e^x',
  '10^x',
  '2^x',
  '1/x',
  'x^2',
  'x^3',
  'sqrt',
  'cube-root',
] as const
export type Linearization = (typeof LINEARIZATIONS)[number] | 'non-linear'

/** How a raw reading becomes a value (§36.3): y = L[(M·x + B·10^k1)·10^k2]. */
export interface ReadingFactors {
  readonly format: NumberFormat
  /** `non-linear`: M and B hold for one raw reading only and are asked for with it (§36.2). */
  readonly linearization: Linearization
  /** M and B: −512..511. */
  readonly m: number
  readonly b: number
  /** k1 and k2: −8..7. */
  readonly bExponent: number
  readonly resultExponent: number
  /** In half raw counts, 0..63. */
  readonly tolerance: number
}

const FUNCTIONS: Readonly<Record<Linearization, (x: number) => number>> = {
  linear: (x) => x,
  ln: Math.log,
  log10: Math.log10,
  log2: Math.log2,
  'e^x': Math.exp,
  '10^x': (x) => 10 ** x,
  '2^x': (x) => 2 ** x,
  '1/x': (x) => 1 / x,
  'x^2': (x) => x * x,
  'x^3': (x) => x * x * x,
  sqrt: Math.sqrt,
  'cube-root': Math.cbrt,
  'non-linear': (x) => x,
}

/** A raw byte as the signed number its format says. */
export function signedRaw(format: NumberFormat, raw: number): number {
  if (format === 'unsigned' || raw < 0x80) return raw
  // In ones' complement 0xff is a second zero.
  return format === 'twos-complement' ? raw - 0x100 : raw === 0xff ? 0 : raw - 0xff
}

/** Digits worth keeping: a raw reading has three; the rest is the rounding of binary fractions. */
const SIGNIFICANT_DIGITS = 9

/** The value of a raw reading; undefined where the function has none (logarithm of a negative, 1/0). */
export function convertRaw(factors: ReadingFactors, raw: number): number | undefined {
  const x = signedRaw(factors.format, raw)
  const linear =
    (factors.m * x + factors.b * 10 ** factors.bExponent) * 10 ** factors.resultExponent
  const value = FUNCTIONS[factors.linearization](linear)
  return Number.isFinite(value) ? Number(value.toPrecision(SIGNIFICANT_DIGITS)) : undefined
}

/** How far a linear sensor's value may be off, in its unit (§36.4.1); undefined for other functions. */
export function toleranceOf(factors: ReadingFactors): number | undefined {
  if (factors.linearization !== 'linear') return undefined
  const width = (factors.tolerance / 2) * Math.abs(factors.m) * 10 ** factors.resultExponent
  return Number(width.toPrecision(SIGNIFICANT_DIGITS))
}

/** The raw reading whose value comes nearest to `value`: what a BMC reports. Trying all is exact for every function. */
export function nearestRaw(factors: ReadingFactors, value: number): number {
  let best = 0
  let distance = Infinity
  for (let raw = 0; raw <= 0xff; raw++) {
    const converted = convertRaw(factors, raw)
    if (converted === undefined || Math.abs(converted - value) >= distance) continue
    best = raw
    distance = Math.abs(converted - value)
  }
  return best
}
