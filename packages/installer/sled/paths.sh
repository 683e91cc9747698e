# shellcheck shell=sh
# Where things are. Tests set these to a folder of their own; on a sled the defaults hold.

SYS=${SYS:-/sys}
PROC=${PROC:-/proc}
# Put before the device paths of a step.
DISK_ROOT=${DISK_ROOT:-}
# Session, answers of the agent, log: in memory.
RUN=${RUN:-/run/brickyard}
HERE=${HERE:-/brickyard}
# Full paths, because busybox's shell prefers its own applets of the same name: slower, and its dd
# does not tell how many bytes went through.
TEE=${TEE:-/usr/bin/tee}
CMP=${CMP:-/usr/bin/cmp}
DD=${DD:-/bin/dd}
SHA256SUM=${SHA256SUM:-/usr/bin/sha256sum}
# Where tools go that come later, and the hash that they must have.
TOOLS_ROOT=${TOOLS_ROOT:-/}
TOOLS_SHA256=${TOOLS_SHA256:-$HERE/tools.sha256}
export TOOLS_ROOT TOOLS_SHA256 SYS PROC DISK_ROOT RUN HERE TEE CMP DD SHA256SUM
