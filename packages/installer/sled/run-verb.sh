# shellcheck shell=sh
# Runs the verb of the step in $RUN/step and leaves its result in $RUN/result.

run_verb() {
  verb=$(arg verb)
  script=$HERE/verbs/$verb.sh
  (
    case $verb in
      '' | *[!a-z-]*) fail bad-step "'$verb' is no verb" ;;
    esac
    [ -r "$script" ] || fail bad-step "there is no verb '$verb'"
    # shellcheck source=/dev/null
    . "$script"
  ) >"$RUN/result" 2>>"$RUN/log"
  # A verb that died half way through says nothing; the agent must hear that all the same.
  if ! grep -q '^ok=' "$RUN/result"; then
    put ok 0 >"$RUN/result"
    put fault bad-step >>"$RUN/result"
    put reason "$verb ended without a result: $(tail -n 3 "$RUN/log")" >>"$RUN/result"
  fi
}
