# shellcheck shell=sh
# What the verbs that touch a disk share: which node it is, how long, and whether it is the one meant.

# disk_bytes NODE
disk_bytes() {
  if [ -b "$1" ]; then
    blockdev --getsize64 "$1"
  else
    stat -L -c %s "$1"
  fi
}

# take_disk: sets `target` and `disk_length` from the step, or fails the verb. The length guards
# against a disk that came up under another's name.
take_disk() {
  disk=$(arg disk)
  wanted=$(arg disk-bytes)
  target=$DISK_ROOT$disk
  [ -e "$target" ] || fail no-disk "there is no disk $disk"
  disk_length=$(disk_bytes "$target") || fail disk-io "cannot ask $disk for its length"
  [ "$disk_length" = "$wanted" ] ||
    fail no-disk "$disk has $disk_length bytes; the one meant has $wanted"
}

# forget_cache: makes the next read come from the disk, not from memory.
forget_cache() {
  sync
  [ ! -b "$target" ] || blockdev --flushbufs "$target"
  [ ! -w "$PROC/sys/vm/drop_caches" ] || echo 3 >"$PROC/sys/vm/drop_caches"
}

# is_zero: true when every byte of the disk reads as zero; else `first_difference` says where.
is_zero() {
  forget_cache
  # shellcheck disable=SC2034 # for the verb's reason
  first_difference=$("$CMP" -n "$disk_length" "$target" /dev/zero 2>&1) && return 0
  return 1
}

# zero FROM_MIB COUNT_MIB: overwrites with zeroes, past the page cache where the disk allows it.
zero() {
  [ "$2" -gt 0 ] || return 0
  dd if=/dev/zero of="$target" bs=1M seek="$1" count="$2" conv=notrunc,fsync oflag=direct \
    2>>"$RUN/log" ||
    dd if=/dev/zero of="$target" bs=1M seek="$1" count="$2" conv=notrunc,fsync 2>>"$RUN/log"
}

# position FD: how far a descriptor shared with a child has come, in bytes.
position() {
  while read -r key value _; do
    if [ "$key" = pos: ]; then
      printf '%s' "$value"
      return 0
    fi
  done <"$PROC/self/fdinfo/$1"
}
