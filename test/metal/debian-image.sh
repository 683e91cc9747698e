#!/bin/sh
# Builds a small but real Debian disk: systemd, its own cloud-init, bootable by BIOS and UEFI.
# usage: debian-image.sh OUT_FOLDER [bonds]   (leaves disk.raw and disk.zst there). Needs root.
# With `bonds` it can make bonds and VLANs: their drivers, and netplan, since cloud-init alone cannot.
# GRUB and the FAT tools run inside the new root and are taken out again before it is packed, so
# that this machine needs mmdebstrap, sgdisk, mke2fs and zstd only.
set -eu

out=$1
kind=${2:-plain}
work=$(mktemp -d "$out/image-XXXXXX")
trap 'rm -rf "$work"' EXIT
root=$work/root
ESP_MIB=16
label=brickyard-root

cat >"$work/setup.sh" <<'SETUP'
set -eu
root=$1
# The drivers of the rig's disks and NICs; everything would make each boot slower.
printf '%s\n' ahci sd_mod nvme virtio_blk virtio_pci ext4 crc32c >>"$root/etc/initramfs-tools/modules"
sed -i 's/^MODULES=.*/MODULES=list/; s/^COMPRESS=.*/COMPRESS=zstd/' \
  "$root/etc/initramfs-tools/initramfs.conf"
chroot "$root" update-initramfs -u -k all
echo 'LABEL=brickyard-root / ext4 errors=remount-ro 0 1' >"$root/etc/fstab"
# Cloud-init runs four times at a first boot; under emulation each module it need not look at counts.
cat >"$root/etc/cloud/cloud.cfg.d/90-brickyard.cfg" <<'CLOUD'
datasource_list: [ NoCloud, None ]
cloud_init_modules: [ write-files, growpart, resizefs, set_hostname, users-groups, ssh ]
cloud_config_modules: [ runcmd ]
cloud_final_modules: [ scripts-user, phone-home ]
CLOUD
chroot "$root" systemctl enable systemd-networkd serial-getty@ttyS0
chroot "$root" systemctl mask apt-daily.timer apt-daily-upgrade.timer man-db.timer e2scrub_all.timer \
  fstrim.timer dpkg-db-backup.timer e2scrub_reap.service systemd-timesyncd.service
rm -f "$root/etc/machine-id"; : >"$root/etc/machine-id"
mkdir -p "$root/boot/grub"
cat >"$root/boot/grub/grub.cfg" <<'GRUB'
linux /vmlinuz root=LABEL=brickyard-root ro console=ttyS0 quiet
initrd /initrd.img
boot
GRUB
cat >"$root/tmp/embedded.cfg" <<'GRUB'
search --no-floppy --label --set=root brickyard-root
set prefix=($root)/boot/grub
configfile /boot/grub/grub.cfg
GRUB
common='part_gpt ext2 search search_label configfile normal linux echo test boot'
chroot "$root" grub-mkimage -O i386-pc -c /tmp/embedded.cfg -p /boot/grub -o /tmp/core.img \
  biosdisk $common
# By UEFI the signed chain, which runs with Secure Boot and without: Debian's GRUB looks here.
cat >"$root/tmp/esp.cfg" <<'GRUB'
search --no-floppy --label --set=root brickyard-root
configfile /boot/grub/grub.cfg
GRUB
cp "$root/usr/lib/grub/i386-pc/boot.img" "$root/tmp/boot.img"
chroot "$root" sh -c '
  truncate -s 16M /tmp/esp.img
  mkfs.vfat -n ESP /tmp/esp.img
  mmd -i /tmp/esp.img ::EFI ::EFI/BOOT ::EFI/debian
  mcopy -i /tmp/esp.img /usr/lib/shim/shimx64.efi.signed ::EFI/BOOT/BOOTX64.EFI
  mcopy -i /tmp/esp.img /usr/lib/grub/x86_64-efi-signed/grubx64.efi.signed ::EFI/BOOT/grubx64.efi
  mcopy -i /tmp/esp.img /tmp/esp.cfg ::EFI/debian/grub.cfg'
mv "$root/tmp/esp.img" "$root/tmp/core.img" "$root/tmp/boot.img" "$2"
# By name: mmdebstrap keeps its own apt configuration in there, and without it would clean the lists
# of this machine in place of the new root's.
rm -f "$root/tmp/esp.cfg" "$root/tmp/embedded.cfg"
chroot "$root" env DEBIAN_FRONTEND=noninteractive \
  apt-get purge -y -q --auto-remove --allow-remove-essential grub-common grub-pc-bin grub-efi-amd64-signed shim-signed \
  mtools dosfstools
