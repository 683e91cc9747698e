import { describe, expect, it } from 'vitest'
import { type BootRecord, bootsOf, foldBoot } from './boot-trace.ts'
import type {
  BootClient,
  BootEvent,
  DhcpEvent,
  DiscEvent,
  OperationStep,
} from './boot-trace-events.ts'
import { readBoot } from './boot-trace-view.ts'

const MAC = '52:54:00:98:00:01'
const SUBJECT = { mac: MAC, sled: 'sled-01' }
const ADDRESS = '10.98.0.11'

const FIRMWARE: BootClient = {
  architectures: [7],
  vendorClass: 'PXEClient:Arch:00007:UNDI:003000',
  userClasses: [],
  hasIpxeFeatures: false,
  uuid: '12345678-1234-1234-1234-123456789abc',
  hostName: null,
  requestedAddress: null,
  chosenServer: null,
  ownAddress: null,
  relay: null,
  circuitId: null,
}
const IPXE: BootClient = { ...FIRMWARE, userClasses: ['iPXE'], hasIpxeFeatures: true }
const OS: BootClient = { ...FIRMWARE, architectures: [], vendorClass: undefined, uuid: null }

const dhcp = (atMs: number, client: BootClient, more: Partial<DhcpEvent> = {}): DhcpEvent => ({
  kind: 'dhcp',
  atMs,
  network: 'prov',
  mode: 'authoritative',
  mac: MAC,
  message: 'discover',
  client,
  answer: { kind: 'offer', address: ADDRESS, reserved: true, reason: null },
  boot: client === OS ? null : { way: 'tftp', file: 'snponly.efi' },
  sent: true,
  ...more,
})
const request = (atMs: number, client: BootClient, more: Partial<DhcpEvent> = {}): DhcpEvent =>
  dhcp(
    atMs,
    { ...client, requestedAddress: ADDRESS, chosenServer: '10.98.0.1' },
    {
      message: 'request',
      answer: { kind: 'ack', address: ADDRESS, reserved: true, reason: null },
      ...more,
    },
  )
const file = (atMs: number, name: string, more: object = {}): BootEvent => ({
  kind: 'file',
  atMs,
  network: 'prov',
  way: name.endsWith('.efi') ? 'tftp' : 'http',
  name,
  result: 'whole',
  bytes: 200_000,
  bytesTotal: 200_000,
  durationMs: 340,
  reason: null,
  ...more,
})
const script = (atMs: number, what: 'installer' | 'local-disk' | 'refused'): BootEvent => ({
  kind: 'script',
  atMs,
  network: 'prov',
  mac: MAC,
  what,
  reason: what === 'refused' ? 'it is held: by hand' : null,
})
const step = (name: string, startedAtMs: number, more: object = {}): OperationStep => ({
  name,
  state: 'done',
  startedAtMs,
  endedAtMs: startedAtMs + 1000,
  detail: null,
  ...more,
})
const operation = (atMs: number, state: string, steps: OperationStep[]): BootEvent => ({
  kind: 'operation',
  atMs,
  id: 'op-1',
  what: 'provision',
  state,
  reason: state === 'failed' ? 'the disk does not answer' : null,
  startedAtMs: steps[0]?.startedAtMs ?? 0,
  steps,
})
const CHAIN: BootEvent[] = [
  dhcp(1000, FIRMWARE),
  request(2000, FIRMWARE),
  file(3000, 'snponly.efi'),
  dhcp(4000, IPXE),
  request(4500, IPXE),
  script(5000, 'installer'),
  file(9000, 'initrd-x86_64.img'),
]
const read = (events: BootEvent[], nowMs: number, macs = [MAC]) =>
  bootsOf(SUBJECT, events).map((boot) => readBoot(boot, { macs, nowMs }))

const DISC: DiscEvent = {
  kind: 'disc',
  atMs: 20_000,
  network: 'bare',
  mac: MAC,
  address: '10.96.0.107',
  disc: '1a2b3c4d',
  madeBy: 'ann',
  madeAtMs: 0,
}

