# shellcheck shell=sh
# HTTP to the agent by busybox nc: its -e hands the socket itself to the program that uses the
# bytes, so an image crosses no pump process, and the secret is never an argument of a process.

# Longest wait for an answer other than an image.
HTTP_SECONDS_MAX=30

# http METHOD PATH BODY_FILE|'' OUT_FILE: true when the agent answered 2xx. The status is in
# $RUN/status, 000 when there was no answer.
http() {
  rm -f "$RUN/status"
  (
    HTTP_METHOD=$1 HTTP_PATH=$2 HTTP_BODY=$3 HTTP_SINK=
    export HTTP_METHOD HTTP_PATH HTTP_BODY HTTP_SINK
    exec timeout "$HTTP_SECONDS_MAX" nc "$AGENT_HOST" "$AGENT_PORT" -e sh "$HERE/http-exchange.sh"
  ) 3>"$4" 2>>"$RUN/log"
  http_good
}

# http_stream PATH SINK: hands the body of a GET to the script SINK as its stdin. It runs as a
# session of its own, whose id is in $RUN/stream.pid, so that a stalled stream can be ended whole.
http_stream() {
  rm -f "$RUN/status"
  (
    HTTP_METHOD=GET HTTP_PATH=$1 HTTP_BODY='' HTTP_SINK=$2
    export HTTP_METHOD HTTP_PATH HTTP_BODY HTTP_SINK
    exec setsid nc "$AGENT_HOST" "$AGENT_PORT" -e sh "$HERE/http-exchange.sh"
  ) 2>>"$RUN/log"
  http_good
}

http_status() {
  status=000
  [ -s "$RUN/status" ] && read -r status <"$RUN/status"
  printf '%s' "$status"
}

http_good() {
  case $(http_status) in
    2??) return 0 ;;
    *) return 1 ;;
  esac
}
