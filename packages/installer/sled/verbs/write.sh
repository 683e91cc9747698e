# shellcheck shell=sh
# Streams the image from the agent to the disk: hashed as it arrives, decompressed, never stored. Its
# head is held back (head.sh).

# shellcheck disable=SC2154 # disk, target and disk_length are set by take_disk

take_disk
image=$(arg image)
image_bytes=$(arg image-bytes)
raw_bytes=$(arg raw-bytes)
WRITE_FORMAT=$(arg format)
export WRITE_FORMAT

case $WRITE_FORMAT in
  raw | zstd | gzip | xz) ;;
  *) fail unsupported "there is no reader for the format '$WRITE_FORMAT'" ;;
esac
[ "$raw_bytes" -le "$disk_length" ] ||
  fail image-too-big "the image has $raw_bytes bytes, $disk has $disk_length"

rm -f "$RUN/hash.pipe" "$RUN/hash" "$RUN/received" "$RUN/unpacked" "$RUN/stored" "$RUN/head"
zero 0 "$HEAD_MIB" || fail disk-io "cannot overwrite the head of $disk"
mkfifo "$RUN/hash.pipe"
# The children share this descriptor's position: it tells the progress and, in the end, the length.
exec 9<>"$target"
seek_past_head 9
progress_start 9 "$raw_bytes"
# Held open here, so that the hash sees the end of its pipe when we say so, even if no byte came.
exec 7<>"$RUN/hash.pipe"
"$DD" bs=64k <"$RUN/hash.pipe" 2>"$RUN/received" 7>&- | "$SHA256SUM" >"$RUN/hash" 7>&- &
hash_pid=$!
http_stream "/installer/image/$image" "$HERE/sink-image.sh"
arrived=$?
progress_stop
exec 7>&-
wait "$hash_pid"
written_bytes=$(($(position 9) - HEAD_BYTES + $(held_bytes)))
exec 9>&-
sync

received_bytes=$(sed -n 's/^\([0-9]*\) bytes.*/\1/p' "$RUN/received")
read -r got_sha256 _ <"$RUN/hash"
if [ "$arrived" -ne 0 ]; then
  fail download "the agent answered $(http_status) for image $image"
fi
if [ "$received_bytes" != "$image_bytes" ]; then
  fail download "the image broke off: $received_bytes of $image_bytes bytes came"
fi
if [ "$got_sha256" != "$image" ]; then
  fail wrong-hash "the image arrived with hash $got_sha256, wanted $image"
fi
if [ ! -e "$RUN/unpacked" ] || [ ! -e "$RUN/stored" ]; then
  fail disk-io "the image could not be unpacked to $disk: $(tail -n 3 "$RUN/log")"
fi
if [ "$written_bytes" != "$raw_bytes" ]; then
  fail wrong-hash "the image is $written_bytes bytes long, wanted $raw_bytes"
fi
put ok 1
put bytes "$received_bytes"
put sha256 "$got_sha256"
put raw-bytes "$written_bytes"
