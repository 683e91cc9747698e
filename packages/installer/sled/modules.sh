# shellcheck shell=sh
# Loads kernel modules by name or by the devices present. The tables come from the build:
# module_for (an alias to a module) and module_needs (what must be loaded before it).

MODULES=${MODULES:-/lib/brickyard-modules}
# shellcheck source=/dev/null
[ ! -r "$MODULES/tables.sh" ] || . "$MODULES/tables.sh"
loaded=' '

load_module() {
  case $loaded in *" $1 "*) return 0 ;; esac
  [ -r "$MODULES/tables.sh" ] || return 0
  for one in $(module_needs "$1") "$1"; do
    case $loaded in
      *" $one "*) ;;
      *)
        insmod "$MODULES/$one.ko" 2>>"$RUN/log"
        loaded="$loaded$one "
        ;;
    esac
  done
}

# load_for_devices: drivers of what is on the buses; twice, because virtio_pci and the disk
# controllers bring buses of their own.
load_for_devices() {
  for _ in 1 2; do
    for place in "$SYS"/bus/*/devices/*/modalias; do
      [ -r "$place" ] || continue
      IFS= read -r alias <"$place"
      module=$(module_for "$alias")
      [ -z "$module" ] || load_module "$module"
    done
  done
}
