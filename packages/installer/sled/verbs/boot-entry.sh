# shellcheck shell=sh
# The head lands: from here the disk boots. UEFI: an entry for the disk's loader, first in the boot
# order. BIOS keeps no entries.

# shellcheck disable=SC2154 # disk and target are set by take_disk

ESP_TYPE=C12A7328-F81F-11D2-BA4B-00A0C93EC93B

take_disk
firmware=$(arg firmware)
label=$(arg label)
loader=$(arg loader)

land_head
if [ "$firmware" = bios ]; then
  put ok 1
  put changed 0
  exit 0
fi
[ -d "$SYS/firmware/efi" ] || fail unsupported 'the sled did not boot by UEFI'
open_efivars || fail unsupported 'the firmware gives no access to its variables'

node=$(readlink -f "$target")
number=$(sfdisk --dump "$node" 2>>"$RUN/log" |
  sed -n "/type=$ESP_TYPE/{s|^${node}p*\([0-9]*\) .*|\1|p;q}")
[ -n "$number" ] || fail unsupported "$disk has no EFI system partition"

# entries: the numbers of the entries that carry our label.
entries() {
  efibootmgr 2>>"$RUN/log" | sed -n "s/^Boot\([0-9A-F]\{4\}\)\*\{0,1\} $label\(	.*\)\{0,1\}\$/\1/p"
}
for entry in $(entries); do
  efibootmgr -q -b "$entry" -B 2>>"$RUN/log"
done
efibootmgr -q -c -d "$node" -p "$number" -L "$label" -l "$loader" 2>>"$RUN/log" ||
  fail unsupported "the firmware refused a boot entry: $(tail -n 2 "$RUN/log")"
entry=$(entries)
order=$(efibootmgr | sed -n 's/^BootOrder: //p')
case $order in
  "$entry"*) ;;
  *) fail unsupported "boot entry '$entry' is not first in the boot order $order" ;;
esac
put ok 1
put changed 1
put entry "$entry"
put partition "$number"
