# shellcheck shell=sh
# The end of an image's stream: stdin is the socket, descriptor 9 the disk, past its head.

# shellcheck source=head.sh
. "$HERE/head.sh"

# A pipe tells only how its last part ended; each part leaves its own mark.

{
  case $WRITE_FORMAT in
    raw) "$TEE" "$RUN/hash.pipe" ;;
    zstd) "$TEE" "$RUN/hash.pipe" | zstd -q -d -c ;;
    gzip) "$TEE" "$RUN/hash.pipe" | gunzip -c ;;
    xz) "$TEE" "$RUN/hash.pipe" | xzcat ;;
  esac 2>>"$RUN/log" && : >"$RUN/unpacked"
} | split_head 2>>"$RUN/log" && : >"$RUN/stored"