describe('a boot from a disc', () => {
  it('begins with the claim of its installer, also where firmware asked the network before', () => {
    const claims = operation(20_000, 'running', [
      step('set boot from disc once', 500),
      step('installer claimed', 20_000),
    ])
    const boots = bootsOf(SUBJECT, [dhcp(19_000, FIRMWARE, { sent: false }), DISC, claims])
    expect(boots).toMatchObject([
      { network: 'prov', phase: 'asked', followedAtMs: 20_000 },
      { network: 'bare', phase: 'installer', addresses: ['10.96.0.107'] },
    ])
  })

  it('is told with its disc and what its installer did', () => {
    const steps = [step('installer claimed', 20_000), step('inventory', 21_000)]
    const [boot] = read([DISC, operation(22_000, 'done', steps)], 30_000)
    expect(boot).toMatchObject({ network: 'bare', state: 'done', findings: [] })
    expect(boot?.lines.map(({ text }) => text)).toEqual([
      `Booted from disc 1a2b3c4d, by ${MAC}`,
      'provision: installer claimed',
      'provision: inventory',
      'The installed OS called home',
    ])
    expect(boot?.lines[0]?.details).toContain('the disc was made by ann, 20.0 s before')
    expect(read([DISC], 30_000)[0]).toMatchObject({ state: 'going' })
  })

  it('that was used already is refused, and so is a script whose token is over', () => {
    const reason = 'there is no such boot intent'
    const { network, mac, address } = DISC
    const refusal: BootEvent = { kind: 'refusal', atMs: 300_000, network, mac, address, reason }
    const refused = { state: 'refused', summary: `its installer was refused: ${reason}` }
    expect(read([refusal], 310_000)).toMatchObject([{ ...refused, network: 'bare' }])
    const [chain, ...more] = read([...CHAIN, { ...refusal, atMs: 20_000 }], 30_000)
    expect(chain).toMatchObject({ ...refused, network: 'prov' })
    expect(more).toEqual([])
    expect(chain?.lines.at(-1)?.text).toBe(`Its installer is refused: ${reason}`)
    const inspected = operation(22_000, 'done', [step('installer claimed', 20_000)])
    const again = { ...refusal, atMs: 50_000 }
    const [first, second] = read([DISC, inspected, again], 60_000)
    expect([first?.state, second?.state]).toEqual(['done', 'refused'])
  })
})

describe('bootsOf', () => {
  it('takes PXE, iPXE, installer and OS for one boot', () => {
    const events = [
      ...CHAIN,
      operation(20_000, 'running', [step('installer claimed', 20_000)]),
      // Writing the disk takes longer than any pause of firmware.
      dhcp(900_000, OS),
      request(901_000, OS),
    ]
    const boots = bootsOf(SUBJECT, events)
    expect(boots).toHaveLength(1)
    expect(boots[0]).toMatchObject({ phase: 'system', addresses: [ADDRESS] })
  })

  it('begins another boot after a pause, and when firmware asks after its boot got beyond it', () => {
    expect(bootsOf(SUBJECT, [...CHAIN, dhcp(10_000, FIRMWARE)])).toHaveLength(2)
    expect(bootsOf(SUBJECT, [dhcp(0, FIRMWARE), dhcp(119_000, FIRMWARE)])).toHaveLength(1)
    expect(bootsOf(SUBJECT, [dhcp(0, FIRMWARE), dhcp(120_000, FIRMWARE)])).toHaveLength(2)
    const [first] = bootsOf(SUBJECT, [...CHAIN, dhcp(10_000, FIRMWARE)])
    expect(first?.followedAtMs).toBe(10_000)
  })

  it('gives each NIC that firmware tries a boot of its own', () => {
    const other = dhcp(2000, FIRMWARE, { mac: '52:54:00:98:01:01' })
    const first = foldBoot(undefined, SUBJECT, dhcp(1000, FIRMWARE))
    expect(foldBoot(first?.record, { ...SUBJECT, mac: other.mac }, other)?.began).toBe(true)
  })

  it('gives an operation to the boot that it brought about', () => {
    const inspect = operation(9500, 'done', [step('set boot once', 500), step('report', 9400)])
    const prepares = { ...operation(60_000, 'running', [step('fetch image', 60_000)]), id: 'op-2' }
    const [first] = bootsOf(SUBJECT, [...CHAIN, inspect, prepares])
    expect(first?.operation).toMatchObject({ id: 'op-1', steps: [{ name: 'report' }] })
    const [unasked] = bootsOf(SUBJECT, [...CHAIN, prepares])
    expect(unasked?.operation).toBe(null)
    // A machine that was asking when the operation began, and then went on to its installer.
    const claims = operation(80_000, 'running', [step('installer claimed', 70_000)])
    expect(bootsOf(SUBJECT, [...CHAIN, claims])[0]).toMatchObject({ phase: 'installer' })
  })

  it('takes an OS that renews or gives back its lease for no boot', () => {
    const renewal = request(0, { ...OS, ownAddress: ADDRESS })
    expect(bootsOf(SUBJECT, [renewal])).toEqual([])
    expect(bootsOf(SUBJECT, [dhcp(0, OS, { message: 'release' })])).toEqual([])
    expect(bootsOf(SUBJECT, [...CHAIN, renewal])[0]?.seen).toHaveLength(7)
  })

  it('counts what repeats', () => {
    const events = [0, 4000, 12_000].map((atMs) => dhcp(atMs, FIRMWARE))
    const [boot] = bootsOf(SUBJECT, events)
    expect(boot?.seen).toMatchObject([{ count: 3, lastAtMs: 12_000 }])
  })

  it('stays bounded whatever a machine sends', () => {
    const events = Array.from({ length: 5000 }, (_, n) =>
      dhcp(n, { ...FIRMWARE, hostName: `x${n}`, ownAddress: `10.0.${n >> 8}.${n & 255}` }),
    )
    const [boot] = bootsOf(SUBJECT, events)
    expect(boot?.seen).toHaveLength(60)
    expect(boot?.leftOut).toBe(4940)
    expect(boot?.addresses.length).toBeLessThanOrEqual(4)
    expect(boot?.seen[0]?.event.atMs).toBe(0)
    expect(boot?.seen.at(-1)?.event.atMs).toBe(4999)
  })
})

