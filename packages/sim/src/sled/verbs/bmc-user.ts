import type { StepResult } from '@brickyard/installer/wire'
import { type CallOf, done, fail, type VerbContext } from './verb-context.ts'

const FIRST_SLOT = 2
/** As in packages/installer/sled/verbs/bmc-user.sh. */
const BMC_PASSWORD_CHARS = 16

export async function bmcUser(
  { user, channel }: CallOf<'bmc-user'>,
  { bmcDoor, fetchBmcPassword, fetchTools, toolsSha256 }: VerbContext,
): Promise<StepResult> {
  if (bmcDoor === undefined) {
    const why = 'there is no /dev/ipmi0: this sled shows its system no way to its BMC'
    return fail('unsupported', why)
  }
  const tools = await fetchTools()
  if (!tools.ok)
    return fail('download', `the agent answered ${tools.error} for the installer's tools`)
  if (tools.value !== toolsSha256) {
    const why = `the installer's tools arrived with hash ${tools.value}, wanted ${toolsSha256}`
    return fail('wrong-hash', why)
  }
  const password = await fetchBmcPassword()
  if (!password.ok) return fail('download', `the agent answered ${password.error} for the password`)
  const chars = password.value.length
  if (chars !== BMC_PASSWORD_CHARS) {
    return fail('bad-step', `the password has ${chars} letters, wanted ${BMC_PASSWORD_CHARS}`)
  }
  const names = bmcDoor.names()
  const own = names.indexOf(user)
  const at = own >= 0 ? own : names.indexOf('')
  if (at < 0) return fail('unsupported', `the BMC has no free user on channel ${channel}`)
  bmcDoor.put(at + FIRST_SLOT, user, password.value)
  return done({ user, slot: at + FIRST_SLOT, channel })
}
