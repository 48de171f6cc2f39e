#!/usr/bin/env bash
# SPDX-License-Identifier: GPL-2.0
#
# Disks as chaos makes them: of block devices and files, who may share them, what
# becomes of loop devices, and what is asked in the wrong way
#
# cost: boots 1 guests 61 seconds 240

set -euo pipefail
# shellcheck source-path=SCRIPTDIR
. "$(dirname "$0")/lib.sh"
# shellcheck source-path=SCRIPTDIR
. "$(dirname "$0")/block-lib.sh"

disks=$(mktemp -d /var/tmp/disks.XXXXXX)
kills=$(repetitions 6 100)

image() { # image NAME SIZE - a file, with something else in each
	head -c 65536 /dev/urandom > "$disks/$1"
	truncate -s "$2" "$disks/$1"
}

disk_line() { # disk_line DISK… - a config's disk key
	printf -v list ", '%s'" "$@"
	echo "disk = [ ${list#, } ]"
}

vbds() {
	chaos vbd list -j "$1"
}

vbd_of() { # vbd_of GUEST ID KEY - what chaos says of it
	vbds "$1" | jq -r --argjson id "$2" ".[] | select(.id == \$id).$3"
}

no_loops_of() { # no_loops_of FILE…
	local file
	for file; do
		! losetup -l -n -O BACK-FILE | grep -x "$disks/$file" || return 1
	done
}

# Udev may have one of them open for a moment.
loops_go() {
	wait_for "the loop devices of $* have gone" no_loops_of "$@"
}

# What is there, as far as the shell alone can tell: each program that is started
# for it would be started a hundred times. But for records that somebody was killed
# while writing: chaosd removes those, when they have become old.
traces() {
	local path
	shopt -s globstar
	for path in /run/chaos/** /sys/bus/noxs-backend/devices/* \
		/sys/block/loop*/loop; do
		[[ $path == *.json.new ]] || echo "$path"
	done
	echo "$(< '/sys/class/misc/xen!noxs/domains') domains"
}

unchanged() { # unchanged COMMAND… - it changes nothing
	local before
	before=$(traces)
	"$@"
	is "what there is" "$(traces)" "$before"
}

refuses_config() { # refuses_config LINE WHY
	echo "$1"
	guest_config wrong "$1" > "$work/wrong.cfg"
	unchanged fails 1 chaos create "$work/wrong.cfg"
	says "$2"
}

refuses_vbd() { # refuses_vbd GUEST DISK WHY
	echo "$2"
	unchanged fails 1 chaos vbd add "$1" "$2"
	says "$3"
}

says() { # says TEXT - what failed said it
	[[ $(< "$work/stderr") == *"$1"* ]] || {
		echo "that doesn't say '$1'"
		return 1
	}
}

# Recent loop devices take no file without a way to write it.
unwritable="be written"
[[ $(uname -r) == 6.1.* ]] || unwritable="loop device: Invalid argument"

# A wrong disk, and a part of what is said about it.
wrong_disks=(
	"" "no vdev"
	"$disks/a,raw" "no vdev"
	"$disks/a,raw,xvda0,w" "must be the name of a disk"
	"$disks/a,raw,xvda64,w" "must be the name of a disk"
	"$disks/a,raw,vda,w" "must be the name of a disk"
	"$disks/a,raw,xvdA,w" "must be the name of a disk"
	"$disks/a,raw,xvdzzzz,w" "must be the name of a disk"
	"$disks/a,raw,,w" "must be the name of a disk"
	"$disks/a,raw,xvdp,x" "unknown value for access"
	"$disks/a,raw,xvdp,w,x=1" "unknown parameter"
	"$disks/a,raw,xvdp,w,x" "too many positional parameters"
	"$disks/a,qcow2,xvdp,w" "format: only raw"
	"$disks/a,vhd,xvdp,w" "format: only raw"
	"$disks/a,nonsense,xvdp,w" "unknown value for format"
	"vdev=xvdp,backendtype=qdisk,target=$disks/a" "backendtype: only phy"
	"vdev=xvdp,backendtype=tap,target=$disks/a" "backendtype: only phy"
	"vdev=xvdp,script=block-nbd,target=$disks/a" "script: not supported"
	"vdev=xvdp,backend=other,target=$disks/a" "backend: not supported"
	"vdev=xvdp,specification=virtio,target=$disks/a" "specification: only xen"
	"vdev=xvdp,colo,target=$disks/a" "colo: not supported"
	"vdev=xvdp,devtype=cdrom" "drives without a medium"
	"a,raw,xvdp,w" "/dev/a: cannot open it"
	"/nonexistent,raw,xvdp,w" "No such file"
	"/dev/null,raw,xvdp,r" "neither a block device nor a file"
	"$disks,raw,xvdp,r" "neither a block device nor a file"
	"$disks/fifo,raw,xvdp,w" "neither a block device nor a file"
	"$disks/empty,raw,xvdp,w" "is empty"
	"$disks/odd,raw,xvdp,w" "no multiple of 512"
	"/proc/kcore,raw,xvdp,w" "$unwritable"
	"phy:/dev/vda,xvdp,w" "is in use"
)

