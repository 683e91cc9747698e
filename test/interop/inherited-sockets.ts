/** Stands in for systemd where there is none: opens the sockets of socket units and hands them on. */

/** An unprivileged user that owns nothing but what the test gives it. */
export const AGENT_UID = 61_184

export interface HandOver {
  /** Devices whose ports 67, 69, 80, 443, 4011 and 68 are opened and bound to them. */
  readonly devices: readonly string[]
  /** The user that the command runs as; root when undefined. */
  readonly uid?: number | undefined
  /** Capabilities it keeps as that user, as AmbientCapabilities= gives them: `net_raw`. */
  readonly capabilities?: readonly string[]
  readonly command: readonly string[]
}

/**
 * Descriptors from 3 on, named `dhcp-<device>`, `tftp-<device>`, `http-<device>`, `https-<device>`, `pxe-<device>` and
 * `bootpc-<device>`, as the units of `add-network` make them: Node itself cannot bind a socket to a device. Just before the command is
 * executed in this same process, one line says the monotonic time in nanoseconds.
 */
const HAND_OVER = `import fcntl, os, socket, sys, time
devices, command = sys.argv[1].split(','), sys.argv[2:]
names, opened = [], []
for device in filter(None, devices):
    for kind, how, port in (('dhcp', socket.SOCK_DGRAM, 67), ('tftp', socket.SOCK_DGRAM, 69), ('http', socket.SOCK_STREAM, 80), ('https', socket.SOCK_STREAM, 443), ('pxe', socket.SOCK_DGRAM, 4011), ('bootpc', socket.SOCK_DGRAM, 68)):
        s = socket.socket(socket.AF_INET, how)
        s.setsockopt(socket.SOL_SOCKET, socket.SO_BINDTODEVICE, device.encode())
        if how == socket.SOCK_STREAM: s.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        if port in (67, 68): s.setsockopt(socket.SOL_SOCKET, socket.SO_BROADCAST, 1)
        s.bind(('0.0.0.0', port))
        if how == socket.SOCK_STREAM: s.listen(256)
        names.append(kind + '-' + device)
        opened.append(fcntl.fcntl(s.fileno(), fcntl.F_DUPFD, 100))
for n, fd in enumerate(opened):
    os.dup2(fd, 3 + n, True)
    os.close(fd)
if names:
    os.environ.update(LISTEN_FDS=str(len(names)), LISTEN_FDNAMES=':'.join(names), LISTEN_PID=str(os.getpid()))
print('exec', time.monotonic_ns(), flush=True)
os.execv(command[0], command)
`

/** Without that user's groups, without any capability but these, and without a way to gain one. */
const unprivileged = (uid: number, capabilities: readonly string[]): string[] => {
  const kept = ['-all', ...capabilities.map((name) => `+${name}`)].join(',')
  return [
    '/usr/bin/setpriv',
    `--reuid=${uid}`,
    `--regid=${uid}`,
    '--clear-groups',
    `--inh-caps=${kept}`,
    `--bounding-set=${kept}`,
    ...(capabilities.length === 0 ? [] : [`--ambient-caps=${kept}`]),
    '--no-new-privs',
  ]
}

/** The words of a command line (for `ip netns exec`) that hands sockets over to a program. */
export const handOver = ({ devices, uid, capabilities = [], command }: HandOver): string[] => [
  'python3',
  '-c',
  HAND_OVER,
  devices.join(','),
  ...(uid === undefined ? [] : unprivileged(uid, capabilities)),
  ...command,
]
