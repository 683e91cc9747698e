import { fakeIdentity } from './fake-identity.ts'
import { memoryFiles } from './memory-files.ts'
import { recordingLog } from './recording-log.ts'
import { seededRandom } from './seeded-random.ts'
import { virtualClock } from './virtual-clock.ts'

/** What a part needs to run in virtual time, without a network: one seed, one course of events. */
export function simulatedPorts(seed: string) {
  const random = seededRandom(seed)
  return {
    clock: virtualClock(),
    random,
    log: recordingLog(),
    files: memoryFiles(),
    identity: fakeIdentity(random),
  }
}
