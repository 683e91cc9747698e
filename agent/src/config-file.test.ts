import { describe, expect, it } from 'vitest'
import { formatFileProblem, parseConfigFile, parseYaml } from './config-file.ts'
import { parseStandAlone } from './stand-alone/stand-alone-document.ts'

const lines = (text: string): string[] => {
  const parsed = parseConfigFile('agent.yaml', text)
  return parsed.ok ? [] : parsed.error.map(formatFileProblem)
}

describe('agent.yaml', () => {
  it('needs only the site; everything else has a default', () => {
    const parsed = parseConfigFile('agent.yaml', 'site: edge-1\n')
    expect(parsed).toMatchObject({
      ok: true,
      value: { site: 'edge-1', stateFolder: '/var/lib/brickyard', limits: { inspectionsMax: 4 } },
    })
  })

  it('names file, line and field of what is wrong', () => {
    const text = 'site: edge-1\nhub:\n  url: http://plain\nsiteApi:\n  host: x\n  port: 99999\n'
    expect(lines(text)).toEqual([
      expect.stringMatching(/^agent\.yaml:3: hub\.url is 'http:\/\/plain'/),
      expect.stringMatching(/^agent\.yaml:6: siteApi\.port is 99999/),
    ])
  })

  it('names an unknown key on its own line, and a missing one where it should be', () => {
    expect(lines('site: edge-1\nlimits:\n  inspectionMax: 3\n')).toEqual([
      expect.stringMatching(/^agent\.yaml:3: limits\.inspectionMax/),
    ])
    expect(lines('stateFolder: /x\n')).toEqual([expect.stringMatching(/^agent\.yaml:1: site is/)])
  })

  it('takes a certificate for the boot server, and its addresses by HTTPS alone', () => {
    const bootTls = 'bootTls: { certificate: a.pem, key: a.key }\n'
    expect(parseConfigFile('agent.yaml', `site: edge-1\n${bootTls}`)).toMatchObject({
      value: { bootTls: { certificate: 'a.pem', key: 'a.key', only: false, listeners: [] } },
    })
    const plain = 'site: edge-1\nnetworks:\n  prov:\n    bootTlsUrl: http://10.0.0.1\n'
    expect(lines(plain)).toEqual([
      expect.stringMatching(/^agent\.yaml:4: networks\.prov\.bootTlsUrl/),
    ])
  })

  it('gives the line of broken YAML', () => {
    expect(lines('site: edge-1\nhub: [\n')[0]).toMatch(/^agent\.yaml:\d: document/)
  })

  it('survives what is no map at all', () => {
    for (const text of ['', '[]', '3', '"x"', '- a\n- b\n']) {
      expect([text, lines(text)]).not.toEqual([text, []])
    }
  })
})

const RACK = `rack:
  site: edge-1
  networks:
    - name: prov
      role: provisioning
      subnet: 10.0.0.0/24
      agentAddress: 10.0.0.1
      interface: eth1
      pool: { first: 10.0.0.100, last: 10.0.0.200 }
  sleds:
    - name: sled-01
      position: { kind: rack-unit, unit: 1 }
      architecture: x86_64
      firmwareMode: uefi
      macs: ['52:54:00:00:00:01']
`

describe('stand-alone document', () => {
  it('is read with its defaults', () => {
    const parsed = parseYaml('rack.yaml', RACK, parseStandAlone)
    expect(parsed).toMatchObject({ ok: true, value: { images: [], assignments: [] } })
  })

  it('points at the line of a field inside a list', () => {
    const bad = RACK.replace('agentAddress: 10.0.0.1', 'agentAddress: 10.9.0.1')
    const parsed = parseYaml('rack.yaml', bad, parseStandAlone)
    expect(!parsed.ok && parsed.error.map(formatFileProblem)).toEqual([
      expect.stringMatching(/^rack\.yaml:7: rack\.networks\[0\]\.agentAddress is '10\.9\.0\.1'/),
    ])
  })

  it('refuses an assignment of an image or a sled that is not there', () => {
    const text = `${RACK}assignments:\n  - sled: sled-09\n    image: debian\n`
    const parsed = parseYaml('rack.yaml', text, parseStandAlone)
    expect(!parsed.ok && parsed.error.map(({ field, line }) => [field, line])).toEqual([
      ['assignments[0].image', 18],
      ['assignments[0].sled', 17],
    ])
  })

  it('takes the network of an assignment, and refuses one that its sled cannot have', () => {
    const digest = 'a'.repeat(64)
    const image =
      `{ name: debian, path: d.img, sha256: ${digest}, bytes: 1, kind: disk, format: raw, arch: x86_64, ` +
      `firmware: [uefi], secureBoot: false, seed: nocloud, rawSha256: ${digest}, rawBytes: 1, ` +
      'minDiskBytes: 1, sectorBytes: 512 }'
    const read = (nic: number, id: number) =>
      parseYaml(
        'rack.yaml',
        `${RACK}images:
  - ${image}
assignments:
  - sled: sled-01
    image: debian
    network:
      nics: [{ nic: ${nic}, name: lan0, addressing: { kind: dhcp } }]
      vlans: [{ link: lan0, id: ${id}, name: lan0.120, addressing: { kind: dhcp } }]
`,
        parseStandAlone,
      )
    expect(read(0, 120)).toMatchObject({
      value: { assignments: [{ network: { vlans: [{ id: 120 }], bonds: [] } }] },
    })
    const problems = (nic: number, id: number): unknown => {
      const parsed = read(nic, id)
      return parsed.ok ? [] : parsed.error.map(formatFileProblem)
    }
    expect(problems(1, 120)).toEqual([expect.stringContaining('nics[0].nic is 1; expected 0 to 0')])
    expect(problems(0, 4095)).toEqual([expect.stringContaining('vlans[0].id is 4095')])
  })
})