describe('readBoot', () => {
  it('says every line of a provision in words', () => {
    const steps = [
      step('set boot once', 500),
      step('installer claimed', 12_000),
      step('write /dev/sda', 13_000, { endedAtMs: 73_000, detail: 'bytes 1073741824' }),
    ]
    const [boot] = read([...CHAIN, operation(90_000, 'done', steps)], 100_000)
    expect(boot?.summary).toBe('provision done: the installed OS called home')
    expect(boot?.lines.map(({ atMs, text, details }) => [atMs, text, ...details])).toEqual([
      [
        1000,
        `Firmware (UEFI x64) sends DISCOVER from ${MAC}`,
        'option 93, architecture: 7',
        'option 60, vendor class: PXEClient:Arch:00007:UNDI:003000',
        'option 97, UUID: 12345678-1234-1234-1234-123456789abc',
      ],
      [
        1000,
        'OFFER of 10.98.0.11, kept for it',
        'to boot: snponly.efi by TFTP, the loader for UEFI x64',
      ],
      [
        2000,
        `Firmware (UEFI x64) sends REQUEST from ${MAC}`,
        'option 93, architecture: 7',
        'option 60, vendor class: PXEClient:Arch:00007:UNDI:003000',
        'option 97, UUID: 12345678-1234-1234-1234-123456789abc',
        'option 50, wants the address 10.98.0.11',
        'option 54, takes the offer of 10.98.0.1',
      ],
      [
        2000,
        'ACK of 10.98.0.11, kept for it',
        'to boot: snponly.efi by TFTP, the loader for UEFI x64',
      ],
      [2660, 'snponly.efi by TFTP: 195 kiB in 340 ms'],
      expect.arrayContaining([4000, `iPXE (UEFI x64) sends DISCOVER from ${MAC}`]),
      expect.arrayContaining([4000, 'OFFER of 10.98.0.11, kept for it']),
      expect.arrayContaining([4500, `iPXE (UEFI x64) sends REQUEST from ${MAC}`]),
      expect.arrayContaining([4500, 'ACK of 10.98.0.11, kept for it']),
      [5000, 'Its script: boot the installer'],
      [8660, 'initrd-x86_64.img by HTTP: 195 kiB in 340 ms'],
      [12_000, 'provision: installer claimed', 'took 1.0 s'],
      [13_000, 'provision: write /dev/sda', 'took 1 min 0 s', 'bytes 1073741824'],
      [90_000, 'The installed OS called home'],
    ])
  })

  it.each([
    [1, 'it was offered an address; its request for it was not seen'],
    [2, 'it has its address; a whole loader was not fetched'],
    [3, 'it fetched its loader; iPXE was not heard after it'],
    [5, 'iPXE asked for an address; its script was not fetched'],
    [6, 'it has its script; nothing was fetched whole after it'],
    [7, 'it fetched the installer, which has not called back'],
  ])('says where a boot of %i sightings is, and where it stopped', (count, where) => {
    const events = CHAIN.slice(0, count)
    expect(read(events, 10_000)[0]).toMatchObject({
      state: 'going',
      summary: where,
    })
    expect(read(events, 600_000)[0]).toMatchObject({
      state: 'stopped',
      summary: where,
    })
  })

  it('says what an operation came to', () => {
    const claimed = [step('installer claimed', 12_000)]
    expect(read([...CHAIN, operation(30_000, 'failed', claimed)], 40_000)[0]).toMatchObject({
      state: 'stopped',
      summary: 'provision failed: the disk does not answer',
    })
    const waits = read([...CHAIN, operation(30_000, 'running', claimed)], 9_000_000)
    expect(waits[0]?.state).toBe('going')
  })

  it('tells refused, sent to disk and unanswered apart', () => {
    const early = CHAIN.slice(0, 5)
    expect(read([...early, script(5000, 'refused')], 6000)[0]).toMatchObject({
      state: 'refused',
      summary: 'it is held: by hand',
    })
    expect(read([...early, script(5000, 'local-disk')], 6000)[0]).toMatchObject({
      state: 'done',
      summary: 'sent to its own disk',
    })
    const listening = dhcp(0, FIRMWARE, { mode: 'listen-only', sent: false })
    const [silent] = read([listening], 1000)
    expect(silent).toMatchObject({
      state: 'unanswered',
      summary: 'network prov is listen-only',
    })
    expect(silent?.lines[1]?.text).toBe(
      'No answer: network prov is listen-only. It would be OFFER of 10.98.0.11, kept for it',
    )
  })

  it('names a loader that is not there', () => {
    const boot = { way: 'none', reason: 'no loader for client architecture 10' } as const
    const [refused] = read([dhcp(0, FIRMWARE, { boot })], 1000)
    expect(refused).toMatchObject({ state: 'refused' })
    expect(refused?.lines[1]).toMatchObject({
      tone: 'bad',
      details: [expect.stringContaining('10')],
    })
  })
})

