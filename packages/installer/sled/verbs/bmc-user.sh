# shellcheck shell=sh
# Makes one account of this sled's BMC anew, from the inside (KCS): the way in again where every login
# from the LAN was lost. Done twice it comes to the same.

BMC_DEVICE=${BMC_DEVICE:-/dev/ipmi0}
IPMITOOL=${IPMITOOL:-/usr/bin/ipmitool -I open}
# Of an IPMI 1.5 BMC too: the password is good for one login and is replaced by a longer one.
PASSWORD_CHARS=16

user=$(arg user)
channel=$(arg channel)

# ipmi WORD...: what the BMC says of a command; its errors go to the log.
ipmi() {
  # Words: a program and its options.
  # shellcheck disable=SC2086
  $IPMITOOL "$@" 2>>"$RUN/log"
}
# need WHAT WORD...: a command that must be taken.
need() {
  what=$1
  shift
  ipmi "$@" >>"$RUN/log" || fail unsupported "the BMC refuses to $what"
}

for module in ipmi_si ipmi_devintf; do load_module "$module"; done
waited=0
while [ ! -e "$BMC_DEVICE" ] && [ "$waited" -lt "${BMC_WAIT_SECONDS:-10}" ]; do
  sleep 1
  waited=$((waited + 1))
done
[ -e "$BMC_DEVICE" ] ||
  fail unsupported "there is no /dev/ipmi0: this sled shows its system no way to its BMC"

take_tools
http GET /installer/bmc-password '' "$RUN/bmc-password" ||
  fail download "the agent answered $(http_status) for the password"
password=$(cat "$RUN/bmc-password")
rm -f "$RUN/bmc-password"
[ "${#password}" -eq "$PASSWORD_CHARS" ] ||
  fail bad-step "the password has ${#password} letters, wanted $PASSWORD_CHARS"

# Lines of `number,name,…`. Number 1 is the anonymous one for ever (IPMI 2.0 §22.28).
ipmi -c user list "$channel" >"$RUN/bmc-users" ||
  fail unsupported "the BMC does not list its users on channel $channel"
slot=
empty=
while IFS=, read -r number name _; do
  case $number in '' | 1 | *[!0-9]*) continue ;; esac
  [ "$name" != "$user" ] || slot=$number
  [ -n "$name" ] || [ -n "$empty" ] || empty=$number
done <"$RUN/bmc-users"
if [ -z "$slot" ]; then
  [ -n "$empty" ] || fail unsupported "the BMC has no free user on channel $channel"
  slot=$empty
  need "name user $slot $user" user set name "$slot" "$user"
fi
need "set the password of user $slot" user set password "$slot" "$password" "$PASSWORD_CHARS"
need "let user $slot in on channel $channel" \
  channel setaccess "$channel" "$slot" callin=on ipmi=on link=on privilege=4
need "enable user $slot" user enable "$slot"

ipmi -c user list "$channel" >"$RUN/bmc-users"
grep -q "^$slot,$user,.*,ADMINISTRATOR\$" "$RUN/bmc-users" ||
  fail unsupported "user $slot reads back as '$(sed -n "s/^$slot,//p" "$RUN/bmc-users")'"
need 'own the password that was set' user test "$slot" "$PASSWORD_CHARS" "$password"
put ok 1
put user "$user"
put slot "$slot"
put channel "$channel"
