import { writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { answerTo } from '../../../test/console/fixtures/boots.ts'
import { rackOf } from '../../../test/console/fixtures/fleet.ts'
import { hubRig, PASSWORD, type HubRig } from '../../../test/console/fixtures/hub-rig.ts'
import type { ScriptedSite } from '../../../test/console/fixtures/scripted-site.ts'
import type { CliPorts } from './ports.ts'
import { yardRig, type YardRig } from './yard-rig.ts'

describe('yard netboot', () => {
  let hub: HubRig
  let site: ScriptedSite
  let yard: YardRig

  beforeAll(async () => {
    hub = await hubRig()
    const declared = { name: 'tower-17', displayName: 'Tower 17', rack: rackOf('tower-17', 17) }
    site = await hub.site(declared, undefined, (ask) => answerTo(ask, 'sled-04'))
    yard = await yardRig()
    const readInput = () => Promise.resolve(`${PASSWORD}\n`)
    await yard.run(`login ${hub.url} --user admin`, { readInput })
  })
  afterAll(async () => {
    await yard.close()
    await hub.close()
  })

  it('tells the newest boot of a sled line by line, under the list of all', async () => {
    expect((await yard.run('netboot trace tower-17/sled-04')).out).toMatchInlineSnapshot(`
      "BOOT  BEGAN                 MAC                NETWORK       STATE    SUMMARY
      1     TIME-OF-THIS-RUN....  52:54:00:98:00:11  provisioning  done     sent to its own disk
      2     TIME-OF-THIS-RUN....  52:54:00:98:00:11  provisioning  done     sent to its own disk
      3     TIME-OF-THIS-RUN....  52:54:00:98:00:11  provisioning  stopped  it was offered an address; its request for it was not seen

      52:54:00:98:00:11 at TIME-OF-THIS-RUN....: sent to its own disk; last heard 4 min 27 s before
      ! It boots by its NIC 2 of 2, 52:54:00:98:00:11; the first one declared is 52:54:00:98:00:10, which was not heard before it. Look at the cable, the link and the switch port of the first NIC and at the boot order of the firmware; or declare the NIC that is to boot first.
            +0.0 s    Firmware (UEFI x64 by HTTP) sends DISCOVER from 52:54:00:98:00:11
                        option 93, architecture: 16
                        option 60, vendor class: HTTPClient:Arch:00016:UNDI:003000
            +0.0 s    OFFER of 10.98.0.11, kept for it
                        to boot: snponly.efi by HTTP, the loader for UEFI x64 by HTTP
            +6.8 s    Firmware (UEFI x64 by HTTP) sends REQUEST from 52:54:00:98:00:11
                        option 93, architecture: 16
                        option 60, vendor class: HTTPClient:Arch:00016:UNDI:003000
                        option 50, wants the address 10.98.0.11
                        option 54, takes the offer of 10.98.0.1
            +6.8 s    ACK of 10.98.0.11, kept for it
                        to boot: snponly.efi by HTTP, the loader for UEFI x64 by HTTP
            +7.1 s  + snponly.efi by HTTP: 170 kiB in 5 ms
           +10.9 s    iPXE (UEFI x64) sends DISCOVER from 52:54:00:98:00:11
                        option 93, architecture: 7
                        option 60, vendor class: PXEClient:Arch:00007:UNDI:003010
                        option 77, user class: iPXE
                        option 175: iPXE lists its features
           +10.9 s    OFFER of 10.98.0.11, kept for it
                        to boot: its script by HTTP, since it is iPXE already
           +10.9 s    iPXE (UEFI x64) sends REQUEST from 52:54:00:98:00:11
                        option 93, architecture: 7
                        option 60, vendor class: PXEClient:Arch:00007:UNDI:003010
                        option 77, user class: iPXE
                        option 175: iPXE lists its features
                        option 50, wants the address 10.98.0.11
                        option 54, takes the offer of 10.98.0.1
           +10.9 s    ACK of 10.98.0.11, kept for it
                        to boot: its script by HTTP, since it is iPXE already
           +11.0 s  + Its script: boot its own disk: in use

      LISTENS ON    DEVICE  MODE           SINCE                 LAST HEARD                                            OTHER SERVERS
      provisioning  eth1    authoritative  TIME-OF-THIS-RUN....  REQUEST of 52:54:00:98:00:11 at TIME-OF-THIS-RUN....  10.17.0.200
      management    eth2    authoritative  TIME-OF-THIS-RUN....  nothing
      "
    `)
  })

  it('tells an older one when asked, with what stands out', async () => {
    const { out } = await yard.run('netboot trace tower-17/sled-04 --boot 3')
    expect(out.slice(out.indexOf('\n\n'), out.indexOf('LISTENS'))).toMatchInlineSnapshot(`
      "

      52:54:00:98:00:11 at TIME-OF-THIS-RUN....: it was offered an address; its request for it was not seen; last heard 59 min 48 s before
      ! It boots by its NIC 2 of 2, 52:54:00:98:00:11; the first one declared is 52:54:00:98:00:10, which was not heard before it. Look at the cable, the link and the switch port of the first NIC and at the boot order of the firmware; or declare the NIC that is to boot first.
      ! 3 offers were sent and no REQUEST followed: the machine does not hear us, or does not want our offer. A switch port in a bond without LACP fallback, a port still in spanning tree, or another server look like this from here.
            +0.0 s    Firmware (UEFI x64) sends DISCOVER from 52:54:00:98:00:11 (3 times)
                        option 93, architecture: 7
                        option 60, vendor class: PXEClient:Arch:00007:UNDI:003000
            +0.0 s    OFFER of 10.98.0.11, kept for it (3 times)
                        to boot: snponly.efi by TFTP, the loader for UEFI x64

      "
    `)
  })

  it('says where the site listens when nothing was heard', async () => {
    expect((await yard.run('netboot trace tower-17/sled-05')).out).toMatchInlineSnapshot(`
      "Nothing was heard of it.

      LISTENS ON    DEVICE  MODE           SINCE                 LAST HEARD                                            OTHER SERVERS
      provisioning  eth1    authoritative  TIME-OF-THIS-RUN....  REQUEST of 52:54:00:98:00:11 at TIME-OF-THIS-RUN....  10.17.0.200
      management    eth2    authoritative  TIME-OF-THIS-RUN....  nothing
      "
    `)
  })

  it('takes a MAC, or a site for all that nobody declared', async () => {
    expect((await yard.run('netboot trace tower-17/52:54:00:98:00:99')).exit).toBe(0)
    expect((await yard.run('netboot trace tower-17')).exit).toBe(0)
    const { out } = await yard.run('netboot trace tower-17/sled-04 -o json')
    expect(JSON.parse(out)).toMatchObject({ site: 'tower-17', trace: { of: 'sled-04' } })
    for (const words of ['Tower/x', 'tower-17/a/b', 'tower-17/sled-04 --boot 51']) {
      expect((await yard.run(`netboot trace ${words}`)).exit).toBe(2)
    }
    expect((await yard.run('netboot trace tower-17/sled-04 --boot 9')).exit).toBe(2)
    expect((await yard.run('netboot trace tower-17/sled-99')).exit).toBe(3)
  })

  it('previews what a site would answer', async () => {
    expect((await yard.run('netboot preview tower-17')).out).toMatchInlineSnapshot(`
      "Network provisioning (provisioning), listen-only as it is now:
      ! Another DHCP server was heard there: 10.17.0.200 at TIME-OF-THIS-RUN....: 02:66:00:00:00:01, gives addresses, router 10.17.0.200
      MACHINE          MAC                WOULD BE    ANSWER
      sled-01          52:54:00:17:00:01  unanswered  No answer: network provisioning is listen-only. It would be OFFER of 10.17.0.101, kept for it
      unknown machine  02:62:79:00:00:01  unanswered  No answer: network provisioning is listen-only. It would be OFFER of 10.17.0.10, from the pool

      LOADER       VERSION             SOURCE               SHA-256
      snponly.efi  1.21.1+git20250501  built on 2026-11-02  SHA256, as the operator wants it
      "
    `)
    expect((await yard.run('netboot preview tower-17 --mode authoritative')).out)
      .toMatchInlineSnapshot(`
        "Network provisioning (provisioning), as if it were authoritative; it is listen-only now:
        ! Another DHCP server was heard there: 10.17.0.200 at TIME-OF-THIS-RUN....: 02:66:00:00:00:01, gives addresses, router 10.17.0.200
        MACHINE          MAC                WOULD BE  ANSWER
        sled-01          52:54:00:17:00:01  answered  OFFER of 10.17.0.101, kept for it
        unknown machine  02:62:79:00:00:01  answered  OFFER of 10.17.0.10, from the pool

        LOADER       VERSION             SOURCE               SHA-256
        snponly.efi  1.21.1+git20250501  built on 2026-11-02  SHA256, as the operator wants it
        "
      `)
    expect((await yard.run('netboot preview tower-17 --mode loud')).exit).toBe(2)
  })

  it('shows a preview and asks before a network that only listened begins to answer', async () => {
    const answering = rackOf('tower-17', 17) as { networks: { name: string; mode: string }[] }
    const put = async (mode: string, words: string, ports: Partial<CliPorts> = {}) => {
      const networks = answering.networks.map((network) =>
        network.name === 'provisioning' ? { ...network, mode } : network,
      )
      const file = join(yard.folder, 'rack.yaml')
      await writeFile(file, JSON.stringify({ ...answering, networks }))
      return await yard.run(`rack put tower-17 ${file}${words}`, ports)
    }
    expect((await put('listen-only', '')).exit).toBe(0)
    const refused = await put('authoritative', '')
    expect(refused.exit).toBe(2)
    expect(refused.err).toMatchInlineSnapshot(`
      "Network provisioning (provisioning), as if it were authoritative; it is listen-only now:
      ! Another DHCP server was heard there: 10.17.0.200 at TIME-OF-THIS-RUN....: 02:66:00:00:00:01, gives addresses, router 10.17.0.200
      MACHINE          MAC                WOULD BE  ANSWER
      sled-01          52:54:00:17:00:01  answered  OFFER of 10.17.0.101, kept for it
      unknown machine  02:62:79:00:00:01  answered  OFFER of 10.17.0.10, from the pool

      tower-17 would begin to answer on provisioning (authoritative). Do it? Say --yes when nobody can be asked.
      "
    `)
    const ask = () => Promise.resolve('n')
    expect(await put('authoritative', '', { interactive: true, ask })).toMatchObject({ exit: 1 })
    expect(await hub.client.sites.rack('tower-17')).toMatchObject({
      value: { networks: [{ mode: 'listen-only' }, {}] },
    })
    expect((await put('authoritative', ' --yes')).exit).toBe(0)
    // From one answering mode to another, or to silence, nobody is asked.
    expect((await put('proxy', '')).exit).toBe(0)
  })

  it('puts one network into another mode, and asks before it is heard or silent', async () => {
    const mode = (words: string, ports: Partial<CliPorts> = {}) =>
      yard.run(`netboot mode tower-17 ${words}`, ports)
    const asked: string[] = []
    const ask = (question: string) => {
      asked.push(question)
      return Promise.resolve('y')
    }
    expect(await mode('provisioning listen-only', { interactive: true, ask })).toMatchObject({
      exit: 0,
      out: expect.stringMatching(/provisioning +provisioning +listen-only\n/),
    })
    const loud = await mode('provisioning authoritative', { interactive: true, ask })
    expect([loud.exit, loud.err]).toEqual([
      0,
      expect.stringContaining('sled-01          52:54:00:17:00:01  answered'),
    ])
    expect(asked).toEqual([
      expect.stringContaining('would answer nothing more on provisioning'),
      expect.stringContaining('would begin to answer on provisioning (authoritative)'),
    ])
    expect((await mode('provisioning listen-only')).exit).toBe(2)
    expect((await mode('provisioning loud')).exit).toBe(2)
    expect((await mode('cellar proxy --yes')).exit).toBe(3)
    expect(await hub.client.sites.rack('tower-17')).toMatchObject({
      value: { networks: [{ mode: 'authoritative' }, {}] },
    })
    const wrong = await hub.client.sites.setNetworkMode('tower-17', 'cellar', 'proxy')
    expect(wrong).toMatchObject({ ok: false, error: { problem: { status: 404 } } })
  })

  it('shows what a site said last when it is away, and says so', async () => {
    site.leave()
    const { out } = await yard.run('netboot trace tower-17/sled-04')
    expect(out.split('\n')[0]).toMatchInlineSnapshot(
      `"As the site last said at TIME-OF-THIS-RUN....: the site is away."`,
    )
    expect(out).toContain('sent to its own disk')
    expect(await yard.run('netboot trace tower-17/sled-06')).toMatchInlineSnapshot(`
      {
        "err": "Nothing is known of the boots of tower-17/sled-06: the site is away
      ",
        "exit": 1,
        "out": "",
      }
    `)
  })
})
