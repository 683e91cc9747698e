import { STANDARD, type VendorManner } from './manner.ts'

/**
 * AMI MegaRAC, whoever's name is on the chassis: what a sled shall boot is written to its "future
 * state", and only there does it read back before the next boot.
 */
export const AMI: VendorManner = { ...STANDARD, vendor: 'AMI', bootBySettings: true }
