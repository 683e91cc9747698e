#!/bin/sh
# iPXE with `imgtrust`, `imgverify` and HTTPS that trusts one authority alone: FOLDER/authority.pem, built
# into FOLDER/snponly.efi (UEFI), undionly.kpxe (BIOS) and virtio-net.rom (a NIC's own, for BIOS).
# SOURCE holds an unpacked release of iPXE, or the files of Debian's source package.
# Needs Debian's packages gcc libc6-dev liblzma-dev make openssl perl; dpkg-dev for a source package.
#
#   built-ipxe.sh SOURCE FOLDER
set -eu

source=$1
folder=$(realpath "$2")
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT

if [ -e "$source/src/Makefile" ]; then
  mkdir "$work/ipxe"
  cp -r "$source/src" "$work/ipxe/src"
else
  dpkg-source -q --no-check -x "$source"/*.dsc "$work/ipxe"
fi

cd "$work/ipxe/src"
cat >config/local/general.h <<END
#define DOWNLOAD_PROTO_HTTPS
#define IMAGE_TRUST_CMD
END
# The authority twice: TRUST takes its fingerprint alone, and what nobody sends along is found in CERT.
# A compiler newer than the source warns of more.
if ! make -j "$(nproc)" NO_WERROR=1 EXTRAVERSION=+imgtrust \
  TRUST="$folder/authority.pem" CERT="$folder/authority.pem" \
  bin-x86_64-efi/snponly.efi bin/undionly.kpxe bin/1af41000.rom >"$work/log" 2>&1; then
  tail -n 40 "$work/log" >&2
  exit 1
fi
cp bin-x86_64-efi/snponly.efi bin/undionly.kpxe "$folder"
cp bin/1af41000.rom "$folder/virtio-net.rom"