wrong_configs() {
	local i
	for ((i = 0; i < ${#wrong_disks[@]}; i += 2)); do
		refuses_config "$(disk_line "${wrong_disks[i]}")" \
			"${wrong_disks[i + 1]}"
	done
	refuses_config "disk = '$disks/a,raw,xvda,w'" "must be a list"
	refuses_config "disk = 3" "must be a list"
	refuses_config "disk = [ 3 ]" "no vdev"
	refuses_config "$(disk_line "$disks/a,raw,xvda" "$disks/b,raw,hda")" \
		"xvda and hda are the same"
	refuses_config "$(disk_line "$disks/a,raw,sda2" "$disks/b,raw,xvda")" \
		"sda2 and xvda overlap"
	refuses_config "$(disk_line "$disks/a,raw,xvda" "$disks/a,raw,xvdb,r")" \
		"in use by"
}

wrong_adds() {
	local i
	for ((i = 0; i < ${#wrong_disks[@]}; i += 2)); do
		refuses_vbd first "${wrong_disks[i]}" "${wrong_disks[i + 1]}"
	done
	refuses_vbd first "$disks/spare,raw,hda,w" "is there already"
	unchanged fails 1 chaos vbd add nobody "$disks/spare,raw,xvdp"
	unchanged fails 1 chaos vbd del first 9
	unchanged fails 1 chaos vbd resize first 9
}

usage() {
	local args
	for args in vbd "vbd nonsense" "vbd add" "vbd del first" "vbd list" \
		"vbd del first x" "vbd del first xvda0" "vbd list first 0" \
		"vbd del first 65536" "vbd resize first" "vbd list -F first" \
		"vbd del -w 1 first 0" "vif resize first 0"; do
		echo "chaos $args"
		# shellcheck disable=SC2086 # several words
		unchanged fails_usage chaos $args
	done
}

fails_usage() {
	local status=0
	"$@" > "$work/stdout" 2> "$work/stderr" || status=$?
	is "exit status" "$status" 2
	is "lines on stdout" "$(wc -l < "$work/stdout")" 0
	grep '^usage: chaos' "$work/stderr"
}

# The first guest has a file, a block device, a CD-ROM, and a file to read only.
first_guest() {
	guest_config first "$(disk_line "$disks/a,raw,xvda,w" \
		"phy:$ram0,sdb,w" "file:$disks/iso,xvdc:cdrom,r" \
		"vdev=hdd,access=ro,no-discard,target=$disks/b")" > "$work/first.cfg"
	chaos create -w 300 "$work/first.cfg"
	guest_ready first
	for id in 0 1 2 3; do
		vbd_is first "$id" Connected
	done
	chaos vbd list first
	is "disks" "$(vbds first | jq -c '[.[].vdev]')" \
		'["xvda","sdb","xvdc","hdd"]'
	is "disks recorded" \
		"$(jq -c '[.disks[].id]' "/run/chaos/domains/$(domid_of first).json")" \
		'[0,1,2,3]'
}

in_sys() { # in_sys GUEST DISK FILE - an attribute of the guest's disk
	in_guest "$1" cat "/sys/block/$2/$3"
}

what_the_guest_sees() {
	in_guest first lsblk
	is "nxda is read-only" "$(in_sys first nxda ro)" 0
	is "nxdb is read-only" "$(in_sys first nxdb ro)" 0
	is "nxdc is read-only" "$(in_sys first nxdc ro)" 1
	is "nxdd is read-only" "$(in_sys first nxdd ro)" 1
	is "nxda is removable" "$(in_sys first nxda removable)" 0
	is "nxdc is removable" "$(in_sys first nxdc removable)" 1
	is "nxda's sectors" "$(in_sys first nxda size)" 131072
	is "nxdc's sectors" "$(in_sys first nxdc size)" 4096
	is "nxda's sector size" "$(in_sys first nxda queue/logical_block_size)" 512
	[[ $(in_sys first nxda queue/discard_max_bytes) -gt 0 ]]
	is "most that nxdd discards" \
		"$(in_sys first nxdd queue/discard_max_bytes)" 0
}

sum_in_guest() { # sum_in_guest GUEST DISK
	in_guest "$1" sh -c "dd if=/dev/$2 bs=64k iflag=direct 2> /dev/null | sha256sum"
}

same_bytes() {
	is "the file" "$(sum_in_guest first nxda)" "$(sha256sum < "$disks/a")"
	is "the CD-ROM" "$(sum_in_guest first nxdc)" "$(sha256sum < "$disks/iso")"
	is "the block device" "$(sum_in_guest first nxdb)" \
		"$(dd if="$ram0" bs=64k iflag=direct 2> /dev/null | sha256sum)"
	for disk in nxda nxdb; do
		in_guest first dd if=/dev/urandom "of=/dev/$disk" bs=64k count=8 \
			seek=16 oflag=direct
	done
	in_guest first sync
	is "the file, written" "$(sum_in_guest first nxda)" \
		"$(sha256sum < "$disks/a")"
	is "the block device, written" "$(sum_in_guest first nxdb)" \
		"$(dd if="$ram0" bs=64k iflag=direct 2> /dev/null | sha256sum)"
	in_guest first sh -c '! echo x > /dev/nxdc'
	in_guest first sh -c '! echo x > /dev/nxdd'
}

# Holes go back to the host's file system.
discard_makes_holes() {
	local before after
	in_guest first dd if=/dev/urandom of=/dev/nxda bs=1M count=8 oflag=direct
	before=$(stat -c %b "$disks/a")
	in_guest first blkdiscard -o 0 -l 8388608 /dev/nxda
	after=$(stat -c %b "$disks/a")
	echo "blocks: $before, $after"
	((after + 16000 < before))
	is "what is there" "$(in_guest first sh -c \
		'dd if=/dev/nxda bs=1M count=8 iflag=direct 2> /dev/null | tr -d "\0" | wc -c')" 0
}

loop_settings() {
	local loop direct=1
	loop=$(vbd_of first 0 host)
	cd "/sys/block/$loop"
	is "its file" "$(cat loop/backing_file)" "$disks/a"
	is "direct I/O" "$(cat loop/dio)" 1
	is "autoclear" "$(cat loop/autoclear)" 1
	is "sector size" "$(cat queue/logical_block_size)" 512
	is "read-only" "$(cat ro)" 0
	is "read-only, of the CD-ROM" \
		"$(cat "/sys/block/$(vbd_of first 2 host)/ro")" 1
	# A file system in memory has direct I/O from Linux 6.6 on.
	dd if=/dev/zero of=/dev/shm/probe bs=4096 count=1 oflag=direct || direct=0
	rm -f /dev/shm/probe
	chaos vbd add -w "$DEADLINE" first "/dev/shm/image,raw,xvdz,w"
	is "direct I/O in memory" \
		"$(cat "/sys/block/$(vbd_of first 25 host)/loop/dio")" "$direct"
	chaos vbd del first xvdz
}

# Who writes is alone; by whatever path.
exclusive_use() {
	local loop
	ln "$disks/a" "$disks/a.link"
	ln -s "$disks/a" "$disks/a.symlink"
	for path in a a.link a.symlink; do
		refuses_vbd second "$disks/$path,raw,xvdp,w" "in use by domain"
		refuses_vbd second "$disks/$path,raw,xvdp,r" "in use by domain"
	done
	refuses_vbd first "$disks/a,raw,xvdp,r" "in use by domain"
	refuses_vbd second "$disks/b,raw,xvdp,w" "in use by domain"
	refuses_vbd second "phy:$ram0,xvdp,w" "in use by domain"
	refuses_vbd second "phy:$ram0,xvdp,r" "in use by domain"
	refuses_vbd second "phy:/dev/$(vbd_of first 0 host),xvdp,r" \
		"in use by domain"
	IFS=: read -r major minor < "/sys/class/block/${ram0##*/}/dev"
	mknod "$disks/node" b "$major" "$minor"
	refuses_vbd second "phy:$disks/node,xvdp,w" "in use by domain"
	refuses_config "$(disk_line "$disks/spare,raw,xvda" "$disks/a,raw,xvdb")" \
		"in use by domain"
	# Through a loop device of the host's own, which is a block device.
	loop=$(losetup -f --show -r "$disks/a")
	refuses_vbd second "phy:$loop,xvdp,r" "in use by domain"
	losetup -d "$loop"
}

# The host's own loop devices and mounts.
use_by_the_host() {
	local loop
	loop=$(losetup -f --show "$disks/spare")
	refuses_vbd second "$disks/spare,raw,xvdp,w" "in use by the host"
	refuses_vbd second "$disks/spare,raw,xvdp,r" "in use by the host"
	chaos vbd add second "phy:$loop,xvdp,w"
	refuses_vbd first "$disks/spare,raw,xvdp,r" "in use by domain"
	chaos vbd del second xvdp
	losetup -d "$loop"
	mke2fs -q "$disks/spare"
	mkdir -p "$disks/mnt"
	mount -o loop "$disks/spare" "$disks/mnt"
	refuses_vbd second "$disks/spare,raw,xvdp,w" "in use by the host"
	umount "$disks/mnt"
	chaos vbd add -w "$DEADLINE" second "$disks/spare,raw,xvdp,w"
	chaos vbd del second xvdp
}

shared_reading() {
	chaos vbd add -w "$DEADLINE" second "$disks/b,raw,xvdd,r"
	is "the same bytes" "$(sum_in_guest second nxdd)" \
		"$(sum_in_guest first nxdd)"
	chaos vbd add -w "$DEADLINE" first "phy:$ram1,xvdr,r"
	chaos vbd add -w "$DEADLINE" second "phy:$ram1,xvdr,r"
	refuses_vbd second "phy:$ram1,xvds,w" "in use by domain"
	for guest in first second; do
		chaos vbd del "$guest" xvdr
	done
	chaos vbd del second xvdd
}

# Of two at once, one gets it.
one_of_two() {
	local n pids won
	for n in 1 2 3 4 5 6; do
		won=0 pids=()
		for guest in first second; do
			chaos vbd add "$guest" "$disks/spare,raw,xvdp,w" &
			pids+=($!)
		done
		for pid in "${pids[@]}"; do
			! wait "$pid" || won=$((won + 1))
		done
		is "who got it, time $n" "$won" 1
		chaos vbd del -F first xvdp || chaos vbd del -F second xvdp
	done
}

add_and_delete() {
	is "its number" "$(chaos vbd add first "$disks/spare,raw,xvdf,w")" 5
	wait_for "it is there" in_guest first test -b /dev/nxdf
	is "what is listed" "$(vbds first | jq -c \
		'.[] | select(.id == 5) | [.vdev, .path, .readonly, .cdrom]')" \
		"[\"xvdf\",\"$disks/spare\",false,false]"
	chaos vbd list first | grep "xvdf .* $disks/spare\$"
	chaos vbd del first 5
	is "listed" "$(vbd_of first 5 id)" ""
	wait_for "it has gone" in_guest first test ! -e /dev/nxdf
	is "with JSON" "$(chaos vbd add -j -w "$DEADLINE" first \
		"vdev=nxdf" "target=$disks/spare" | jq -c .)" '{"id":5}'
	chaos vbd del -F first nxdf
	is "recorded" \
		"$(jq -c '[.disks[].id]' "/run/chaos/domains/$(domid_of first).json")" \
		'[0,1,2,3]'
	loops_go spare
}

frontend_is_closed() { # frontend_is_closed GUEST ID
	[[ $(vbd_of "$1" "$2" frontend_state) == Closed ]]
}

# What is a partition to the guest, which looks for none in it.
partitions() {
	local domid id
	is "its number" "$(chaos vbd add -w "$DEADLINE" second \
		"$disks/spare,raw,sdb2,w")" 32834
	wait_for "it is there" in_guest second test -b /dev/nxdb2
	is "its other name" "$(in_guest second \
		cat /sys/block/nxdb2/device/vdev)" xvdb2
	is "how many may be in it" "$(in_guest second cat /sys/block/nxdb2/ext_range)" 1
	chaos vbd add -w "$DEADLINE" second "phy:$ram1,xvdb1,w"
	wait_for "another one is there" in_guest second test -b /dev/nxdb1
	unchanged fails 1 chaos vbd add second "phy:$ram2,xvdb,w"
	says "has a partition of it"
	chaos vbd del second xvdb1
	chaos vbd del second nxdb2
	chaos vbd add -w "$DEADLINE" second "phy:$ram2,xvdb,w"
	wait_for "the disk is there" in_guest second test -b /dev/nxdb
	domid=$(domid_of second)
	echo "a host that doesn't care: no partition at all, and one of what there is"
	for id in 32832 32833; do
		DISK=$ram1 "$SYSTEM/ctl" disk-add "$domid" "$id"
		wait_for "the guest refuses $id" frontend_is_closed second "$id"
		"$SYSTEM/ctl" disk-del "$domid" "$id"
	done
	vbd_is second 1 Connected
	is "what the guest has" "$(in_guest second sh -c 'ls -d /sys/block/nxd*')" \
		/sys/block/nxdb
	chaos vbd del second xvdb
	loops_go spare
}

# A guest that isn't there to connect: the disk is taken back.
add_in_vain() {
	guest_config paused > "$work/paused.cfg"
	chaos create -p "$work/paused.cfg"
	unchanged fails 1 chaos vbd add -w 1 paused "$disks/spare,raw,xvda,w"
	says 'not connected in time'
	chaos destroy paused
}

has_sectors() { # has_sectors GUEST DISK SECTORS
	[[ $(in_sys "$1" "$2" size) == "$3" ]]
}

resize() {
	truncate -s 96M "$disks/a"
	is "new size" "$(chaos vbd resize first xvda)" $((96 << 20))
	wait_for "the guest sees more" has_sectors first nxda 196608
	in_guest first dd if=/dev/urandom of=/dev/nxda bs=1M seek=95 count=1 \
		oflag=direct
	is "the file" "$(sum_in_guest first nxda)" "$(sha256sum < "$disks/a")"
	truncate -s 64M "$disks/a"
	is "new size" "$(chaos vbd resize -j first 0 | jq .size)" $((64 << 20))
	wait_for "the guest sees less" has_sectors first nxda 131072
}

resize_block_device() {
	dmsetup create disks --table "0 8192 linear $ram2 0"
	chaos vbd add -w "$DEADLINE" second phy:/dev/mapper/disks,xvdm,w
	is "sectors" "$(in_sys second nxdm size)" 8192
	dmsetup reload disks --table "0 16384 linear $ram2 0"
	dmsetup suspend disks
	dmsetup resume disks
	is "new size" "$(chaos vbd resize second xvdm)" $((8 << 20))
	wait_for "the guest sees more" has_sectors second nxdm 16384
	chaos vbd del second xvdm
	dmsetup remove disks
}

# Guests that are there, but for the two that stay.
others() {
	chaos list -j | jq -r '.[] | select(.domid != 0 and
		.name != "first" and .name != "second") | .domid'
}

some_loops() { # some_loops N - whether more than N files of "killed" have one
	local count
	count=$(losetup -l -n -O BACK-FILE | grep -c "^$disks/k" || true)
	((count > $1))
}

# Killed at any moment, nothing is left that destroy doesn't remove. Most of the
# moments are those between one disk and the next.
killed_creates() {
	local n pid domid before list=()
	for n in 1 2 3 4 5 6; do
		list+=("$disks/k$n,raw,xvd$(printf '%b' "\\14$n")")
	done
	guest_config killed "$(disk_line "${list[@]}")" > "$work/killed.cfg"
	before=$(traces)
	for ((n = 0; n < kills; n++)); do
		# A shell of its own would be killed in the place of chaos.
		(exec chaos create "$work/killed.cfg" > /dev/null) &
		pid=$!
		if ((n % 4)); then
			wait_for "disks are there" some_loops $((n % 6))
		else
			sleep "0.$((RANDOM % 10))"
		fi
		kill -KILL "$pid" 2> /dev/null || true
		wait "$pid" || true
		losetup -l -n | wc -l
		for domid in $(others); do
			chaos destroy "$domid"
		done
		loops_go k{1,2,3,4,5,6}
	done
	chaos create "$work/killed.cfg"
	chaos destroy killed
	loops_go k{1,2,3,4,5,6}
	is "what there is" "$(traces)" "$before"
}

crashed() {
	[[ $(chaos list -j | jq -r '.[] | select(.name == "crash").state') == crashed ]]
}

guest_crash() {
	guest_create crash "$(disk_line "$disks/spare,raw,xvda,w")"
	in_guest crash sh -c 'dd if=/dev/zero of=/dev/nxda bs=64k oflag=direct &
		(sleep 1; echo c > /proc/sysrq-trigger) > /dev/null 2>&1 &'
	wait_for "it has crashed" crashed
	chaos destroy crash
	loops_go spare
}

# A disk with the guest's kernel, and a menu of GRUB's.
boot_disk() {
	local root=$work/boot
	mkdir -p "$root/boot/grub"
	cp "$KERNEL" "$root/boot/vmlinuz"
	cp "$GUESTS/$INITRAMFS" "$root/boot/initrd.img"
	cat > "$root/boot/grub/grub.cfg" <<- END
		set default=0
		menuentry 'first' {
			linux /boot/vmlinuz from=menu
			initrd /boot/initrd.img
		}
		menuentry 'second' {
			linux /boot/missing
		}
	END
	mke2fs -q -t ext4 -d "$root" "$disks/boot" 256M
	rm -r "$root"
}

pygrub_config() { # pygrub_config NAME DISK [LINE…]
	guest_config "$1" "bootloader = '/usr/lib/xen/bin/pygrub'" \
		"$(disk_line "$2")" "${@:3}" | grep -vE '^(kernel|ramdisk) ='
}

pygrub_refuses() { # pygrub_refuses WHY DISK [LINE…]
	pygrub_config wrong "${@:2}" > "$work/wrong.cfg"
	fails 1 chaos create "$work/wrong.cfg"
	says "$1"
}

finds_no_kernel() {
	pygrub_refuses "pygrub: there is no user chaos-boot" "$disks/boot,raw,xvda,w"
	useradd -r chaos-boot
	pygrub_refuses "pygrub: RuntimeError: Unable to find partition" \
		"$disks/a,raw,xvda,r"
	pygrub_refuses "pygrub: " "$disks/boot,raw,xvda,w" \
		"bootloader_args = [ '--entry=1' ]"
}

# Root alone may read it, and pygrub does, who isn't root by then.
boots_from_its_disk() {
	chmod 600 "$disks/boot"
	pygrub_config own "$disks/boot,raw,xvda,w" +from=file > "$work/own.cfg"
	chaos create -q --dry-run "$work/own.cfg"
	chaos create "$work/own.cfg"
	guest_ready own
	in_guest own cat /proc/cmdline
	is "where its command line is from" \
		"$(in_guest own cat /proc/cmdline | grep -o 'from=[a-z]*' | xargs)" \
		"from=menu from=file"
	is "mounts that are left" "$(grep -c ' /run/chaos' /proc/mounts || true)" 0
	chaos destroy own
	loops_go boot
	rm "$disks/boot"
}

the_end() {
	chaos destroy first
	chaos destroy second
	loops_go a b iso
	is "the file, at last" "$(head -c 65536 "$disks/b" | sha256sum)" \
		"$(head -c 65536 "$disks/b.copy" | sha256sum)"
}

disks_init
memory_disk ram0 size=16
ram0=$disk
memory_disk ram1 size=16
ram1=$disk
memory_disk ram2 size=16
ram2=$disk
for name in a spare k{1,2,3,4,5,6}; do
	image "$name" 64M
done
image b 2M
image iso 2M
cp "$disks/b" "$disks/b.copy"
truncate -s 1M /dev/shm/image
: > "$disks/empty"
truncate -s 1000 "$disks/odd"
mkfifo "$disks/fifo"

bridge_up
ledger_open
check "a guest with four disks" first_guest
check "a guest without disks" guest_create second
check "what the guest sees" what_the_guest_sees
check "host and guest see the same bytes" same_bytes
check "what a guest discards is given back" discard_makes_holes
check "loop devices are set up for the purpose" loop_settings
check "wrong disks in config files" wrong_configs
check "wrong disks for vbd add" wrong_adds
check "wrong usage" usage
check "what a guest writes, nobody else has" exclusive_use
check "what the host uses, no guest has" use_by_the_host
check "what guests only read, many have" shared_reading
check "of two at once, one has it" one_of_two
check "disks are added and removed" add_and_delete
check "partitions are added and removed" partitions
check "a disk that doesn't connect is taken back" add_in_vain
check "a file has another size" resize
check "a block device has another size" resize_block_device
check "$kills killed chaos create" killed_creates
check "a guest crashes" guest_crash
check "the disk of a guest with a kernel of its own" boot_disk
check "pygrub finds no kernel" finds_no_kernel
check "pygrub finds the guest's kernel, and it boots" boots_from_its_disk
check "the end of the guests is that of loop devices" the_end
memory_disk_del ram0 ram1 ram2
ledger_close
bridge_down
done_testing
