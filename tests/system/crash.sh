#!/usr/bin/env bash
# SPDX-License-Identifier: GPL-2.0
#
# crash.sh load N - a guest writes records to both its disks, a block device of
# dom0's and a file there, and says so when they are on the disk, until the host
# is killed; the Nth time
# crash.sh check - the file systems are as they should be after that, and have all
# records of which the guest had said so
#
# crash.host runs them.
#
# kernels: 6.1 6.12
# cost: boots 2 guests 3 seconds 70

set -euo pipefail
# shellcheck source-path=SCRIPTDIR
. "$(dirname "$0")/lib.sh"

# shellcheck disable=SC2034 # for lib.sh
INITRAMFS=initramfs.cpio
FILES=/mnt
DISKS=(device file)

# Replays the journal, and finds nothing else to do.
recovers() { # recovers DISK COMMAND… - by COMMAND (env), in dom0 or a guest
	local disk=$1 status=0
	shift
	"$@" e2fsck -y -E journal_only "$disk" > "$work/said" || status=$?
	cat "$work/said"
	((status <= 1))
	grep 'recovering journal' "$work/said"
	"$@" e2fsck -fn "$disk"
}

disk_of() { # disk_of NAME - the guest's disk
	case $1 in
	device) echo /dev/nxda ;;
	file) echo /dev/nxdb ;;
	esac
}

start() { # start NAME - a guest with both disks, and what writes the records
	guest_create "$1" "disk = [ 'phy:/dev/disk/by-id/virtio-device,xvda,w',
		'$FILES/disk.img,raw,xvdb,w' ]"
	guest-exec -i "$1" sh -c 'cat > /bin/records; chmod +x /bin/records' \
		< "$SYSTEM/records"
	in_guest "$1" modprobe -a crc32c_generic ext4
	for disk in "${DISKS[@]}"; do
		wait_for "$disk is there" \
			in_guest "$1" test -b "$(disk_of "$disk")"
		in_guest "$1" mkdir -p "/mnt/$disk"
	done
}

mount_disk() { # mount_disk NAME GUEST
	in_guest "$2" mount -t ext4 "$(disk_of "$1")" "/mnt/$1"
}

# Beside the records, a load that has the journal always busy.
load() {
	local command='' disk
	mount -t ext4 /dev/disk/by-id/virtio-host "$FILES"
	start writer > /dev/null
	for disk in "${DISKS[@]}"; do
		mount_disk "$disk" writer
		in_guest writer mkdir "/mnt/$disk/$1"
		command+="records write /mnt/$disk/$1 & fio --name=load \
			--directory=/mnt/$disk --rw=randwrite --bs=4k --size=8m \
			--fsync=8 --time_based --runtime=36000 > /dev/null & "
	done
	exec guest-exec -t 36000 writer sh -c "$command wait"
}

has_records() { # has_records NAME - in all directories of that disk
	local dir last
	grep -q "^/mnt/$1/" /share/last
	while read -r dir last; do
		[[ $dir == "/mnt/$1/"* ]] || continue
		echo "$dir: $last"
		in_guest reader records check "$dir" "$last" < /dev/null
	done < /share/last
}

modprobe -a loop noxs_blkback
# They were there before udevd, which makes links.
udevadm trigger --settle --subsystem-match=block
[[ ${1-} != load ]] || load "$2"

bridge_up
ledger_open
check "the host's own file system recovers" \
	recovers /dev/disk/by-id/virtio-host env
mount -t ext4 /dev/disk/by-id/virtio-host "$FILES"
check "a guest with the disks of the one whose host was killed" start reader
for disk in "${DISKS[@]}"; do
	check "$disk: the journal has all that the file system lacks" \
		recovers "$(disk_of "$disk")" in_guest reader
	check "$disk: the guest mounts it" mount_disk "$disk" reader
	check "$disk: every record is there" has_records "$disk"
done
check "the guest is destroyed" guest_destroy reader
ledger_close
umount "$FILES"
bridge_down
done_testing
