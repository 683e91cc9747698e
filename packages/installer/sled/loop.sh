#!/bin/sh
# The installer's life: claim the intent, then ask, do, answer, until told to go down.
# Needs AGENT_HOST, AGENT_PORT, CLAIM_TOKEN and BOOT_MAC in the environment.

: "${HERE:=/brickyard}"
# shellcheck source=paths.sh
. "$HERE/paths.sh"
for part in wire http disk head progress modules efi tools run-verb; do
  # shellcheck source=/dev/null
  . "$HERE/$part.sh"
done

# Without a word from the agent for this long the sled powers off; a person or the agent starts anew.
PATIENCE_SECONDS_MAX=1800

say() {
  echo "brickyard: $*" >&2
  echo "$*" >>"$RUN/log"
}

give_up() {
  say "$1; powering off"
  sleep 2
  poweroff -f
  exit 1
}

# until_answered METHOD PATH BODY OUT: tries until the agent gives any answer; true when it is 2xx.
until_answered() {
  waited=0
  while ! http "$@"; do
    case $(http_status) in
      4??) return 1 ;;
    esac
    [ "$waited" -lt "$PATIENCE_SECONDS_MAX" ] || give_up "no answer from the agent for $waited s"
    sleep 1
    waited=$((waited + 1))
  done
}

claim() {
  {
    put token "$CLAIM_TOKEN"
    put mac "$BOOT_MAC"
    put uuid "$(cat "$SYS/class/dmi/id/product_uuid")"
    put serial "$(cat "$SYS/class/dmi/id/product_serial")"
  } >"$RUN/body" 2>>"$RUN/log"
  until_answered POST /installer/claim "$RUN/body" "$RUN/answer" ||
    give_up "the agent refused the claim: $(field reason "$RUN/answer")"
  field session "$RUN/answer" >"$RUN/session"
  date -u +%s >"$RUN/clock-was"
  field time "$RUN/answer" >"$RUN/clock-set"
  date -u -s "@$(cat "$RUN/clock-set")" >>"$RUN/log" && hwclock -w -u 2>>"$RUN/log"
}

mkdir -p "$RUN"
: >"$RUN/log"
claim
while :; do
  until_answered GET /installer/step '' "$RUN/step" ||
    give_up "the agent has no step for us: $(http_status)"
  if ! lines_are_good "$RUN/step"; then
    say 'the step cannot be read'
    sleep 1
    continue
  fi
  step_id=$(arg id)
  verb=$(arg verb)
  say "step $step_id"
  run_verb
  until_answered POST "/installer/step/$step_id/result" "$RUN/result" "$RUN/answer" ||
    give_up "the agent refused the result of $step_id: $(http_status)"
  grep -q '^ok=1' "$RUN/result" || say "$verb failed: $(field reason "$RUN/result")"
  case $verb in
    reboot) reboot -f ;;
    poweroff) poweroff -f ;;
  esac
done
