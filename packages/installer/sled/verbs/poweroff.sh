# shellcheck shell=sh
# Only says yes: the loop powers the sled off once the agent has the answer.
put ok 1
