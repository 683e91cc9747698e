import { err, ok, type Result } from '@brickyard/std/result'

/** The first descriptor that systemd hands in (sd_listen_fds(3)). */
const FIRST_FD = 3
/** Six kinds for each of sixteen networks. */
const FDS_MAX = 96

/** Descriptors by the name their socket unit gave them. */
export type ListenFds = ReadonlyMap<string, number>

/**
 * What systemd handed in: `LISTEN_FDS` descriptors from 3 on, named by `LISTEN_FDNAMES`. Meant for
 * another process (`LISTEN_PID`), or none at all, is empty.
 */
export function parseListenFds(
  env: Readonly<Record<string, string | undefined>>,
  pid: number,
): Result<ListenFds> {
  const count = Number(env['LISTEN_FDS'] ?? 0)
  if (count === 0 || Number(env['LISTEN_PID'] ?? pid) !== pid) return ok(new Map())
  if (!Number.isInteger(count) || count < 0 || count > FDS_MAX) {
    return err(`LISTEN_FDS is '${env['LISTEN_FDS']}'; expected a count up to ${FDS_MAX}`)
  }
  const names = (env['LISTEN_FDNAMES'] ?? '').split(':')
  const fds = new Map<string, number>()
  for (let n = 0; n < count; n++) {
    const name = names[n] ?? ''
    if (!/^(dhcp|tftp|http|https|pxe|bootpc)-[A-Za-z0-9_.-]{1,15}$/.test(name)) {
      return err(
        `descriptor ${FIRST_FD + n} is named '${name}'; expected dhcp-, tftp-, http-, https-, pxe- or bootpc-DEVICE`,
      )
    }
    if (fds.has(name)) return err(`two descriptors are named '${name}'`)
    fds.set(name, FIRST_FD + n)
  }
  return ok(fds)
}

/** What a socket is for: ports 67, 69, 80, 443, 4011 and 68. */
export type SocketKind = 'dhcp' | 'tftp' | 'http' | 'https' | 'pxe' | 'bootpc'

/** The devices that have a descriptor of a kind: `http` gives `eth1` for `http-eth1`. */
export const devicesOf = (fds: ListenFds, kind: SocketKind): string[] =>
  [...fds.keys()]
    .filter((name) => name.startsWith(`${kind}-`))
    .map((name) => name.slice(kind.length + 1))
