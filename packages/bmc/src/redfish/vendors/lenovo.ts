import type { VendorManner } from './manner.ts'

/**
 * Lenovo XClarity Controller. Who pushes an image first claims the push URI
 * (`HttpPushUriTargetsBusy`) and gives it back; a claim that was never given back blocks everybody.
 */
export const LENOVO: VendorManner = {
  vendor: 'Lenovo',
  patience: () => undefined,
  claimsPush: true,
}
