# shellcheck shell=sh
# Moves the backup partition table to the disk's end and adds a FAT partition with the NoCloud seed
# behind everything, so that the root partition can still grow up to it.

# shellcheck disable=SC2153,SC2154 # set by take_disk and head.sh

SEED_MIB=8

take_disk
label=$(arg label)
files=$(arg files)
node=$(readlink -f "$target")
# Partitions of nvme0n1 or loop0 are called …p1, of sda …1.
case $node in
  *[0-9]) stem=${node}p ;;
  *) stem=$node ;;
esac

# The head is on the disk only while its partition table changes.
was_held=$(held_bytes)
[ "$was_held" -eq 0 ] || trap 'zero 0 "$HEAD_MIB"' EXIT
land_head
table=$(sfdisk --dump "$node" 2>>"$RUN/log") ||
  fail unsupported "$disk has no partition table to add the seed to"
case $table in
  *'label: gpt'*)
    type=EBD0A0A2-B9E5-4433-87C0-68B6B72699C7
    sfdisk -q --relocate gpt-bak-std "$node" >>"$RUN/log" 2>&1 ||
      fail disk-io "cannot move the backup partition table of $disk to its end"
    ;;
  *) type=c ;;
esac

# number_at SECTOR: the number of the partition that starts there.
number_at() {
  sfdisk --dump "$node" 2>>"$RUN/log" |
    sed -n "s|^$stem\([0-9]*\) : start= *$1,.*|\1|p"
}

# 1 MiB is left free at the end: the backup table needs 33 sectors.
sector_bytes=512
[ ! -b "$node" ] || sector_bytes=$(blockdev --getss "$node")
sectors_mib=$((1048576 / sector_bytes))
start=$(((disk_length / 1048576 - SEED_MIB - 1) * sectors_mib))
number=$(number_at "$start")
if [ -z "$number" ]; then
  echo "start=$start, size=$((SEED_MIB * sectors_mib)), type=$type" |
    sfdisk -q --append "$node" >>"$RUN/log" 2>&1 ||
    fail disk-io "cannot add a partition to $disk: $(tail -n 2 "$RUN/log")"
  number=$(number_at "$start")
fi
partition=$stem$number
for _ in 1 2 3 4 5; do
  [ -b "$partition" ] && break
  blockdev --rereadpt "$node" 2>>"$RUN/log"
  sleep 1
done
[ -b "$partition" ] || fail disk-io "the seed's partition $number of $disk does not show up"

[ "$was_held" -eq 0 ] || hold_head
trap - EXIT

# The kernel asks for the character sets by a modprobe that is not here.
for module in nls_cp437 nls_ascii vfat; do load_module "$module"; done
mkdosfs -n "$label" "$partition" >>"$RUN/log" 2>&1 || fail disk-io "cannot format $partition"
mkdir -p "$RUN/seed"
# Left over where an earlier try of this step broke off.
umount "$RUN/seed" 2>>"$RUN/log"
mount -t vfat "$partition" "$RUN/seed" 2>>"$RUN/log" ||
  fail disk-io "cannot mount $partition: $(tail -n 1 "$RUN/log")"
count=0
for file in $files; do
  # By way of memory: the watcher that busybox's timeout leaves for a second holds the file open.
  if ! http GET "/installer/seed/$file" '' "$RUN/seed-file"; then
    umount "$RUN/seed"
    fail download "the agent answered $(http_status) for the seed's $file"
  fi
  cp "$RUN/seed-file" "$RUN/seed/$file" || fail disk-io "cannot write $file to $partition"
  count=$((count + 1))
done
umount "$RUN/seed" || fail disk-io "cannot finish writing $partition"
sync
put ok 1
put label "$label"
put partition "$number"
put files "$count"
