import { describe, expect, it } from 'vitest'
import { simulatedFleet, type SimulatedFleet } from './simulated-fleet.ts'

const bootsOf = (fleet: SimulatedFleet, sled: string) =>
  fleet.hub.ask(fleet.hub.client.sleds.boots(fleet.siteName(), sled))

describe('the trace of a sled, under virtual time', () => {
  it('tells an inspection and a provision as one boot each, over restarts and a dead agent', async () => {
    const fleet = await simulatedFleet({ seed: 'boot trace', sledsPerSite: 1 })
    await fleet.until('the sled is ready', async () => {
      return (await fleet.sledState('sled-01')).state === 'ready'
    })
    const made = await fleet.deploy('web', 1)
    await fleet.until('deployment in use', async () => {
      return (await fleet.deployment(made.id)).state === 'in-use'
    })
    const told = await bootsOf(fleet, 'sled-01')
    expect(told.problem).toBe(null)
    const attempts = told.trace?.attempts ?? []
    expect(attempts.map(({ state, summary }) => `${state}: ${summary}`)).toMatchInlineSnapshot(`
      [
        "done: provision done: the installed OS called home",
        "done: inspect done",
      ]
    `)
    const texts = attempts[0]?.lines.map(({ text }) => text) ?? []
    expect(texts).toMatchInlineSnapshot(`
      [
        "Firmware (UEFI x64) sends DISCOVER from 02:19:00:01:00:00",
        "OFFER of 10.10.0.101, kept for it",
        "Firmware (UEFI x64) sends REQUEST from 02:19:00:01:00:00",
        "ACK of 10.10.0.101, kept for it",
        "snponly.efi by TFTP: 4 kiB in 1.0 s",
        "iPXE (UEFI x64) sends DISCOVER from 02:19:00:01:00:00",
        "OFFER of 10.10.0.101, kept for it",
        "iPXE (UEFI x64) sends REQUEST from 02:19:00:01:00:00",
        "ACK of 10.10.0.101, kept for it",
        "Its script: boot the installer",
        "vmlinuz-x86_64 by HTTP: 4 kiB in 0 ms",
        "initrd-x86_64.img by HTTP: 4 kiB in 0 ms",
        "provision: installer claimed",
        "provision: inventory",
        "provision: wipe /dev/sda",
        "provision: write /dev/sda",
        "provision: verify /dev/sda",
        "provision: seed /dev/sda",
        "provision: boot-entry /dev/sda",
        "provision: report",
        "provision: reboot",
        "An operating system sends DISCOVER from 02:19:00:01:00:00",
        "OFFER of 10.10.0.101, kept for it",
        "An operating system sends REQUEST from 02:19:00:01:00:00",
        "ACK of 10.10.0.101, kept for it",
        "The installed OS called home",
      ]
    `)
    expect(attempts[0]?.findings).toEqual([])
    expect(told.trace?.watches).toMatchObject([
      { mode: 'authoritative', lastHeard: { what: expect.any(String) } },
      { mode: 'authoritative' },
    ])

    // A cut of its power costs it no boot; with the agent dead the hub has what it was told last.
    fleet.site.crash()
    await fleet.site.start()
    await fleet.until('the site is back', async () => {
      return (await bootsOf(fleet, 'sled-01')).problem === null
    })
    const again = await bootsOf(fleet, 'sled-01')
    expect(again.trace?.attempts).toEqual(attempts)
    fleet.site.crash()
    const away = await bootsOf(fleet, 'sled-01')
    expect(away.problem).not.toBe(null)
    expect(away.trace?.attempts).toEqual(attempts)
    expect(away.receivedAtMs).toBe(again.receivedAtMs)
  })
})
