# shellcheck shell=sh
# fast: makes old file systems and tables unfindable before an image is written.
# full: every byte of the disk reads back as zero afterwards. A discard is believed only after the
# whole disk was read; otherwise every byte is overwritten and read again.

# shellcheck disable=SC2154 # disk, target and disk_length are set by take_disk

ENDS_MIB=4

# discard: true when the disk says it did. Files (in tests) go through $DISCARD.
discard() {
  if [ -n "${DISCARD:-}" ]; then
    "$DISCARD" "$target"
  elif [ -b "$target" ]; then
    blkdiscard "$target"
  else
    return 1
  fi 2>>"$RUN/log"
}

take_disk
mode=$(arg mode)
length_mib=$((disk_length / 1048576))

wipe_fast() {
  method=overwrite
  cleared=$disk_length
  if discard; then method=discard; fi
  if [ "$length_mib" -le $((2 * ENDS_MIB)) ]; then
    zero 0 "$length_mib" || fail disk-io "cannot overwrite $disk"
  else
    zero 0 "$ENDS_MIB" || fail disk-io "cannot overwrite the start of $disk"
    zero $((length_mib - ENDS_MIB)) "$ENDS_MIB" || fail disk-io "cannot overwrite the end of $disk"
    [ "$method" = discard ] || cleared=$((2 * ENDS_MIB * 1048576))
  fi
  zero_tail
}

# zero_tail: the last part of a MiB, where a disk does not end on one.
zero_tail() {
  rest=$((disk_length - length_mib * 1048576))
  [ "$rest" -eq 0 ] || dd if=/dev/zero of="$target" bs=512 seek=$((length_mib * 2048)) \
    count=$((rest / 512)) conv=notrunc,fsync 2>>"$RUN/log" ||
    fail disk-io "cannot overwrite the last bytes of $disk"
}

wipe_full() {
  cleared=$disk_length
  if discard && is_zero; then
    method=discard
    return 0
  fi
  method=overwrite
  exec 9<>"$target"
  progress_start 9 "$disk_length"
  # By the shared descriptor, so that the position can be told.
  dd if=/dev/zero bs=1M count="$length_mib" >&9 2>>"$RUN/log"
  written=$?
  progress_stop
  exec 9>&-
  [ "$written" -eq 0 ] || fail disk-io "cannot overwrite $disk"
  zero_tail
  is_zero || fail not-wiped "old bytes read back from $disk after the overwrite: $first_difference"
}

case $mode in
  fast) wipe_fast ;;
  full) wipe_full ;;
  *) fail bad-step "there is no wipe '$mode'" ;;
esac
put ok 1
put mode "$mode"
put method "$method"
put bytes "$cleared"
[ "$mode" = fast ] || put verified-bytes "$disk_length"
