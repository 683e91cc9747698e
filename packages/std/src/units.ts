/** Durations in milliseconds and sizes in bytes, so that no bare 1000 or 1024 appears in the code. */
export const Milliseconds = (n: number): number => n
export const Seconds = (n: number): number => n * 1000
export const Minutes = (n: number): number => Seconds(n * 60)
export const Hours = (n: number): number => Minutes(n * 60)
export const Days = (n: number): number => Hours(n * 24)

export const KiB = (n: number): number => n * 1024
export const MiB = (n: number): number => KiB(n * 1024)
export const GiB = (n: number): number => MiB(n * 1024)
