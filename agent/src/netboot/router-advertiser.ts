import type { Network } from '@brickyard/model/rack'
import { radvdConfig } from '@brickyard/netboot/radvd-config'
import type { Clock, Timer } from '@brickyard/runtime/clock'
import type { Files } from '@brickyard/runtime/files'
import type { Log } from '@brickyard/runtime/log'
import type { Process, ProcessEnd, RunningProcess } from '@brickyard/runtime/process'
import { KiB, Seconds } from '@brickyard/std/units'
import { printable } from './report.ts'

/** Debian's package and program. Node has no raw ICMPv6 socket, so ours it cannot be. */
const PROGRAM = 'radvd'
/** A line or two of last words say why it ended. */
const WORDS_BYTES_MAX = KiB(2)
/** Between two starts; the last one for ever, for somebody may install it. */
const PAUSES_MS = [Seconds(1), Seconds(5), Seconds(15), Seconds(60)] as const
/** One that lives for so long has its device and its capability: the next end is counted anew. */
const WELL_AFTER_MS = Seconds(5)

export interface RouterAdvertiserParts {
  readonly process: Process
  readonly files: Files
  readonly clock: Clock
  readonly log: Log
  /** Where its configuration and its lock lie. */
  readonly folder: string
  /** Sets what is wrong, or lifts it (undefined). */
  readonly trouble: (reason: string | undefined) => void
}

/** radvd, kept running for the networks that ask for router advertisements. */
export interface RouterAdvertiser {
  /** Starts it, starts it anew or stops it, until it is as these networks say. */
  sync(networks: readonly Network[]): void
  stop(): void
}

export function createRouterAdvertiser(parts: RouterAdvertiserParts): RouterAdvertiser {
  const { process, files, clock, log, folder, trouble } = parts
  const configPath = `${folder}/radvd.conf`
  let wanted: string | undefined
  let running: RunningProcess | undefined
  let pause: Timer | undefined
  let ends = 0
  /** One change after the other: the one before has to be gone, its lock with it. */
  let tail: Promise<void> = Promise.resolve()

  const change = (work: () => Promise<void>): void => {
    tail = tail.then(work).catch((error: unknown) => {
      trouble(`${PROGRAM} could not be started: ${(error as Error).message}`)
      again()
    })
  }

  async function start(config: string): Promise<void> {
    if (config !== wanted || running !== undefined) return
    await files.writeAtomic(configPath, new TextEncoder().encode(config))
    // It became unwanted while the file was written.
    if (config !== wanted) return
    const args = ['--nodaemon', '--config', configPath, '--pidfile', `${folder}/radvd.pid`]
    const started = process.start({
      command: PROGRAM,
      args: [...args, '--logmethod', 'stderr_clean'],
      outputBytesMax: WORDS_BYTES_MAX,
    })
    running = started
    const well = clock.after(WELL_AFTER_MS, () => {
      ends = 0
      trouble(undefined)
      log.info('routers are advertised', { program: PROGRAM })
    })
    void started.ended.then((end) => {
      well.cancel()
      if (running !== started) return
      running = undefined
      trouble(`${PROGRAM} ended: ${lastWords(end)}; machines that boot by iPXE wait 13 s longer`)
      again()
    })
  }

  function again(): void {
    pause?.cancel()
    const pauseMs = PAUSES_MS[Math.min(ends, PAUSES_MS.length - 1)] ?? PAUSES_MS[0]
    ends += 1
    pause = clock.after(pauseMs, () => {
      const config = wanted
      if (config !== undefined) change(() => start(config))
    })
  }

  async function end(): Promise<void> {
    const ending = running
    running = undefined
    ending?.stop()
    await ending?.ended
  }

  function want(config: string | undefined): void {
    if (config === wanted) return
    wanted = config
    pause?.cancel()
    ends = 0
    change(async () => {
      await end()
      if (config === undefined) trouble(undefined)
      else await start(config)
    })
  }

  return {
    sync: (networks) => want(radvdConfig(networks)),
    stop() {
      wanted = undefined
      pause?.cancel()
      // Not in its turn: a start that is under way sees that it is unwanted.
      const ending = running
      running = undefined
      ending?.stop()
    },
  }
}

/** The last line it wrote, else how it ended; what an appliance mostly lacks is said with it. */
function lastWords({ code, stderr, trouble }: ProcessEnd): string {
  const line = new TextDecoder().decode(stderr).trim().split('\n').at(-1) ?? ''
  const said = line === '' ? (trouble ?? `exit code ${code}`) : printable(line)
  if (said.includes('Operation not permitted')) return `${said} (the agent needs CAP_NET_RAW)`
  if (said.includes('No such file')) return `${said} (Debian package radvd)`
  return said
}
