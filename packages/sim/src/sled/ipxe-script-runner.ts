import { err, ok, type Result } from '@brickyard/std/result'

/** What an iPXE script came to. */
export type ScriptEnd =
  | { readonly kind: 'boot'; readonly kernelUrl: string; readonly commandLine: string }
  | { readonly kind: 'disk' }
  | { readonly kind: 'exit'; readonly code: number }
  | { readonly kind: 'chain'; readonly url: string }

export interface ScriptWorld {
  echo(text: string): void
  /** True when the file came whole. */
  download(url: string): Promise<boolean>
  sleep(seconds: number): Promise<void>
  /** True when a disk can be started. */
  diskBoots(): boolean
}

/** A script that goes round for ever is given up; real iPXE would go on until somebody looks. */
const LINES_RUN_MAX = 1000

/**
 * Runs an iPXE script (ipxe.org/scripting) as far as packages/netboot writes them: echo, sleep,
 * kernel, initrd, imgfree, boot, sanboot, exit, chain, labels, goto and `||`.
 */
export async function runIpxeScript(
  script: string,
  world: ScriptWorld,
): Promise<Result<ScriptEnd>> {
  const lines = script.split('\n').map((line) => line.trim())
  if (lines[0] !== '#!ipxe') return err('exec format error: no iPXE script')
  let kernel: { url: string; commandLine: string } | undefined
  let initrd = false
  let at = 1

  const run = async (command: string): Promise<boolean | ScriptEnd> => {
    const [name = '', ...args] = command.split(/\s+/)
    switch (name) {
      case 'echo':
        world.echo(args.join(' '))
        return true
      case 'sleep':
        await world.sleep(Number(args[0] ?? 1))
        return true
      case 'imgfree':
        kernel = undefined
        initrd = false
        return true
      case 'kernel': {
        const [url = '', ...rest] = args
        if (!(await world.download(url))) return false
        kernel = { url, commandLine: rest.join(' ') }
        return true
      }
      case 'initrd':
        initrd = await world.download(args.at(-1) ?? '')
        return initrd
      case 'boot':
        if (kernel === undefined || !initrd) return false
        return { kind: 'boot', kernelUrl: kernel.url, commandLine: kernel.commandLine }
      case 'sanboot':
        return world.diskBoots() ? { kind: 'disk' } : false
      case 'exit':
        return { kind: 'exit', code: Number(args[0] ?? 0) }
      case 'chain':
        return { kind: 'chain', url: args.at(-1) ?? '' }
      case 'goto': {
        const label = lines.indexOf(`:${args[0] ?? ''}`)
        if (label < 0) return false
        at = label
        return true
      }
      default:
        world.echo(`${name}: command not found`)
        return false
    }
  }

  for (let ran = 0; at < lines.length; at++, ran++) {
    if (ran > LINES_RUN_MAX) return err('the script never ends')
    const line = lines[at] as string
    if (line === '' || line.startsWith('#') || line.startsWith(':')) continue
    let good: boolean | ScriptEnd = false
    for (const command of line.split(' || ')) {
      good = await run(command)
      if (good !== false) break
    }
    if (good === false) return err(`the script failed at: ${line}`)
    if (good !== true) return ok(good)
  }
  return ok({ kind: 'exit', code: 0 })
}
