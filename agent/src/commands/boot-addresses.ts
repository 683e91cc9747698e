import { devicesOf, type ListenFds } from '../listen-fds.ts'
import type { ListenTo } from '../node/http-listener.ts'
import type { Appliance } from './appliance.ts'

const HTTP_PORT = 80
const HTTPS_PORT = 443

/** Where sleds reach the boot server by HTTP. */
export const bootAddresses = (appliance: Appliance, fds: ListenFds): ListenTo[] =>
  chosen(inherited(fds, 'http'), appliance.file.bootHttp, ofTheRack(appliance, HTTP_PORT))

/** And by HTTPS; nowhere without a certificate. */
export const bootTlsAddresses = (appliance: Appliance, fds: ListenFds): ListenTo[] => {
  const { bootTls } = appliance.file
  if (bootTls === undefined) return []
  return chosen(inherited(fds, 'https'), bootTls.listeners, ofTheRack(appliance, HTTPS_PORT))
}

/** Sockets that systemd hands in go first; then what the file says; then the rack's own addresses. */
const chosen = (...ways: readonly (readonly ListenTo[])[]): ListenTo[] => [
  ...(ways.find((way) => way.length > 0) ?? []),
]

const inherited = (fds: ListenFds, kind: 'http' | 'https'): ListenTo[] =>
  devicesOf(fds, kind).map((device) => ({ fd: fds.get(`${kind}-${device}`) as number }))

const ofTheRack = ({ standAlone }: Appliance, port: number): ListenTo[] =>
  (standAlone?.rack.networks ?? [])
    .filter(({ role }) => role === 'provisioning')
    .map(({ agentAddress }) => ({ host: agentAddress, port }))
