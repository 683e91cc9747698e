# shellcheck shell=sh
# Programs that only rare verbs need are not in the initrd, which every boot loads. The agent is asked
# for them when such a verb runs. They are taken with the hash that was built into the initrd and no
# other: whoever trusts the initrd can trust them.

# take_tools: puts the tools in their places, once a boot, or fails the verb.
take_tools() {
  [ ! -e "$RUN/tools-taken" ] || return 0
  http GET /installer/tools '' "$RUN/tools" ||
    fail download "the agent answered $(http_status) for the installer's tools"
  read -r wanted <"$TOOLS_SHA256"
  got=$("$SHA256SUM" <"$RUN/tools")
  got=${got%% *}
  [ "$got" = "$wanted" ] ||
    fail wrong-hash "the installer's tools arrived with hash $got, wanted $wanted"
  zstd -q -d -c <"$RUN/tools" 2>>"$RUN/log" | (cd "$TOOLS_ROOT" && cpio -i -d -u 2>>"$RUN/log") ||
    fail unsupported "the installer's tools cannot be unpacked: $(tail -n 1 "$RUN/log")"
  rm "$RUN/tools"
  : >"$RUN/tools-taken"
}