SETUP

include=systemd,systemd-sysv,udev,dbus,kmod,cloud-init,cloud-guest-utils,fdisk,e2fsprogs
include=$include,linux-image-amd64,initramfs-tools,zstd,iproute2,ca-certificates
include=$include,grub-common,grub-pc-bin,grub-efi-amd64-signed,shim-signed,mtools,dosfstools
# Of the kernel's drivers only those the rig's disks and NICs need: each MB is written and read back.
set -f
modules='/lib/modules/*/kernel'
options=
for part in drivers fs net sound; do
  options="$options --dpkgopt=path-exclude=$modules/$part/*"
done
for part in drivers/ata/ahci.ko drivers/ata/libahci.ko drivers/ata/libata.ko drivers/nvme/* \
  drivers/virtio/* drivers/block/virtio_blk.ko drivers/net/virtio_net.ko \
  drivers/net/net_failover.ko net/core/failover.ko drivers/scsi/scsi_mod.ko \
  drivers/scsi/scsi_common.ko drivers/scsi/sd_mod.ko fs/ext4/* fs/jbd2/* fs/mbcache.ko fs/fat/* \
  fs/nls/*; do
  options="$options --dpkgopt=path-include=$modules/$part"
done
if [ "$kind" = bonds ]; then
  include=$include,netplan.io
  for part in drivers/net/bonding/* net/tls/* net/8021q/* net/802/* net/llc/*; do
    options="$options --dpkgopt=path-include=$modules/$part"
  done
fi
for path in /usr/share/man/* /usr/share/locale/* /usr/share/doc/* \
  /usr/share/i18n/* /usr/lib/udev/hwdb.d/*; do
  options="$options --dpkgopt=path-exclude=$path"
done
# shellcheck disable=SC2086 # a list of options
mmdebstrap --quiet --variant=minbase --mode=root --include="$include" $options \
  --customize-hook="sh '$work/setup.sh' \"\$1\" '$work'" \
  bookworm "$root" ${BRICKYARD_DEBIAN_MIRROR:+"$BRICKYARD_DEBIAN_MIRROR"}
set +f
rm -rf "$root"/var/lib/apt/lists/* "$root"/var/cache/* "$root"/usr/lib/udev/hwdb.bin \
  "$root"/usr/lib/x86_64-linux-gnu/gconv

used_kib=$(du -sk "$root" | cut -f1)
root_mib=$((used_kib * 107 / 100 / 1024 + 24))
total_mib=$((1 + 1 + ESP_MIB + root_mib + 1))
truncate -s "${root_mib}M" "$work/root.img"
mke2fs -q -t ext4 -L "$label" -d "$root" -m 0 -J size=8 -E no_copy_xattrs,lazy_itable_init=0 "$work/root.img"

disk=$work/disk.raw
truncate -s "${total_mib}M" "$disk"
sgdisk -a 2048 -n 1:1M:+1M -t 1:ef02 -n "2:2M:+${ESP_MIB}M" -t 2:ef00 \
  -n "3:$((2 + ESP_MIB))M:+$((root_mib))M" -t 3:8300 "$disk" >/dev/null
dd if="$work/esp.img" of="$disk" bs=1M seek=2 conv=notrunc status=none
dd if="$work/root.img" of="$disk" bs=1M seek=$((2 + ESP_MIB)) conv=notrunc,sparse status=none
# What grub-bios-setup would do: boot code to the first sector, pointing at the core in partition 1
# (LBA 2048), whose own first sector points at the next one.
le64() { printf '%b' "\\0$(printf %03o $(($1 & 255)))\\0$(printf %03o $(($1 >> 8 & 255)))\\0000\\0000\\0000\\0000\\0000\\0000"; }
dd if="$work/boot.img" of="$disk" bs=440 count=1 conv=notrunc status=none
le64 2048 | dd of="$disk" bs=1 seek=$((0x5c)) conv=notrunc status=none
le64 2049 | dd of="$work/core.img" bs=1 seek=$((0x1f4)) conv=notrunc status=none
dd if="$work/core.img" of="$disk" bs=512 seek=2048 conv=notrunc status=none

zstd -q -10 -T0 -f "$disk" -o "$out/disk.zst"
mv "$disk" "$out/disk.raw"
