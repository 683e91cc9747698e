import { readFileSync } from 'node:fs'
import { Minutes } from '@brickyard/std/units'
import { type Checks, say, until } from './checks.ts'
import { newestEvent, servedSince } from './installations.ts'
import type { QemuSled } from './qemu-sled.ts'
import type { RigSite } from './site.ts'

/** Firmware that finds no boot server asks for a while, by IPv4 and by IPv6. */
const REBOOT_LIMIT_MS = Minutes(10)

/**
 * Sleds in use whose firmware asks the network first reach their OS, whatever their firmware: sent
 * on to the disk by the agent, and with the agent dead. They start together.
 */
export async function claimReachDisks(
  sleds: readonly QemuSled[],
  site: RigSite,
  checks: Checks,
): Promise<void> {
  await claimSentOn(sleds, site, checks)
  await site.killAgent()
  say(`${namesOf(sleds)} restarted network first, the agent is dead`)
  try {
    await Promise.all(
      sleds.map(async (sled) => {
        const tookMs = await reachLogin(sled)
        const what = `${sled.hardware.name}: network first reaches its OS, agent dead`
        checks.claim(what, true, seconds(tookMs))
      }),
    )
  } finally {
    await site.startAgent()
  }
}

/** The first half of it: what the agent answers really starts the disk. */
export async function claimSentOn(
  sleds: readonly QemuSled[],
  site: RigSite,
  checks: Checks,
): Promise<void> {
  const before = await newestEvent(site)
  say(`${namesOf(sleds)} restarted network first, the agent is up`)
  await Promise.all(
    sleds.map(async (sled) => {
      const { name } = sled.hardware
      const tookMs = await reachLogin(sled)
      const served = await servedSince(site, before, name)
      const detail = `${seconds(tookMs)}; netboot served: ${served.join(', ')}`
      const holds = served.length > 0 && served.every((what) => what === 'local-disk')
      checks.claim(`${name}: network first reaches its OS with the agent up`, holds, detail)
    }),
  )
}

async function reachLogin(sled: QemuSled): Promise<number> {
  await sled.powerOff()
  const startMs = Date.now()
  sled.bootOnce('network')
  sled.powerOn()
  await until(REBOOT_LIMIT_MS, `${sled.hardware.name} shows its login prompt`, () =>
    consoleOf(sled).includes(' login:') ? true : undefined,
  )
  return Date.now() - startMs
}

function consoleOf(sled: QemuSled): string {
  try {
    return readFileSync(sled.consolePath, 'latin1')
  } catch {
    // Not opened yet.
    return ''
  }
}

const namesOf = (sleds: readonly QemuSled[]): string =>
  sleds.map(({ hardware }) => hardware.name).join(' and ')

const seconds = (ms: number): string => `${(ms / 1000).toFixed(1)} s`
