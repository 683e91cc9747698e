# shellcheck shell=sh
# The agent has nothing to do yet.
sleep "$(arg seconds)"
put ok 1
