# shellcheck shell=sh
# UEFI variables, where the sled booted by UEFI.

# open_efivars: sets `efivars` to the folder of the variables; false when there is no access to them.
open_efivars() {
  [ -d "$SYS/firmware/efi" ] || return 1
  efivars=$SYS/firmware/efi/efivars
  [ -n "$(ls "$efivars" 2>>"$RUN/log")" ] && return 0
  load_module efivarfs
  mount -t efivarfs efivarfs "$efivars" 2>>"$RUN/log"
}

# secure_boot: on, off, or unknown. The variable is four bytes of attributes and one of value (UEFI
# 2.10 §3.3); firmware without it knows no Secure Boot.
secure_boot() {
  [ -d "$SYS/firmware/efi" ] || {
    echo off
    return
  }
  open_efivars || {
    echo unknown
    return
  }
  variable=$efivars/SecureBoot-8be4df61-93ca-11d2-aa0d-00e098032b8c
  [ -e "$variable" ] || {
    echo off
    return
  }
  # From its beginning: the kernel lets nobody seek in a variable, and busybox's od skips by seeking.
  # shellcheck disable=SC2046 # five numbers, one parameter each
  set -- $(od -An -tu1 -N5 "$variable" 2>>"$RUN/log")
  case ${5-} in
    1) echo on ;;
    0) echo off ;;
    *) echo unknown ;;
  esac
}
