# shellcheck shell=sh
# How it went: the clock as found and as set, how long it took, and the log's end.

LOG_BYTES_MAX=8192

put ok 1
put clock-was "$(cat "$RUN/clock-was")"
put clock-set "$(cat "$RUN/clock-set")"
read -r uptime _ <"$PROC/uptime"
put uptime-seconds "${uptime%.*}"
put kernel "$(uname -r)"
put log "$(tail -c "$LOG_BYTES_MAX" "$RUN/log")"
