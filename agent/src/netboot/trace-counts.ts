/** How often something happened, by the labels of a metric. */
export interface Count {
  readonly labels: Readonly<Record<string, string>>
  readonly count: number
}

/** What a machine fetches by HTTP to boot. */
export type HttpAsked = 'script' | 'file' | 'other'

/** What the netboot servers did since the agent started. */
export interface NetbootCounts {
  dhcp(network: string, message: string, result: string): void
  tftp(network: string, result: string): void
  http(network: string, asked: HttpAsked, status: number): void
  readonly dhcpMessages: () => readonly Count[]
  readonly tftpTransfers: () => readonly Count[]
  readonly httpResponses: () => readonly Count[]
}

export function createNetbootCounts(): NetbootCounts {
  const dhcp = tally('network', 'message', 'result')
  const tftp = tally('network', 'result')
  const http = tally('network', 'asked', 'status')
  return {
    dhcp: (network, message, result) => dhcp.add(network, message, result),
    tftp: (network, result) => tftp.add(network, result),
    http: (network, asked, status) => http.add(network, asked, String(status)),
    dhcpMessages: dhcp.all,
    tftpTransfers: tftp.all,
    httpResponses: http.all,
  }
}

/** Labels come from our own words alone, so their number is bounded by networks and kinds. */
export function tally(...names: string[]) {
  const counts = new Map<string, { readonly values: readonly string[]; count: number }>()
  return {
    add(...values: string[]): void {
      const key = values.join('\n')
      const held = counts.get(key)
      if (held === undefined) counts.set(key, { values, count: 1 })
      else held.count++
    },
    all: (): readonly Count[] =>
      [...counts.values()].map(({ values, count }) => ({
        labels: Object.fromEntries(names.map((name, at) => [name, values[at] ?? ''])),
        count,
      })),
  }
}
