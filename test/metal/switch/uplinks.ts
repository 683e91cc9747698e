import { type ChildProcess, spawn } from 'node:child_process'

/**
 * Cables from ports of a switch to taps of this machine, whose kernel may know no VLANs: a QEMU without
 * a machine in it, which carries frames between each tap and the socket of its port.
 */
export function plugTaps(
  cables: readonly { readonly tap: string; readonly socketPath: string }[],
): ChildProcess {
  const netdevs = cables.flatMap(({ tap, socketPath }, hub) => [
    `tap,id=tap${hub},ifname=${tap},script=no,downscript=no`,
    `stream,id=port${hub},server=off,addr.type=unix,addr.path=${socketPath}`,
    `hubport,id=near${hub},hubid=${hub},netdev=tap${hub}`,
    `hubport,id=far${hub},hubid=${hub},netdev=port${hub}`,
  ])
  const words = netdevs.flatMap((netdev) => ['-netdev', netdev])
  const nothing = ['-machine', 'none', '-nodefaults', '-display', 'none']
  // It warns that its hubs have no NICs, which is so.
  return spawn('qemu-system-x86_64', [...nothing, ...words], { stdio: 'ignore' })
}