describe('findings', () => {
  const finding = (events: BootEvent[], macs = [MAC]) => read(events, 1000, macs)[0]?.findings

  it('names another NIC than the first one declared', () => {
    expect(finding(CHAIN)).toEqual([])
    expect(finding(CHAIN, ['52:54:00:98:00:00', MAC])).toEqual([
      `It boots by its NIC 2 of 2, ${MAC}; the first one declared is 52:54:00:98:00:00, which was ` +
        'not heard before it. Look at the cable, the link and the switch port of the first NIC ' +
        'and at the boot order of the firmware; or declare the NIC that is to boot first.',
    ])
    expect(finding(CHAIN, ['52:54:00:98:00:00'])?.[0]).toContain('not among the NICs declared')
  })

  it('names the other server whose offer was taken', () => {
    const silent = { kind: 'silent', address: null, reserved: false, reason: 'other' } as const
    const taken = request(1000, { ...FIRMWARE }, { answer: silent })
    const client = { ...taken.client, chosenServer: '10.98.0.200' }
    const events = [dhcp(0, FIRMWARE), { ...taken, client }]
    expect(finding(events)?.[0]).toContain('took the offer of 10.98.0.200')
    expect(read(events, 600_000)[0]?.summary).toContain('another server, 10.98.0.200')
  })

  it('names offers that nobody takes, and only those', () => {
    const asks = [0, 4000, 12_000].map((atMs) => dhcp(atMs, FIRMWARE))
    expect(finding(asks)?.[0]).toContain('3 offers were sent and no REQUEST followed')
    expect(finding(asks.slice(1))).toEqual([])
    expect(finding([...asks, request(13_000, FIRMWARE)])).toEqual([])
    expect(finding(asks.map((ask) => ({ ...ask, sent: false })))).toEqual([])
    expect(finding(asks.map((ask) => ({ ...ask, client: IPXE })))).toHaveLength(1)
    // An OS has its own ways with offers, and no PXE behind a port that is not up yet.
    expect(finding(asks.map((ask) => ({ ...ask, client: OS })))).toEqual([])
  })

  it('names iPXE that starts over', () => {
    const rounds = Array.from({ length: 4 }, (_, n) => request(n * 1000, IPXE))
    expect(finding(rounds)?.[0]).toContain('iPXE took its address 4 times')
    expect(finding(rounds.slice(1))).toEqual([])
  })
})

