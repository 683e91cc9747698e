/** Sizes and counts in words. */
const BINARY = ['B', 'KiB', 'MiB', 'GiB', 'TiB', 'PiB']
const DECIMAL = ['B', 'kB', 'MB', 'GB', 'TB', 'PB']

function scaled(bytes: number, step: number, units: readonly string[]): string {
  let value = bytes
  let unit = 0
  while (value >= step && unit < units.length - 1) {
    value /= step
    unit++
  }
  const digits = unit === 0 || value >= 100 ? 0 : 1
  return `${value.toFixed(digits).replace(/\.0$/, '')} ${units[unit]}`
}

/** Memory and images, in powers of 1024. */
export const binaryText = (bytes: number): string => scaled(bytes, 1024, BINARY)
/** Disks, in powers of 1000, as their makers print them. */
export const decimalText = (bytes: number): string => scaled(bytes, 1000, DECIMAL)

export const countText = (count: number, one: string, many = `${one}s`): string =>
  `${count.toLocaleString('en')} ${count === 1 ? one : many}`

/** `abcdef…7890`: long ids keep both ends, where they differ. */
export const middleCut = (text: string, ends = 6): string =>
  text.length <= ends * 2 + 1 ? text : `${text.slice(0, ends)}…${text.slice(-ends)}`
