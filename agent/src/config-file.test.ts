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
})
