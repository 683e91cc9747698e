/** Processor architecture as Debian and Linux name them. */
export type Architecture = 'x86_64' | 'aarch64'
export const ARCHITECTURES = ['x86_64', 'aarch64'] as const

/** How a sled's firmware boots. */
export type FirmwareMode = 'bios' | 'uefi'
export const FIRMWARE_MODES = ['bios', 'uefi'] as const
