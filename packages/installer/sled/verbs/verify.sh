# shellcheck shell=sh
# Reads back what was written, from the disk and not from memory, and compares its hash. A head that
# is held back is read where it is; once it lands it is compared again.

# shellcheck disable=SC2153,SC2154 # set by take_disk and head.sh

take_disk
raw_bytes=$(arg raw-bytes)
wanted=$(arg raw-sha256)

forget_cache
head_bytes=$(held_bytes)
exec 8<"$target"
[ "$head_bytes" -eq 0 ] || seek_past_head 8
progress_start 8 "$raw_bytes"
got=$({
  [ "$head_bytes" -eq 0 ] || cat "$RUN/head"
  dd bs=1M iflag=fullblock,count_bytes count=$((raw_bytes - head_bytes)) <&8
} 2>>"$RUN/log" | "$SHA256SUM")
progress_stop
read_bytes=$(position 8)
[ "$head_bytes" -eq 0 ] || read_bytes=$((read_bytes - HEAD_BYTES + head_bytes))
got=${got%% *}
[ "$read_bytes" = "$raw_bytes" ] ||
  fail disk-io "only $read_bytes of $raw_bytes bytes could be read back from $disk"
[ "$got" = "$wanted" ] || fail wrong-hash "$disk reads back with hash $got, wanted $wanted"
put ok 1
put raw-bytes "$read_bytes"
put raw-sha256 "$got"
