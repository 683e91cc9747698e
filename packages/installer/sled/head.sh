# shellcheck shell=sh
# The head of a disk, its first MiB, holds what makes a disk boot: boot code and partition table.
# While an image is written the head stays in memory and the disk's own is zero, so that a disk whose
# writing was cut short boots nothing. It lands when everything else is on the disk.

# shellcheck disable=SC2154 # disk and target are set by take_disk

HEAD_MIB=1
HEAD_BYTES=$((HEAD_MIB * 1048576))

# held_bytes: how many bytes are held back; 0 when none are.
held_bytes() {
  if [ -e "$RUN/head" ]; then stat -c %s "$RUN/head"; else echo 0; fi
}

# split_head: stdin is an image; its first MiB goes to memory, the rest to descriptor 9.
split_head() {
  "$DD" bs=64k iflag=fullblock count=$((HEAD_BYTES / 65536)) of="$RUN/head" 2>>"$RUN/log" &&
    cat >&9
}

# seek_past_head FD: moves a descriptor that stands at the start of the disk.
seek_past_head() {
  "$DD" bs=1M skip="$HEAD_MIB" count=0 <&"$1" 2>>"$RUN/log"
}

# hold_head: takes the head from the disk back into memory.
hold_head() {
  "$DD" if="$target" of="$RUN/head" bs=1M count="$HEAD_MIB" 2>>"$RUN/log" ||
    fail disk-io "cannot read the head of $disk"
  zero 0 "$HEAD_MIB" || fail disk-io "cannot hold the head of $disk back"
}

# land_head: writes the head that is held back to its place and reads it back.
land_head() {
  [ "$(held_bytes)" -gt 0 ] || return 0
  "$DD" if="$RUN/head" of="$target" bs=1M conv=notrunc,fsync 2>>"$RUN/log" ||
    fail disk-io "cannot write the head of $disk"
  forget_cache
  "$CMP" -n "$(held_bytes)" "$RUN/head" "$target" 2>>"$RUN/log" ||
    fail disk-io "the head of $disk does not read back as written: $(tail -n 1 "$RUN/log")"
}
