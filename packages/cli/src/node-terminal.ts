import type { CliTerminal } from './ports.ts'

/** Standard input and output as bytes. */
export const nodeTerminal = (): CliTerminal => ({
  isTerminal: process.stdin.isTTY && process.stdout.isTTY,
  open(raw, take) {
    const { stdin } = process
    let over = false
    if (raw) stdin.setRawMode(true)
    const read = async (): Promise<void> => {
      for await (const piece of stdin) {
        if (over) return
        await take(new Uint8Array(piece as Buffer))
      }
      if (!over) await take(undefined)
    }
    void read().catch(() => take(undefined))
    return () => {
      over = true
      if (raw) stdin.setRawMode(false)
      stdin.destroy()
    }
  },
  write: (bytes, written) => void process.stdout.write(bytes, () => written()),
})
