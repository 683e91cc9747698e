/**
 * The seeds of the long runs: one in the ordinary test run, as many as BRICKYARD_SIM_SEEDS says
 * otherwise. A failing test's name carries its seed; BRICKYARD_SIM_SEED=<seed> runs that one alone.
 */
export function seeds(): string[] {
  const only = process.env['BRICKYARD_SIM_SEED']
  if (only !== undefined) return [only]
  const count = Number(process.env['BRICKYARD_SIM_SEEDS'] ?? 1)
  return Array.from({ length: Math.max(1, count) }, (_, n) => `seed-${n + 1}`)
}
