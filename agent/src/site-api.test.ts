import type { Random } from '@brickyard/runtime/random'
import { openNodeStore } from '@brickyard/runtime/node/store'
import { describe, expect, it } from 'vitest'
import { standingClock } from './netboot/dhcp-rig.ts'
import { createNetbootCounts } from './netboot/trace-counts.ts'
import { createSiteApi } from './site-api.ts'
import { openSiteStore } from './store/site-store.ts'

const random: Random = { bytes: (count: number) => new Uint8Array(count) }

describe('/metrics', () => {
  it('counts what netboot did by network, kind and result, and counts on', async () => {
    const netboot = createNetbootCounts()
    const store = openNodeStore({ path: ':memory:', durable: false })
    const { clock } = standingClock()
    const parts = {
      site: openSiteStore({ store, clock, random }),
      agentVersion: '1',
      link: () => ({ kind: 'alone' }) as const,
      blobBytes: () => 0,
      troubles: () => new Map<string, string>(),
      bootLoaders: () => [],
      netboot,
      boots: () => [{ labels: { network: 'prov', state: 'stopped' }, count: 2 }],
    }
    const api = createSiteApi(parts)
    const lines = async (): Promise<string[]> => {
      const answer = await api(new Request('http://agent/metrics'), { address: '', port: 0 })
      const text = await answer.text()
      return text.split('\n').filter((line) => /^brickyard_agent_(dhcp|tftp|boot)/.test(line))
    }
    const boots = 'brickyard_agent_boots{network="prov",state="stopped"} 2'
    expect(await lines()).toEqual([boots])
    netboot.dhcp('prov', 'discover', 'offer')
    netboot.dhcp('prov', 'discover', 'offer')
    netboot.dhcp('prov', 'request', 'nak')
    netboot.tftp('prov', 'whole')
    netboot.http('prov', 'script', 404)
    expect(await lines()).toEqual([
      'brickyard_agent_dhcp_messages_total{network="prov",message="discover",result="offer"} 2',
      'brickyard_agent_dhcp_messages_total{network="prov",message="request",result="nak"} 1',
      'brickyard_agent_tftp_transfers_total{network="prov",result="whole"} 1',
      'brickyard_agent_boot_http_responses_total{network="prov",asked="script",status="404"} 1',
      boots,
    ])
    netboot.http('prov', 'script', 404)
    expect((await lines()).at(-2)).toMatch(/status="404"} 2$/)
  })
})
