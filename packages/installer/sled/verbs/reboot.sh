# shellcheck shell=sh
# Only says yes: the loop restarts the sled once the agent has the answer.
put ok 1
