import { describe, expect, it } from 'vitest'
import { bootsOf } from './boot-trace.ts'
import { OVMF_BOOTS, OVMF_MAC } from './boot-trace-vectors.ts'
import { readBoot } from './boot-trace-view.ts'

describe('a real machine', () => {
  const subject = { mac: OVMF_MAC, sled: 'sled-01' }
  const boots = bootsOf(subject, OVMF_BOOTS).map((boot) =>
    readBoot(boot, { macs: [OVMF_MAC], nowMs: 600_000 }),
  )

  it('boots twice, by PXE and by HTTP, and is sent to its disk each time', () => {
    expect(boots.map(({ startedAtMs, summary }) => [startedAtMs, summary])).toEqual([
      [0, 'sent to its own disk'],
      [21_177, 'sent to its own disk'],
    ])
    expect(boots.flatMap(({ findings }) => findings)).toEqual([])
  })

  it('is told line by line as it went', () => {
    const told = boots.flatMap(({ lines }) =>
      lines.map(({ atMs, tone, text }) => `${atMs} ${tone} ${text}`),
    )
    expect(told).toMatchInlineSnapshot(`
      [
        "0 plain Firmware (UEFI x64) sends DISCOVER from 52:54:00:98:00:11",
        "0 plain OFFER of 10.98.0.11, kept for it",
        "10125 plain Firmware (UEFI x64) sends REQUEST from 52:54:00:98:00:11",
        "10125 plain ACK of 10.98.0.11, kept for it",
        "10198 plain snponly.efi by TFTP: nothing of 170 kiB was taken: the client ended it: User aborted the transfer (8)",
        "10238 good snponly.efi by TFTP: 170 kiB in 130 ms",
        "16123 plain iPXE (UEFI x64) sends DISCOVER from 52:54:00:98:00:11",
        "16123 plain OFFER of 10.98.0.11, kept for it",
        "16160 plain iPXE (UEFI x64) sends REQUEST from 52:54:00:98:00:11",
        "16160 plain ACK of 10.98.0.11, kept for it",
        "16287 good Its script: boot its own disk: in use",
        "21177 plain Firmware (UEFI x64 by HTTP) sends DISCOVER from 52:54:00:98:00:11",
        "21177 plain OFFER of 10.98.0.11, kept for it",
        "27934 plain Firmware (UEFI x64 by HTTP) sends REQUEST from 52:54:00:98:00:11",
        "27934 plain ACK of 10.98.0.11, kept for it",
        "28325 good snponly.efi by HTTP: 170 kiB in 5 ms",
        "32094 plain iPXE (UEFI x64) sends DISCOVER from 52:54:00:98:00:11",
        "32094 plain OFFER of 10.98.0.11, kept for it",
        "32122 plain iPXE (UEFI x64) sends REQUEST from 52:54:00:98:00:11",
        "32122 plain ACK of 10.98.0.11, kept for it",
        "32190 good Its script: boot its own disk: in use",
      ]
    `)
  })
})
