# shellcheck shell=sh
# Tells the agent every 2 s how far a long verb has come, and ends a stream that stands still.

PROGRESS_SECONDS=2
# An image that has not moved for this long is given up: longer than a switch port takes to return.
STANDSTILL_SECONDS_MAX=45

# progress_start FD TOTAL_BYTES: reports the position of FD until progress_stop.
progress_start() {
  progress_loop "$1" "$2" &
  progress_pid=$!
}

progress_stop() {
  kill "$progress_pid" 2>>"$RUN/log"
  wait "$progress_pid" 2>>"$RUN/log"
}

progress_loop() {
  # Its own files: an exchange of the verb itself may be under way.
  mkdir -p "$RUN/progress"
  outer_run=$RUN
  before=0
  still_seconds=0
  step_id=$(arg id)
  while sleep "$PROGRESS_SECONDS"; do
    bytes=$(position "$1")
    if [ "$bytes" = "$before" ]; then
      still_seconds=$((still_seconds + PROGRESS_SECONDS))
    else
      still_seconds=0
    fi
    before=$bytes
    if [ "$still_seconds" -ge "$STANDSTILL_SECONDS_MAX" ] && [ -s "$outer_run/stream.pid" ]; then
      echo "no byte for $still_seconds s: ending the stream" >>"$outer_run/log"
      kill -- -"$(cat "$outer_run/stream.pid")"
      return 0
    fi
    progress_post "$step_id" "$bytes" "$2"
  done
}

progress_post() {
  (
    RUN=$outer_run/progress
    export RUN
    cp "$outer_run/session" "$RUN/session"
    {
      put percent "$((${3:-0} > 0 ? $2 * 100 / $3 : 0))"
      put bytes "$2"
    } >"$RUN/body"
    http POST "/installer/step/$1/progress" "$RUN/body" "$RUN/answer"
  )
}
