# shellcheck shell=sh
# Reads back what was written, from the disk and not from memory, and compares its hash.

# shellcheck disable=SC2154 # disk, target and disk_length are set by take_disk

take_disk
raw_bytes=$(arg raw-bytes)
wanted=$(arg raw-sha256)

forget_cache
exec 8<"$target"
progress_start 8 "$raw_bytes"
got=$(dd bs=1M iflag=fullblock,count_bytes count="$raw_bytes" <&8 2>>"$RUN/log" | "$SHA256SUM")
progress_stop
read_bytes=$(position 8)
got=${got%% *}
[ "$read_bytes" = "$raw_bytes" ] ||
  fail disk-io "only $read_bytes of $raw_bytes bytes could be read back from $disk"
[ "$got" = "$wanted" ] || fail wrong-hash "$disk reads back with hash $got, wanted $wanted"
put ok 1
put raw-bytes "$read_bytes"
put raw-sha256 "$got"
