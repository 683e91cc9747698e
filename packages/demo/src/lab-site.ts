import type { SledName } from '@brickyard/model/names'
import type { JournalComparison } from '@brickyard/sim/journal-comparison'
import type { SimulatedRack } from '@brickyard/sim/rack'
import type { DemoSite } from './demo-sites.ts'

/** One site in the hands of the lab: what an accident or a person could do to it. */
export interface LabSite {
  readonly site: DemoSite
  readonly rack: SimulatedRack
  readonly agentRuns: boolean
  readonly uplinkIsCut: boolean
  /** Ends the agent as a power cut would: nothing is closed, nothing is said. */
  killAgent(): void
  startAgent(): Promise<void>
  setUplinkCut(cut: boolean): void
  /** The journal at the site against what the hub holds of it, from both stores. */
  journal(): JournalComparison
}

/** The sled whose image is being written at this moment, if there is one. */
export function sledInWrite({ rack }: LabSite): SledName | undefined {
  for (const [name, { sled }] of rack.slots()) {
    if (sled.stage === 'installer' && (sled.screen.at(-1) ?? '').endsWith('.write')) return name
  }
  return undefined
}
