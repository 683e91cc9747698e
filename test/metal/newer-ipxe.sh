#!/bin/sh
# The UEFI loader of a newer Debian's package `ipxe`: it speaks HTTPS and trusts the authorities that the
# firmware trusts, which Debian 12's does not. Fetched and checked by apt with lists of its own.
#
#   newer-ipxe.sh FOLDER
set -eu

folder=$1
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
mkdir -p "$work/lists/partial" "$work/cache/archives/partial"
chmod 755 "$work"
cat >"$work/debian.list" <<END
deb [signed-by=/usr/share/keyrings/debian-archive-keyring.gpg] http://deb.debian.org/debian trixie main
END

newer() {
  apt-get -q -q -o Dir::Etc::SourceList="$work/debian.list" -o Dir::Etc::SourceParts=/dev/null \
    -o Dir::State::Lists="$work/lists" -o Dir::Cache="$work/cache" \
    -o APT::Sandbox::User=root -o APT::Update::Error-Mode=any "$@"
}

newer update
(cd "$work" && newer download ipxe)
dpkg-deb -x "$work"/ipxe_*.deb "$work/unpacked"
cp "$work/unpacked/usr/lib/ipxe/snponly.efi" "$folder/snponly.efi"
