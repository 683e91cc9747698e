import type { BootTrace } from '@brickyard/model/boot-attempt'
import { ANSWER_CHARS_MAX, askSchema } from '@brickyard/protocol/asks'
import { err, ok, type Result } from '@brickyard/std/result'
import type { BootTracer } from './netboot/trace.ts'

/** What the hub may look up at this site. Nothing changes by it, and no secret is in an answer. */
export function createLookUp({
  tracer,
}: {
  readonly tracer: BootTracer
}): (what: unknown) => Result<unknown> {
  return (what) => {
    const ask = askSchema.safeParse(what)
    if (!ask.success) return err('this agent does not know what it was asked')
    const { sled, mac } = ask.data
    if (sled !== undefined) return ok(fitting(tracer.trace({ sled })))
    return ok(fitting(tracer.trace(mac === undefined ? undefined : { mac })))
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
