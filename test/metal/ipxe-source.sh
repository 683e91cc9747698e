#!/bin/sh
# iPXE's source package of a newer Debian, fetched and checked by apt with lists of its own: its files
# in FOLDER, as `built-ipxe.sh` takes them. Ends with 4 where a mirror lists them and has none of them.
#
#   ipxe-source.sh FOLDER
set -eu

folder=$1
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
mkdir -p "$work/lists/partial" "$work/cache/archives/partial"
chmod 755 "$work"
cat >"$work/debian.list" <<END
deb-src [signed-by=/usr/share/keyrings/debian-archive-keyring.gpg] http://deb.debian.org/debian forky main
END

newer() {
  apt-get -q -q -o Dir::Etc::SourceList="$work/debian.list" -o Dir::Etc::SourceParts=/dev/null \
    -o Dir::State::Lists="$work/lists" -o Dir::Cache="$work/cache" \
    -o APT::Sandbox::User=root -o APT::Update::Error-Mode=any "$@"
}

newer update
status=0
(cd "$folder" && newer source --download-only ipxe) 2>"$work/said" || status=$?
if [ "$status" -ne 0 ]; then
  cat "$work/said" >&2
  failed=$(grep -c '^E: Failed to fetch http' "$work/said" || true)
  absent=$(grep -c '^E: Failed to fetch http.* 404 ' "$work/said" || true)
  if [ "$failed" -gt 0 ] && [ "$failed" -eq "$absent" ]; then status=4; fi
fi
exit "$status"
