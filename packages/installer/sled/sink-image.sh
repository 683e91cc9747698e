# shellcheck shell=sh
# The end of an image's stream: stdin is the socket, descriptor 9 the disk.

case $WRITE_FORMAT in
  raw) "$TEE" "$RUN/hash.pipe" >&9 ;;
  zstd) "$TEE" "$RUN/hash.pipe" | zstd -q -d -c >&9 ;;
  gzip) "$TEE" "$RUN/hash.pipe" | gunzip -c >&9 ;;
  xz) "$TEE" "$RUN/hash.pipe" | xzcat >&9 ;;
esac 2>>"$RUN/log" && : >"$RUN/unpacked"
