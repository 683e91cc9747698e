import {
  BOOT_PARAMETER,
  decodeBootFlags,
  decodeBootOption,
  encodeBootFlags,
  encodeInfoUnacknowledged,
  getBootOptionRequest,
  KEEP_FLAGS_WITHOUT_CONTROL,
  SET_IN_PROGRESS,
  setBootOptionRequest,
} from '@brickyard/ipmi/commands/boot-options'
import { err, ok, type Result } from '@brickyard/std/result'
import type { BootControl, BootOverride, NextBoot } from '../boot.ts'
import type { BmcFault } from '../fault.ts'
import type { IpmiSession } from './ipmi-session.ts'

const NO_OVERRIDE: BootOverride = { device: 'none', persistent: false, efi: false }

/** Boot override by System Boot Options parameter 5, and what belongs to it. */
export function createIpmiBoot(session: IpmiSession): BootControl {
  async function read(): Promise<Result<BootOverride, BmcFault>> {
    const request = getBootOptionRequest(BOOT_PARAMETER.bootFlags)
    const answer = await session.demand('Get System Boot Options', request)
    if (!answer.ok) return answer
    const option = decodeBootOption(answer.value)
    const flags = option.ok ? decodeBootFlags(option.value.data) : option
    if (!flags.ok) return err({ kind: 'protocol', message: flags.error })
    const { valid, device, persistent, efi } = flags.value
    if (!valid || device === 'none' || (option.ok && option.value.markInvalid)) {
      return ok(NO_OVERRIDE)
    }
    const known = device === 'network' || device === 'disk' || device === 'cdrom' ? device : 'other'
    return ok({ device: known, persistent, efi })
  }

  /** Parameters many BMCs do without: a refusal is fine, silence is not. */
  const prepare = async (
    parameter: number,
    data: readonly number[],
  ): Promise<BmcFault | undefined> => {
    const answer = await session.ask(setBootOptionRequest(parameter, new Uint8Array(data)))
    return answer.ok ? undefined : answer.error
  }

  async function write(wanted: NextBoot): Promise<Result<void, BmcFault>> {
    const override = wanted.device !== 'none'
    const before = [
      [BOOT_PARAMETER.setInProgress, [SET_IN_PROGRESS.inProgress]],
      [BOOT_PARAMETER.validBitClearing, [KEEP_FLAGS_WITHOUT_CONTROL]],
      [BOOT_PARAMETER.infoAcknowledge, [...encodeInfoUnacknowledged()]],
    ] as const
    for (const [parameter, data] of before) {
      const fault = await prepare(parameter, data)
      if (fault !== undefined) return err(fault)
    }
    const flags = encodeBootFlags({
      valid: override,
      persistent: override && wanted.persistent,
      efi: override && wanted.efi,
      device: wanted.device,
    })
    const request = setBootOptionRequest(BOOT_PARAMETER.bootFlags, flags)
    const written = await session.demand('Set System Boot Options (boot flags)', request)
    const fault = await prepare(BOOT_PARAMETER.setInProgress, [SET_IN_PROGRESS.complete])
    if (!written.ok) return written
    return fault === undefined ? ok(undefined) : err(fault)
  }

  return {
    read,
    async setNextBoot(wanted) {
      const written = await write(wanted)
      if (!written.ok) return written
      const found = await read()
      if (!found.ok) return found
      const { device, persistent } = found.value
      const same =
        device === wanted.device && (device === 'none' || persistent === wanted.persistent)
      if (same) return found
      return err({
        kind: 'refused',
        message: `boot override: asked for ${describe(wanted)}, the BMC reads back ${describe(found.value)}`,
      })
    },
  }
}

const describe = (o: BootOverride): string =>
  `${o.device}${o.persistent ? ', persistent' : ', once'}${o.efi ? ', UEFI' : ''}`
