/** As printed on labels: case and blanks do not count. */
const canonical = (serial: string): string => serial.replace(/\s/g, '').toUpperCase()

/** True for two writings of one serial. */
export const sameSerial = (a: string, b: string): boolean => canonical(a) === canonical(b)
