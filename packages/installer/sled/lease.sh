#!/bin/sh
# What udhcpc calls: takes address and router of the lease.

# Set by udhcpc.
: "${interface:=}" "${ip:=}" "${subnet:=}" "${router:=}"
case $1 in
  bound | renew)
    ifconfig "$interface" "$ip" netmask "$subnet" up
    for gateway in $router; do
      ip route add default via "$gateway"
      break
    done
    ;;
esac
