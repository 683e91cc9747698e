# shellcheck shell=sh
# The sled's way to the agent: a NIC, perhaps a VLAN on it, and an address, by what the kernel's
# command line says. Needs stop, which ends it all, and load_module.

CMDLINE=${CMDLINE:-/proc/cmdline}
RESOLVERS=${RESOLVERS:-/etc/resolv.conf}

# option NAME: the value of NAME=… on the kernel's command line.
option() {
  # Words, not lines: the command line is one line.
  # shellcheck disable=SC2013
  for word in $(cat "$CMDLINE"); do
    case $word in
      "$1="*)
        printf '%s' "${word#*=}"
        return 0
        ;;
    esac
  done
}

# bring_up NIC: the address iPXE already holds is used where it was handed over; asking again costs
# seconds.
bring_up() {
  nic=$1
  ip link set lo up
  ip link set "$nic" up
  tag_packets "$(option brickyard.vlan)"
  net=$(option brickyard.net)
  if [ -n "$net" ]; then
    # ADDRESS/NETMASK/GATEWAY, the gateway may be empty.
    address=${net%%/*}
    rest=${net#*/}
    ifconfig "$nic" "$address" netmask "${rest%%/*}" up
    gateway=${rest#*/}
    [ -z "$gateway" ] || [ "$gateway" = "$rest" ] || ip route add default via "$gateway"
  else
    udhcpc -q -n -t 10 -T 2 -i "$nic" -s /brickyard/lease.sh || stop "no DHCP lease on $nic"
  fi
  use_resolvers "$(option brickyard.dns)"
}

# tag_packets VLAN: from here on $nic is what tags them; nothing for a network without a tag.
tag_packets() {
  [ -n "$1" ] || return 0
  load_module 8021q
  ip link add link "$nic" name "vlan$1" type vlan id "$1" || stop "no VLAN $1 on $nic"
  nic=vlan$1
  ip link set "$nic" up
}

# use_resolvers A,B: asked for the agent's name, where it is no address.
use_resolvers() {
  [ -n "$1" ] || return 0
  mkdir -p "${RESOLVERS%/*}"
  echo "$1" | tr ',' '\n' | sed 's/^/nameserver /' >"$RESOLVERS"
}
