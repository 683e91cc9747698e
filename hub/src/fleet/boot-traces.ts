import type { BootTraceAnswer } from '@brickyard/api/boot-schemas'
import type { Ask } from '@brickyard/protocol/asks'
import { bootTraceSchema } from '@brickyard/protocol/boot-trace'
import type { HubParts } from '../parts.ts'
import { findBootTrace, putBootTrace } from '../store/boot-traces.ts'

/**
 * How a machine boots: asked of its site, and kept; where the site does not answer, what it said
 * last, with the time it said it and why there is nothing newer.
 */
export async function lookUpBoots(
  { links, store, clock }: Pick<HubParts, 'links' | 'store' | 'clock'>,
  site: string,
  of: Pick<Ask & { kind: 'boot-trace' }, 'sled' | 'mac'>,
): Promise<BootTraceAnswer> {
  const machine = of.sled ?? of.mac ?? ''
  const answer = await links.ask(site, { kind: 'boot-trace', ...of })
  const trace = answer.ok ? bootTraceSchema.safeParse(answer.value) : undefined
  if (trace?.success === true && trace.data.of === machine) {
    const receivedAtMs = clock.wallMs()
    await store.write((tx) => putBootTrace(tx, site, trace.data, receivedAtMs))
    return { site, trace: trace.data, receivedAtMs, problem: null }
  }
  const problem = answer.ok ? 'the site answered what this hub cannot read' : answer.error
  const held = await store.read((tx) => findBootTrace(tx, site, machine))
  return { site, trace: held?.trace ?? null, receivedAtMs: held?.receivedAtMs ?? null, problem }
}
