import { NET_FN } from '../message.ts'
import type { Command, CommandRequest } from './command.ts'

/** Cold Reset (IPMI 2.0 §20.2): the BMC starts anew, its sessions and volatile settings are gone. */
export const COLD_RESET: Command = { netFn: NET_FN.app, command: 0x02 }
/** Warm Reset (IPMI 2.0 §20.3): the BMC starts anew and keeps its settings; optional. */
export const WARM_RESET: Command = { netFn: NET_FN.app, command: 0x03 }

export type BmcRestart = 'cold' | 'warm'

/** Restarts the BMC itself. It may do so before it answers, so silence is no refusal. */
export const restartRequest = (how: BmcRestart): CommandRequest => ({
  ...(how === 'cold' ? COLD_RESET : WARM_RESET),
  data: new Uint8Array(0),
})