describe('findings of NICs and their switch ports', () => {
  const SECOND = '52:54:00:98:00:02'
  const macs = [MAC, SECOND]
  const LACP = { bond: 'bond0', nics: ['nic0', 'nic1'] }
  /** As a site keeps them: who asks by another MAC begins another boot. */
  function bootsByNic(events: BootEvent[]): BootRecord[] {
    const boots: BootRecord[] = []
    for (const event of events) {
      const mac = event.kind === 'dhcp' ? event.mac : (boots.at(-1)?.mac ?? MAC)
      const folded = foldBoot(boots.at(-1), { mac, sled: SUBJECT.sled }, event)
      if (folded?.began === false) boots.pop()
      if (folded !== undefined) boots.push(folded.record)
    }
    return boots
  }
  /** Newest last, each beside the one before it. */
  const found = (events: BootEvent[], nowMs = 100_000): (readonly string[])[] => {
    const boots = bootsByNic(events)
    return boots.map((boot, at) => readBoot(boot, { macs, nowMs, before: boots[at - 1] }).findings)
  }
  const by = (mac: string, atMs: number, more: Partial<DhcpEvent> = {}) =>
    dhcp(atMs, FIRMWARE, { mac, ...more })

  it('says what became of the first NIC when the second one boots', () => {
    const second = [by(SECOND, 60_000), request(61_000, FIRMWARE, { mac: SECOND })]
    expect(found(second)[0]?.[0]).toContain(`${MAC}, which was not heard before it. Look at`)
    expect(found([by(MAC, 1000), ...second])[1]?.[0]).toContain(
      'which asked 59.0 s before it and got no further. Look at the cable',
    )
    expect(found([...CHAIN, ...second])[1]?.[0]).toContain('which booted 59.0 s before it')
    const later = second.map((event) => ({ ...event, atMs: event.atMs + 3_600_000 }))
    expect(found([by(MAC, 1000), ...later])[1]?.[0]).toContain('was not heard before it')
  })

  it('names ports of one bond without fallback when both NICs ask in vain', () => {
    const [first, second] = found([by(MAC, 1000), by(SECOND, 40_000)])
    expect(first).toEqual([])
    expect(second?.[1]).toMatch(/^It asked by .*01 and then by .*02, and took no offer on either/)
    expect(second?.[1]).toContain('fallback of that port channel (`lacp fallback`')
    // One of them was answered, or we said nothing: no such thing was seen.
    const taken = [by(MAC, 1000), by(SECOND, 40_000), request(41_000, FIRMWARE, { mac: SECOND })]
    expect(found(taken)[1]).toHaveLength(1)
    const silent = [by(MAC, 1000, { sent: false }), by(SECOND, 40_000, { sent: false })]
    expect(found(silent)[1]).toHaveLength(1)
  })

  const started = [step('installer claimed', 12_000), step('reboot', 60_000)]
  const installs = (atMs: number, state: string, steps = started): BootEvent => ({
    ...(operation(atMs, state, steps) as Extract<BootEvent, { kind: 'operation' }>),
    lacp: LACP,
  })

  it('says so when an OS with an LACP bond was started and is not heard', () => {
    const events = [...CHAIN, installs(61_000, 'running')]
    expect(found(events, 600_000)[0]).toEqual([])
    expect(found(events, 700_000)[0]?.[0]).toMatch(
      /^The installed OS was started and not heard in 10 min 39 s\. It makes bond0 of nic0, nic1 by LACP/,
    )
    // The installer's own DHCP came before, the OS's after it was started.
    const early = [...CHAIN, dhcp(11_000, OS), installs(61_000, 'running')]
    expect(found(early, 700_000)[0]).toHaveLength(1)
    expect(found([...events, dhcp(90_000, OS)], 700_000)[0]).toEqual([])
    expect(found([...CHAIN, installs(13_000, 'running', started.slice(0, 1))], 700_000)[0]).toEqual(
      [],
    )
    expect(found([...events, operation(900_000, 'done', started)], 1_000_000)[0]).toEqual([])
    // That it failed is told without the bond, which stays known.
    const failed = [...events, operation(900_000, 'failed', started)]
    expect(found(failed, 9_000_000)[0]?.[0]).toContain('not heard in 13 min 59 s')
    const plain = [...CHAIN, operation(61_000, 'running', started)]
    expect(found(plain, 700_000)[0]).toEqual([])
  })

  it('points at the bond of its deployment when offers are not taken', () => {
    const asks = [0, 4000, 12_000].map((atMs) => by(MAC, atMs))
    const noClaim = { ...installs(900_000, 'running', []), startedAtMs: -1000 }
    expect(found([...asks, noClaim as BootEvent])[0]?.[0]).toMatch(
      /no REQUEST followed.*Its deployment makes bond0 of nic0, nic1 by LACP, so look there first/,
    )
  })
})
