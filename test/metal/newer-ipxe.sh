#!/bin/sh
# One loader of the package `ipxe` of a newer Debian: of trixie, snponly.efi for x64, which speaks HTTPS and
# trusts the authorities that the firmware trusts; of forky, ipxe-arm64.efi. Debian 12's does neither.
# Fetched and checked by apt with lists of its own.
#
#   newer-ipxe.sh RELEASE LOADER FOLDER
set -eu

release=$1
loader=$2
folder=$3
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
mkdir -p "$work/lists/partial" "$work/cache/archives/partial"
chmod 755 "$work"
cat >"$work/debian.list" <<END
deb [signed-by=/usr/share/keyrings/debian-archive-keyring.gpg] http://deb.debian.org/debian $release main
END

newer() {
  apt-get -q -q -o Dir::Etc::SourceList="$work/debian.list" -o Dir::Etc::SourceParts=/dev/null \
    -o Dir::State::Lists="$work/lists" -o Dir::Cache="$work/cache" \
    -o APT::Sandbox::User=root -o APT::Update::Error-Mode=any "$@"
}

newer update
(cd "$work" && newer download ipxe)
dpkg-deb -x "$work"/ipxe_*.deb "$work/unpacked"
cp "$work/unpacked/usr/lib/ipxe/$loader" "$folder/$loader"
