# shellcheck shell=sh
# The installer wire's bodies: key=value lines, with % and control characters written %XX.

# lines_are_good FILE: false when a line is no key=value, has a bare % or repeats a key.
lines_are_good() {
  awk '
    { sub(/\r$/, "") }
    $0 == "" { next }
    !/^[a-z0-9][a-z0-9.-]*=/ { exit 1 }
    { key = substr($0, 1, index($0, "=")); value = substr($0, length(key) + 1) }
    key in seen { exit 1 }
    { seen[key] = 1; gsub(/%[0-9A-Fa-f][0-9A-Fa-f]/, "", value) }
    value ~ /%/ { exit 1 }
  ' "$1"
}

# field KEY FILE: the value, decoded; nothing when it is not there.
field() {
  while IFS= read -r line || [ -n "$line" ]; do
    case $line in
      "$1="*)
        decode "${line#*=}"
        return 0
        ;;
    esac
  done <"$2"
}

# arg KEY: a value of the step at hand.
arg() {
  field "$1" "$RUN/step"
}

decode() {
  decoded=${1%"$CARRIAGE_RETURN"}
  case $decoded in
    *%*)
      decoded=$(printf '%s' "$decoded" | sed 's/\\/\\\\/g; s/%\([0-9A-Fa-f][0-9A-Fa-f]\)/\\x\1/g')
      printf '%b' "$decoded"
      ;;
    *) printf '%s' "$decoded" ;;
  esac
}
CARRIAGE_RETURN=$(printf '\r')

# put KEY VALUE: writes one line to stdout.
put() {
  case $2 in
    *[%[:cntrl:]]*)
      printf '%s=' "$1"
      printf '%s' "$2" | tr -d '\001-\010\013-\037\177' |
        sed -e ':a' -e 'N' -e '$!ba' -e 's/%/%25/g; s/\t/%09/g; s/\n/%0A/g'
      printf '\n'
      ;;
    *) printf '%s=%s\n' "$1" "$2" ;;
  esac
}

# fail FAULT REASON: ends a verb; its other lines, if it wrote any, stay as data.
fail() {
  put ok 0
  put fault "$1"
  put reason "$2"
  exit 0
}
