import type { BootTrace } from '@brickyard/model/boot-attempt'
import type { NetbootPreview, ServedLoader } from '@brickyard/model/netboot-preview'
import type { NetworkMode } from '@brickyard/model/rack'
import { ANSWER_CHARS_MAX, askSchema } from '@brickyard/protocol/asks'
import type { Clock } from '@brickyard/runtime/clock'
import { unreachable } from '@brickyard/std/assert'
import { err, ok, type Result } from '@brickyard/std/result'
import type { BootTracer } from './netboot/trace.ts'
import type { Watches } from './netboot/trace-watches.ts'
import type { PreviewedNetworks } from './site-networks.ts'

export interface LookUpParts {
  readonly clock: Clock
  readonly tracer: BootTracer
  readonly watches: Watches
  readonly preview: (mode: NetworkMode | undefined) => Promise<PreviewedNetworks>
  readonly loaders: () => readonly ServedLoader[]
}

/** Answers what the hub asks. Nothing changes by it, and no secret is in an answer. */
export type LookUp = (what: unknown) => Promise<Result<unknown>>

export function createLookUp(parts: LookUpParts): LookUp {
  return async (what) => {
    const ask = askSchema.safeParse(what)
    if (!ask.success) return err('this agent does not know what it was asked')
    switch (ask.data.kind) {
      case 'boot-trace': {
        const { sled, mac } = ask.data
        if (sled !== undefined) return ok(fitting(parts.tracer.trace({ sled })))
        return ok(fitting(parts.tracer.trace(mac === undefined ? undefined : { mac })))
      }
      case 'netboot-preview':
        return await preview(parts, ask.data.mode)
      default:
        return unreachable(ask.data)
    }
  }
}

/** The newest boots that fit into an answer. */
function fitting(trace: BootTrace): BootTrace {
  let { attempts } = trace
  while (attempts.length > 1 && JSON.stringify(attempts).length > ANSWER_CHARS_MAX) {
    attempts = attempts.slice(0, Math.ceil(attempts.length / 2))
  }
  return { ...trace, attempts }
}

async function preview(
  parts: LookUpParts,
  mode: NetworkMode | undefined,
): Promise<Result<NetbootPreview>> {
  const heard = new Map(parts.watches.all().map((watch) => [watch.network, watch.foreignServers]))
  const networks = (await parts.preview(mode)).map((network) => ({
    ...network,
    foreignServers: heard.get(network.network) ?? [],
  }))
  const answer = { asOfMs: parts.clock.wallMs(), loaders: parts.loaders(), networks }
  return JSON.stringify(answer).length <= ANSWER_CHARS_MAX
    ? ok(answer)
    : err('the preview of this site is too long for the link')
}
