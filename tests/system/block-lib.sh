# shellcheck shell=bash disable=SC2154,SC2016 # $work is of lib.sh; guests expand
# SPDX-License-Identifier: GPL-2.0
#
# What tests of block devices share: disks in dom0, the guests' view of them, and
# reading and writing that checks every byte. After lib.sh.

# shellcheck disable=SC2034 # for lib.sh
INITRAMFS=initramfs.cpio
# Megabytes
DISK_SIZE=64
# /tmp is dom0's memory.
IMAGES=/var/tmp

config=/sys/kernel/config
disks_init() {
	modprobe noxs_blkback
	modprobe loop
	modprobe null_blk nr_devices=0
	mountpoint -q $config || mount -t configfs configfs $config
}

# memory_disk NAME [ATTRIBUTE=VALUE…] - make a disk in dom0's memory, with a
# write cache, FUA and discard, and set $disk to its path
memory_disk() {
	local name=$1 dir=$config/nullb/$1 set
	shift
	mkdir "$dir"
	for set in size="$DISK_SIZE" memory_backed=1 discard=1 cache_size=4 \
		blocksize=512 queue_mode=2 completion_nsec=0 "$@"; do
		echo "${set#*=}" > "$dir/${set%%=*}"
	done
	echo 1 > "$dir/power"
	# Newer kernels call it by its directory's name.
	disk=/dev/nullb$(cat "$dir/index")
	[[ ! -e /sys/block/$name ]] || disk=/dev/$name
	wait_for "$disk is there" test -b "$disk"
}

memory_disk_del() { # memory_disk_del NAME…
	local name
	for name; do
		rmdir "$config/nullb/$name"
	done
}

# file_disk NAME [OPTION…] - make a disk that is a file, by a loop device, and
# set $disk to its path
file_disk() {
	local name=$1
	shift
	truncate -s "${DISK_SIZE}M" "$IMAGES/$name.img"
	disk=$(losetup --show -f "$@" "$IMAGES/$name.img")
}

# vbd_is GUEST ID STATE - whether both ends of a vbd are in a state
vbd_is() {
	local got
	got=$(chaos vbd list -j "$1" | jq -r --argjson id "$2" \
		'.[] | select(.id == $id) | .backend_state + " " + .frontend_state')
	[[ $got == "$3 $3" ]]
}

vbd_connected() { # vbd_connected GUEST ID
	wait_for "vbd $2 of $1 is connected" vbd_is "$1" "$2" Connected
}

letter_of() { # letter_of ID - of disk number ID, the first 26
	local letters=abcdefghijklmnopqrstuvwxyz
	printf %s "${letters:$1:1}"
}

letters_of() { # letters_of ID - of disk number ID, of any: a to z, aa to zz
	if (($1 >= 26)); then
		letters_of $(($1 / 26 - 1))
	fi
	letter_of $(($1 % 26))
}

# disk_add GUEST ID PATH [MODE] - give a guest a disk, and wait until it has it
disk_add() {
	local name
	name=nxd$(letter_of "$2")
	chaos vbd add "$1" "phy:$3,$name,${4:-w}" > /dev/null
	vbd_connected "$1" "$2"
	wait_for "$1 has $name" in_guest "$1" test -b "/dev/$name"
}

disk_del() { # disk_del GUEST ID [-F]
	chaos vbd del "${@:3}" "$1" "$2" > /dev/null
}

# backend_of GUEST ID - the backend's directory in sysfs
backend_of() {
	echo "/sys/bus/noxs-backend/devices/vbd-$(domid_of "$1")-$2"
}

# vbd_stat GUEST ID NAME - one of the backend's counters
vbd_stat() {
	cat "$(backend_of "$1" "$2")/statistics/$3"
}

# verified GUEST DISK OPTION… - let fio write, and verify what it wrote
verified() {
	local guest=$1 disk=$2
	shift 2
	in_guest "$guest" fio --name=verified --filename="/dev/$disk" \
		--direct=1 --ioengine=libaio --verify=crc32c --do_verify=1 \
		--verify_fatal=1 --minimal "$@" \
		> "$work/fio" 2>&1 || {
		cat "$work/fio"
		return 1
	}
}

# load_start GUEST DISK [MIB [OPTION…]] - write, read and verify the first 24 or so
# many MiB until load_stop, or until an error of I/O ends it
#
# Eight threads, each with a part of its own, as only fio's synchronous engines
# take a read at the end of a disk for an error: others verify what was in memory
# before, and a disk that is removed ends at 0. Each thinks for a while after each
# request: some are always on their way, and the emulated processor has time for the rest.
load_start() {
	local guest=$1 disk=$2 part=$((${3:-24} * 128))k
	shift $(($# > 2 ? 3 : 2))
	in_guest "$guest" sh -c "fio --name=load --filename=/dev/$disk --direct=1 \
		--ioengine=psync --thread --numjobs=8 --exitall_on_error \
		--rw=randrw --bs=16k --size=$part --offset_increment=$part \
		--time_based --runtime=3600 --verify=crc32c --verify_fatal=1 \
		--verify_backlog=64 --thinktime=40000 $* > /tmp/load.out 2>&1 &
		echo \$! > /tmp/load.pid"
	wait_for "there is I/O" io_goes_on "$guest" "$disk"
}

# io_goes_on GUEST DISK - whether I/O is completed
io_goes_on() {
	local before
	before=$(io_count "$1" "$2") || return 1
	sleep 0.2
	[[ $(io_count "$1" "$2") != "$before" ]]
}

# Requests completed so far, in the guest.
io_count() {
	in_guest "$1" awk '{ print $1 + $5 }' "/sys/block/$2/stat"
}

load_is_alive() { # load_is_alive GUEST
	in_guest "$1" sh -c 'kill -0 $(cat /tmp/load.pid)'
}

load_has_ended() { # load_has_ended GUEST
	in_guest "$1" sh -c '! kill -0 $(cat /tmp/load.pid)'
}

data_were_right() { # data_were_right GUEST
	in_guest "$1" sh -c '! grep -i verify /tmp/load.out'
}

# load_stop GUEST - end it; it was still alive, and saw no error
load_stop() {
	load_is_alive "$1"
	in_guest "$1" sh -c 'kill -INT $(cat /tmp/load.pid)'
	wait_for "the load ends" load_has_ended "$1"
	data_were_right "$1"
	in_guest "$1" sh -c '! grep -q "error=" /tmp/load.out'
}

# load_failed GUEST - wait for its end by an error of I/O, and nothing worse
load_failed() {
	wait_for "the load sees an error" load_has_ended "$1"
	data_were_right "$1"
	in_guest "$1" grep -q "error=" /tmp/load.out
}
