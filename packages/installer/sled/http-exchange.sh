#!/bin/sh
# One HTTP exchange: stdin and stdout are the socket. The body of a good answer goes to the script
# $HTTP_SINK where there is one, else to descriptor 3.

carriage_return=$(printf '\r')
echo $$ >"$RUN/stream.pid"

printf '%s %s HTTP/1.0\r\nHost: %s:%s\r\n' "$HTTP_METHOD" "$HTTP_PATH" "$AGENT_HOST" "$AGENT_PORT"
if [ -s "$RUN/session" ]; then
  read -r session <"$RUN/session"
  printf 'Authorization: Bearer %s\r\n' "$session"
fi
if [ "$HTTP_METHOD" = POST ]; then
  printf 'Content-Type: text/plain\r\nContent-Length: %s\r\n\r\n' "$(stat -c %s "$HTTP_BODY")"
  cat "$HTTP_BODY"
else
  printf '\r\n'
fi

read -r _ status _ || exit 1
while IFS= read -r header; do
  [ "${header%"$carriage_return"}" = '' ] && break
done
echo "$status" >"$RUN/status"

case $status in
  2??)
    # shellcheck source=/dev/null
    if [ -n "$HTTP_SINK" ]; then . "$HTTP_SINK"; else cat >&3; fi
    ;;
  4??) cat >&3 ;;
esac
