# shellcheck shell=sh
# What this sled is: firmware, processor, memory, disks, NICs. Read only.

# first_line FILE: its first line without blanks at the ends; nothing when it cannot be read.
first_line() {
  if [ -r "$1" ] && IFS= read -r found <"$1"; then
    found=${found#"${found%%[! ]*}"}
    printf '%s' "${found%"${found##*[! ]}"}"
  fi
}

# disk_serial NAME: NVMe and virtio have a file; SATA and SAS a binary page whose text starts at byte 4.
disk_serial() {
  for place in "$SYS/block/$1/device/serial" "$SYS/block/$1/serial"; do
    [ -r "$place" ] && first_line "$place" && return 0
  done
  [ ! -r "$SYS/block/$1/device/vpd_pg80" ] ||
    tail -c +5 "$SYS/block/$1/device/vpd_pg80" | tr -cd '\040-\176' | sed 's/^ *//; s/ *$//'
}

transport() {
  case $1 in
    nvme*) echo nvme ;;
    vd*) echo virtio ;;
    *)
      case $(readlink -f "$SYS/block/$1/device") in
        */ata*) echo sata ;;
        *) echo other ;;
      esac
      ;;
  esac
}

dmi=$SYS/class/dmi/id
put ok 1
put architecture "$(uname -m)"
if [ -d "$SYS/firmware/efi" ]; then put firmware uefi; else put firmware bios; fi
put secure-boot "$(secure_boot)"
put maker "$(first_line "$dmi/sys_vendor")"
put model "$(first_line "$dmi/product_name")"
put serial "$(first_line "$dmi/product_serial")"
put uuid "$(first_line "$dmi/product_uuid" | tr 'A-F' 'a-f')"
put board-serial "$(first_line "$dmi/board_serial")"
put bios-vendor "$(first_line "$dmi/bios_vendor")"
put bios-version "$(first_line "$dmi/bios_version")"
put bios-date "$(first_line "$dmi/bios_date")"
put cpu-model "$(sed -n '/^model name/{s/^[^:]*: *//p;q}' "$PROC/cpuinfo")"
put cpu-count "$(grep -c '^processor' "$PROC/cpuinfo")"
put memory-bytes "$(($(sed -n 's/^MemTotal: *\([0-9]*\) kB/\1/p' "$PROC/meminfo") * 1024))"

count=0
for entry in "$SYS"/block/*; do
  name=${entry##*/}
  case $name in loop* | ram* | zram* | sr* | fd* | dm-* | md* | nbd*) continue ;; esac
  [ -d "$entry/device" ] || continue
  [ "$(first_line "$entry/removable")" != 1 ] || continue
  sectors=$(first_line "$entry/size")
  [ "${sectors:-0}" -gt 0 ] || continue
  put "disk.$count.path" "/dev/$name"
  # The kernel counts in 512 bytes here whatever the sector is.
  put "disk.$count.bytes" "$((sectors * 512))"
  put "disk.$count.sector-bytes" "$(first_line "$entry/queue/logical_block_size")"
  put "disk.$count.transport" "$(transport "$name")"
  put "disk.$count.rotational" "$(first_line "$entry/queue/rotational")"
  put "disk.$count.model" "$(first_line "$entry/device/model")"
  put "disk.$count.serial" "$(disk_serial "$name")"
  count=$((count + 1))
done
put disk.count "$count"

count=0
for entry in "$SYS"/class/net/*; do
  [ -e "$entry/device" ] || continue
  put "nic.$count.name" "${entry##*/}"
  put "nic.$count.mac" "$(first_line "$entry/address")"
  driver=$(readlink "$entry/device/driver")
  put "nic.$count.driver" "${driver##*/}"
  # Reading the carrier of a NIC that is down is an error: it counts as down.
  if [ "$(first_line "$entry/carrier" 2>>"$RUN/log")" = 1 ]; then
    put "nic.$count.link" up
  else
    put "nic.$count.link" down
  fi
  count=$((count + 1))
done
put nic.count "$count"
