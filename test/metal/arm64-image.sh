#!/bin/sh
# Lays an arm64 disk: one EFI system partition with Debian's signed GRUB, a kernel and an initrd.
# usage: arm64-image.sh GRUB KERNEL INITRD OUT_FOLDER   (leaves disk.raw and disk.zst there)
set -eu

grub=$1 kernel=$2 initrd=$3 out=$4
ESP_MIB=64
esp=$out/esp.img
truncate -s "${ESP_MIB}M" "$esp"
mkfs.vfat -n ESP "$esp" >/dev/null
cat >"$out/grub.cfg" <<'GRUB'
linux /vmlinuz console=ttyAMA0 quiet
initrd /initrd.img
boot
GRUB
mmd -i "$esp" ::EFI ::EFI/BOOT ::EFI/debian
mcopy -i "$esp" "$grub" ::EFI/BOOT/BOOTAA64.EFI
mcopy -i "$esp" "$out/grub.cfg" ::EFI/debian/grub.cfg
mcopy -i "$esp" "$kernel" ::vmlinuz
mcopy -i "$esp" "$initrd" ::initrd.img

disk=$out/disk.raw
truncate -s "$((ESP_MIB + 2))M" "$disk"
sgdisk -a 2048 -n "1:1M:+${ESP_MIB}M" -t 1:ef00 "$disk" >/dev/null
dd if="$esp" of="$disk" bs=1M seek=1 conv=notrunc status=none
rm "$esp" "$out/grub.cfg"
zstd -q -3 -T0 -f "$disk" -o "$out/disk.zst"
