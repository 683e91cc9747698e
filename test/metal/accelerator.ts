import { spawn } from 'node:child_process'
import { existsSync } from 'node:fs'

/** Time for a kernel to say its first word; a good KVM needs a tenth of it. */
const PROBE_MS = 10_000

/**
 * `kvm` where it has really booted a kernel, else `tcg`. A /dev/kvm that opens proves nothing: some
 * nested kinds run a guest that never prints a line.
 */
export async function probeAccelerator(vmlinuz: string): Promise<'kvm' | 'tcg'> {
  if (!existsSync('/dev/kvm')) return 'tcg'
  const args = ['-accel', 'kvm', '-m', '256', '-display', 'none', '-nodefaults', '-no-reboot']
  const boot = ['-kernel', vmlinuz, '-append', 'console=ttyS0 panic=-1', '-serial', 'stdio']
  const child = spawn('qemu-system-x86_64', [...args, ...boot], {
    stdio: ['ignore', 'pipe', 'ignore'],
  })
  const booted = await new Promise<boolean>((resolve) => {
    const timer = setTimeout(() => resolve(false), PROBE_MS)
    let said = ''
    const end = (answer: boolean): void => {
      clearTimeout(timer)
      resolve(answer)
    }
    child.stdout.on('data', (piece: Buffer) => {
      said += piece.toString('latin1')
      if (said.includes('Linux version')) end(true)
    })
    child.on('exit', () => end(false))
    child.on('error', () => end(false))
  })
  child.kill('SIGKILL')
  return booted ? 'kvm' : 'tcg'
}
