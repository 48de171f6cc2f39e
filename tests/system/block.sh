#!/usr/bin/env bash
# SPDX-License-Identifier: GPL-2.0
#
# I/O of disks, all of it verified: every pattern, on devices of every kind, with
# whatever both ends can agree on, while disks come, go, and change their size
#
# cost: boots 1 guests 12 seconds 240

# shellcheck disable=SC2016 # guests expand
set -euo pipefail
# shellcheck source-path=SCRIPTDIR
. "$(dirname "$0")/lib.sh"
# shellcheck source-path=SCRIPTDIR
. "$(dirname "$0")/block-lib.sh"

# Bits of a device's "features".
DISCARD=0x04 INDIRECT=0x10 PERSISTENT=0x20
MIB=1048576
DISK_SIZE=32

# fio's pattern, size of blocks, queue depth, how much, and more options; smaller
# blocks than the disk's sectors are left out.
patterns=('write 512 1 64k' 'randwrite 512 64 128k' 'randrw 512 16 128k'
	'randrw 4k 1 512k' 'randrw 4k 64 2m' 'rw 16k 32 4m' 'randwrite 64k 4 8m'
	'write 1m 1 8m' 'randrw 1m 64 16m'
	# All sizes at once, and memory that isn't aligned to pages, or sectors.
	'randrw 4k-512k 16 8m' 'randrw 64k 16 4m --iomem_align=512')

# For what isn't about patterns. Each block is trimmed before it is written.
mixed=(--rw=randrw --bsrange=4k-512k --iodepth=16 --size=4m)
trims=(--rw=randtrimwrite --bs=64k --iodepth=8 --size=4m)

# in_one_go GUEST OPTION… - let fio do several jobs, one after the other, and verify
# what they wrote; it takes longer to start than for a job
in_one_go() {
	local guest=$1
	shift
	in_guest "$guest" fio --minimal --name=global --direct=1 \
		--ioengine=libaio --verify=crc32c --verify_fatal=1 --do_verify=1 \
		--stonewall "$@" > "$work/fio" 2>&1 || {
		cat "$work/fio"
		return 1
	}
	is "jobs that fio did" "$(grep -c '^3;' "$work/fio")" \
		"$(printf '%s\n' "$@" | grep -c '^--name')"
}

every_pattern() { # every_pattern GUEST DISK SECTOR_SIZE
	local rw bs depth size more pattern options=()
	for pattern in "${patterns[@]}"; do
		read -r rw bs depth size more <<< "$pattern"
		[[ $bs != 512 || $3 == 512 ]] || continue
		options+=("--name=$rw-$bs-$depth" "--rw=$rw"
			"--bsrange=${bs%-*}-${bs#*-}" "--iodepth=$depth"
			"--size=$size" ${more:+"$more"} "--filename=/dev/$2")
	done
	in_one_go "$1" "${options[@]}"
}

in_sys() { # in_sys GUEST DISK FILE - an attribute of the guest's disk
	in_guest "$1" cat "/sys/block/$2/$3"
}

frontend() { # frontend GUEST ID FILE - the same of its device on the bus
	in_guest "$1" cat "/sys/bus/noxs/devices/vbd-$2/$3"
}

features_of() { # features_of GUEST ID - of both ends, into $features
	features=$(frontend "$1" "$2" features)
	echo "features $features"
	is "the backend's" "$(cat "$(backend_of "$1" "$2")/features")" "$features"
}

has_feature() { # has_feature GUEST ID BIT
	local features
	features_of "$1" "$2"
	is "feature $3" $((features & $3)) $(($3))
}

has_no_feature() {
	local features
	features_of "$1" "$2"
	is "feature $3" $((features & $3)) 0
}

queues_are() { # queues_are GUEST ID N
	is "the guest's queues" "$(in_guest "$1" \
		sh -c "ls /sys/block/nxd$(letter_of "$2")/mq | wc -l")" "$3"
	is "the backend's queues" \
		"$(grep -c "vbd-$(domid_of "$1")-$2-q" /proc/interrupts)" "$3"
}

in_guest_sum() { # in_guest_sum GUEST DISK
	in_guest "$1" sh -c \
		"dd if=/dev/$2 bs=1M iflag=direct 2> /dev/null | sha256sum"
}

host_sum() { # host_sum PATH
	dd if="$1" bs=1M iflag=direct 2> /dev/null | sha256sum
}

same_bytes() { # same_bytes GUEST DISK PATH - in the guest and in the host
	is "what $2 of $1 has" "$(in_guest_sum "$1" "$2")" "$(host_sum "$3")"
}

zeros_at() { # zeros_at GUEST DISK MIB COUNT
	is "octets that are zero" "$(in_guest "$1" sh -c \
		"dd if=/dev/$2 bs=1M skip=$3 count=$4 iflag=direct 2> /dev/null |
			tr -d -c '\\0' | wc -c")" $(($4 * MIB))
}

random_at() { # random_at GUEST DISK MIB COUNT
	in_guest "$1" dd if=/dev/urandom "of=/dev/$2" bs=1M seek="$3" count="$4" \
		oflag=direct
}

#
# Kinds of devices. nxda is raw, nxdb a file, nxdc has large sectors. Of the one guest,
# the pages of the data are mapped themselves, of the other one they are copied.
#

first_disks() {
	guest_create one +noxs_blkfront.persistent=0
	guest_create two 'vcpus = 2'
	disk_add one 0 "$raw1"
	disk_add two 0 "$raw2"
	chaos vbd add -w "$DEADLINE" two "$IMAGES/file.img,raw,xvdb,w"
	disk_add two 2 "$large"
	queues_are one 0 1
	for id in 0 1 2; do
		queues_are two "$id" 2
	done
	in_guest two lsblk
	for disk in nxda nxdb nxdc; do
		is "lsblk of $disk" "$(in_guest two lsblk -dbno SIZE,RO,RM,TYPE \
			"/dev/$disk" | xargs)" "$((DISK_SIZE * MIB)) 0 0 disk"
	done
}

large_sectors() {
	is "logical sector" "$(in_sys two nxdc queue/logical_block_size)" 4096
	is "logical sector, of the other" \
		"$(in_sys two nxda queue/logical_block_size)" 512
	in_guest two sh -c \
		'! dd if=/dev/nxdc of=/dev/null bs=512 count=1 iflag=direct'
	every_pattern two nxdc 4096
	same_bytes two nxdc "$large"
}

# All read what was written, and nothing that they write gets anywhere.
read_only() {
	local before
	head -c 8M /dev/urandom | dd of="$plain" conv=notrunc status=none
	before=$(host_sum "$plain")
	disk_add two 3 "$plain" r
	is "read-only" "$(in_guest two blockdev --getro /dev/nxdd)" 1
	same_bytes two nxdd "$plain"
	in_guest two sh -c '! dd if=/dev/zero of=/dev/nxdd bs=4k count=1'
	in_guest two sh -c '! blkdiscard /dev/nxdd'
	in_guest two sh -c '! blkdiscard -z /dev/nxdd'
	in_guest two sh -c '! mke2fs -q /dev/nxdd'
	in_guest two fio --name=reads --filename=/dev/nxdd --readonly --direct=1 \
		--ioengine=libaio --rw=randread --bsrange=512-1m --iodepth=64 \
		--size=8m --minimal > "$work/fio"
	is "what the host has" "$(host_sum "$plain")" "$before"
	is "writes" "$(vbd_stat two 3 writes)" 0
	disk_del two 3
}

host_flushes() { # host_flushes PATH - of the device's cache, so far
	awk '{ print $16 }' "/sys/block/${1##*/}/stat"
}

# What is cached is flushed, and what is to be durable goes past the cache, or is
# flushed after it. No more than that is flushed.
caches() {
	local before host
	is "cache" "$(in_sys two nxda queue/write_cache)" "write back"
	is "FUA" "$(in_sys two nxda queue/fua)" 1
	before=$(vbd_stat two 0 barriers)
	host=$(($(host_flushes "$raw2") - $(vbd_stat two 0 flushes)))
	in_guest two dd if=/dev/zero of=/dev/nxda bs=4k count=8 oflag=direct,dsync
	is "writes with FUA" "$(vbd_stat two 0 barriers)" $((before + 8))
	is "flushes of the host that nobody asked for" \
		$(($(host_flushes "$raw2") - $(vbd_stat two 0 flushes))) "$host"
	before=$(vbd_stat two 0 flushes)
	in_guest two dd if=/dev/zero of=/dev/nxda bs=256k count=8 \
		oflag=direct,dsync
	(($(vbd_stat two 0 flushes) >= before + 16))	# fsync flushes, too
	before=$(vbd_stat two 0 flushes)
	in_guest two dd if=/dev/zero of=/dev/nxda bs=4k count=8 conv=fsync
	(($(vbd_stat two 0 flushes) > before))

	is "cache of the file" "$(in_sys two nxdb queue/write_cache)" "write back"
	before=$(vbd_stat two 1 flushes)
	in_guest two dd if=/dev/zero of=/dev/nxdb bs=4k count=8 oflag=direct,dsync
	(($(vbd_stat two 1 flushes) + $(vbd_stat two 1 barriers) >= before + 8))

	# A cache that wasn't there at first.
	echo "write through" > "/sys/block/${raw3##*/}/queue/write_cache"
	disk_add two 3 "$raw3"
	in_guest two dd if=/dev/zero of=/dev/nxdd bs=4k count=8 \
		oflag=direct,dsync conv=fsync
	is "flushes of no cache" "$(host_flushes "$raw3")" 0
	echo "write back" > "/sys/block/${raw3##*/}/queue/write_cache"
	in_guest two dd if=/dev/zero of=/dev/nxdd bs=4k count=8 conv=fsync
	is "flushed now" $(($(host_flushes "$raw3") > 0)) 1
	disk_del two 3

	disk_add two 3 "$plain"
	in_guest two dd if=/dev/zero of=/dev/nxdd bs=4k count=8 \
		oflag=direct,dsync conv=fsync
	in_guest two sh -c '! blkdiscard /dev/nxdd'
	is "most to discard" "$(in_sys two nxdd queue/discard_max_bytes)" 0
	disk_del two 3
}

# Secure erase isn't there, as the host's device has none; zeros are written, as
# the protocol has nothing for them.
discards() { # discards DISK ID PATH
	local before
	random_at two "$1" 0 16
	before=$(vbd_stat two "$2" discards)
	has_feature two "$2" "$DISCARD"
	(($(in_sys two "$1" queue/discard_max_bytes) > 0))
	in_guest two blkdiscard -o 4194304 -l 4194304 "/dev/$1"
	(($(vbd_stat two "$2" discards) > before))
	zeros_at two "$1" 4 4
	before=$(vbd_stat two "$2" discards)
	in_guest two blkdiscard -z -o 12582912 -l 2097152 "/dev/$1"
	is "discards for zeros" "$(vbd_stat two "$2" discards)" "$before"
	zeros_at two "$1" 12 2
	is "whether what is next to them is left" "$(in_guest two sh -c \
		"dd if=/dev/$1 bs=1M skip=8 count=4 iflag=direct 2> /dev/null |
			tr -d '\\0' | wc -c | awk '{ print (\$1 > 4170000) }'")" 1
	is "what can be written with zeros" \
		"$(in_sys two "$1" queue/write_zeroes_max_bytes)" 0
	in_guest two sh -c "! blkdiscard -s /dev/$1"
	verified two "$1" "${trims[@]}"
	in_guest two fio --name=trims "--filename=/dev/$1" --direct=1 \
		--ioengine=libaio --rw=randtrim --bs=64k --iodepth=8 --size=4m \
		--minimal > "$work/fio"
	zeros_at two "$1" 0 4
	same_bytes two "$1" "$3"
}

statistics() {
	local before=() stat guest=/sys/block/nxda/stat
	local stats=(reads writes read_sectors write_sectors maps)
	for stat in "${stats[@]}"; do
		before+=("$(vbd_stat two 0 "$stat")")
	done
	in_guest two sh -c "cat $guest > /tmp/stat
		dd if=/dev/zero of=/dev/nxda bs=16k count=20 oflag=direct
		dd if=/dev/nxda of=/dev/null bs=8k count=30 iflag=direct"
	is "writes" $(($(vbd_stat two 0 writes) - before[1])) 20
	is "reads" $(($(vbd_stat two 0 reads) - before[0])) 30
	is "sectors written" $(($(vbd_stat two 0 write_sectors) - before[3])) 640
	is "sectors read" $(($(vbd_stat two 0 read_sectors) - before[2])) 480
	# Each page once, of two queues, if they had gone.
	echo "$(($(vbd_stat two 0 maps) - before[4])) maps for 50 requests"
	(($(vbd_stat two 0 maps) < before[4] + 20))
	is "errors" "$(vbd_stat two 0 errors)" 0
	is "in flight" "$(vbd_stat two 0 in_flight)" 0
	is "the guest's reads, sectors, writes, sectors" "$(in_guest two sh -c \
		"cat /tmp/stat $guest" | awk '{ r = $1 - r; rs = $3 - rs
			w = $5 - w; ws = $7 - ws } END { print r, rs, w, ws }')" \
		"30 480 20 640"
	for stat in errors inflight requeues timeouts; do
		is "the guest's $stat" "$(frontend two 0 "statistics/$stat")" 0
	done
	(($(frontend two 0 statistics/grants) > 0))
}

# What the host's device does at once is answered by the pass that took it.
done_at_once() {
	local instance=$trace/instances/passes event pass nr
	event=$instance/events/workqueue/workqueue_execute_start
	pass=$(awk '$3 == "queue_pass" && $4 == "[noxs_blkback]" { print $1 }' \
		/proc/kallsyms)
	mkdir "$instance"
	echo "function == 0x$pass" > "$event/filter"
	echo 1 > "$event/enable"
	in_guest two dd if=/dev/nxda of=/dev/null bs=4k count=50 iflag=direct
	nr=$(grep -c workqueue_execute_start "$instance/trace")
	rmdir "$instance"
	echo "$nr passes for 50 requests"
	((nr >= 50 && nr < 75))
}

several_disks() {
	local id files=nxda names=(xvde xvdf xvdg xvdh xvdi)
	for id in 4 5 6 7 8; do
		truncate -s 16M "$IMAGES/several-$id.img"
		chaos vbd add two "$IMAGES/several-$id.img,raw,${names[id - 4]},w"
		files+=:/dev/nxd$(letter_of "$id")
	done
	for id in 4 5 6 7 8; do
		vbd_connected two "$id"
	done
	wait_for "all are there" in_guest two sh -c \
		'for l in e f g h i; do test -b /dev/nxd$l || exit 1; done'
	verified two "$files" --rw=randrw --bs=16k --iodepth=32 --size=24m
	for id in 4 5 6 7 8; do
		same_bytes two "nxd$(letter_of "$id")" "$IMAGES/several-$id.img"
	done
	for id in 4 5 6 7 8; do
		disk_del two "$id"
	done
	rm "$IMAGES"/several-*.img
}

#
# What both ends agree on.
#

blkfront_is_unloaded() {
	in_guest two sh -c 'rmmod noxs_blkfront || [ ! -e /sys/module/noxs_blkfront ]'
}

# with_parameters [PARAMETER=VALUE…] - the guest's disks, connected anew
with_parameters() {
	local id
	wait_for "noxs_blkfront is unloaded" blkfront_is_unloaded
	in_guest two sh -c '! ls /dev/nxd*'
	in_guest two modprobe noxs_blkfront "$@"
	for id in 0 1 2; do
		vbd_connected two "$id"
		wait_for "it is there" in_guest two test -b "/dev/nxd$(letter_of "$id")"
	done
}

parameters=/sys/module/noxs_blkback/parameters

grants_are_gone() {
	[[ $(vbd_stat two 0 persistent_grants) == 0 ]]
}

# What each of two queues has at rest is its ring, and what the largest request needs: 64
# pages, and one that describes them.
few_are_granted() {
	[[ $(frontend two 0 statistics/grants) == $((2 * (1 + 64 + 1))) ]]
}

io_of_all() {
	in_one_go two --name=a --filename=/dev/nxda "${mixed[@]}" \
		--name=b --filename=/dev/nxdb "${mixed[@]}" --iomem_align=512 \
		--name=c --filename=/dev/nxdc "${mixed[@]}" \
		--name=trims --filename=/dev/nxda "${trims[@]}"
	same_bytes two nxda "$raw2"
}

# kept_are_few PARAMETER MOST - if the backend's PARAMETER is 8
kept_are_few() {
	local many
	many=$(cat "$parameters/$1")
	echo 8 > "$parameters/$1"
	verified two nxda "${mixed[@]}"
	echo "$(vbd_stat two 0 persistent_grants) persistent grants"
	(($(vbd_stat two 0 persistent_grants) <= $2))
	echo "$many" > "$parameters/$1"
}

# Grants that stay mapped go when nobody has used them for a while, and with them the
# pages in the guest.
persistent() {
	with_parameters
	has_feature two 0 "$PERSISTENT"
	io_of_all
	(($(vbd_stat two 0 persistent_grants) > 0))
	wait_for "they are unmapped" grants_are_gone
	wait_for "the guest has given its pages back" few_are_granted || {
		frontend two 0 statistics/grants
		return 1
	}
	kept_are_few max_persistent_mappings 8
	# Of each of two queues.
	kept_are_few max_persistent_grants 16
}

# Then each request is mapped, and unmapped.
none_persistent() {
	local many maps unmaps
	many=$(cat "$parameters/max_persistent_grants")
	echo 0 > "$parameters/max_persistent_grants"
	with_parameters
	has_no_feature two 0 "$PERSISTENT"
	io_of_all
	is "persistent grants" "$(vbd_stat two 0 persistent_grants)" 0
	maps=$(vbd_stat two 0 maps) unmaps=$(vbd_stat two 0 unmaps)
	in_guest two dd if=/dev/nxda of=/dev/null bs=8k count=30 iflag=direct
	(($(vbd_stat two 0 maps) >= maps + 30))
	(($(vbd_stat two 0 unmaps) >= unmaps + 30))
	echo "$many" > "$parameters/max_persistent_grants"
}

# Without indirect requests a request is at most 11 pages.
segments() { # segments MAX_SEGMENTS SEGMENTS
	with_parameters "max_segments=$1"
	is "segments" "$(in_sys two nxda queue/max_segments)" "$2"
	is "largest request" "$(in_sys two nxda queue/max_hw_sectors_kb)" \
		$(($2 * 4))
	if (($2 > 11)); then
		has_feature two 0 "$INDIRECT"
	else
		has_no_feature two 0 "$INDIRECT"
	fi
	io_of_all
}

untrusted() {
	with_parameters trusted=0 persistent=0
	has_no_feature two 0 "$PERSISTENT"
	io_of_all
}

one_queue() {
	with_parameters max_queues=1
	queues_are two 0 1
	io_of_all
}

#
# Change.
#

# The table of a device under nxdd.
set_size() { # set_size MIB
	dmsetup reload sized --table "0 $(($1 * 2048)) linear $plain 0"
	dmsetup suspend sized
	dmsetup resume sized
}

has_mib() { # has_mib GUEST DISK MIB
	[[ $(in_sys "$1" "$2" size) == $(($3 * 2048)) ]]
}

# The host is told of a new size, or finds it when there is I/O.
resize() {
	dmsetup create sized --table "0 32768 linear $plain 0"
	disk_add two 3 /dev/mapper/sized
	load_start two nxdd 8
	set_size 28
	wait_for "the guest sees more" has_mib two nxdd 28
	random_at two nxdd 24 4
	load_stop two
	set_size 12
	is "new size" "$(chaos vbd resize two 3)" $((12 * MIB))
	wait_for "the guest sees less" has_mib two nxdd 12
	in_guest two sh -c '! dd if=/dev/zero of=/dev/nxdd bs=1M seek=12 count=1 oflag=direct'
	same_bytes two nxdd /dev/mapper/sized
	set_size 32
	chaos vbd resize two 3
	wait_for "the guest sees all" has_mib two nxdd 32
	same_bytes two nxdd /dev/mapper/sized
	disk_del two 3
	dmsetup remove sized
}

# reads OPTION… - let fio read nxdd of two, here and there, so that nothing is merged, and
# say how long dom0 found that to take, in ms
reads() {
	local began=${EPOCHREALTIME/./}
	in_guest two fio --minimal --name=reads --filename=/dev/nxdd --rw=randread --size=24m \
		--direct=1 --ioengine=libaio "$@" > "$work/fio"
	echo $(((${EPOCHREALTIME/./} - began) / 1000))
}

least() { # least WHAT MS LEAST
	echo "$1: $2 ms, $3 at the least"
	(($2 >= $3))
}

limits_of() { # limits_of ID
	chaos vbd list -j two | jq -c --argjson id "$1" \
		'.[] | select(.id == $id) | [.iops, .bps]'
}

# Of both queues together, but for what 50 ms allow and one request of each queue.
limits() {
	chaos vbd add two "phy:$plain,nxdd,w,iops=50"
	vbd_connected two 3
	is "limits" "$(limits_of 3)" "[50,0]"
	# fio takes a second or two to start, whatever it is to do.
	least "300 requests" "$(reads --bs=4k --iodepth=16 --io_size=1200k)" \
		$(((300 - 3 - 2) * 20))
	least "as many, by both CPUs" "$(reads --bs=4k --iodepth=16 --io_size=600k \
		--numjobs=2 --cpus_allowed=0,1 --cpus_allowed_policy=split)" \
		$(((300 - 3 - 2) * 20))
	verified two nxdd --rw=randrw --bs=64k --iodepth=4 --size=1m
	disk_del two 3
	# All sizes, those of more than 11 pages too, which describe themselves elsewhere.
	chaos vbd add two "phy:$plain,nxdd,w,bps=4M"
	vbd_connected two 3
	is "limits" "$(limits_of 3)" "[0,4000000]"
	is "limits in info" "$(chaos info -j two | jq -c '.disks[] |
		select(.id == 3) | [.iops, .bps]')" "[0,4000000]"
	least "24 MiB in 16 KiB" "$(reads --bs=16k --iodepth=8 --io_size=24m)" \
		$(((25165824 - 200000 - 2 * 16384) / 4000))
	least "24 MiB in 256 KiB" "$(reads --bs=256k --iodepth=4 --io_size=24m)" \
		$(((25165824 - 200000 - 2 * 262144) / 4000))
	disk_del two 3
	# Who waits for years doesn't keep it: 16 s for each of these.
	chaos vbd add two "phy:$plain,nxdd,w,bps=65536"
	vbd_connected two 3
	reads --bs=1m --iodepth=32 > "$work/slow" 2>&1 &
	slow=$!
	wait_for "it waits" is_limited
	disk_del two 3 -F
	wait "$slow" || true
	wait_for "it has gone" in_guest two test ! -e /dev/nxdd
}

is_limited() {
	(($(vbd_stat two 3 reads) > 0))
}

hot_plug() {
	local n
	# As much as leaves an emulated processor time for the rest.
	load_start two nxda 24 --thinktime=200000
	for ((n = 0; n < plugs; n++)); do
		disk_add two 3 "$plain"
		verified two nxdd "${mixed[@]}"
		same_bytes two nxdd "$plain"
		if ((n % 2)); then
			disk_del two 3
		else
			disk_del two 3 -F
		fi
		wait_for "it has gone" in_guest two test ! -e /dev/nxdd
	done
	load_stop two
}

plugs=$(repetitions 4)
((plugs < 20)) || plugs=20

bridge_up
disks_init
ledger_open
memory_disk raw1
raw1=$disk
memory_disk raw2
raw2=$disk
memory_disk raw3
raw3=$disk
memory_disk large blocksize=4096
large=$disk
memory_disk plain cache_size=0 discard=0
plain=$disk
truncate -s "${DISK_SIZE}M" "$IMAGES/file.img"

check "guests with one and two vCPUs, and their disks" first_disks
check "patterns: a raw device, one queue" every_pattern one nxda 512
check "host and guest see the same" same_bytes one nxda "$raw1"
check "patterns: a raw device, two queues" every_pattern two nxda 512
check "host and guest see the same" same_bytes two nxda "$raw2"
check "patterns: a file, two queues" every_pattern two nxdb 512
check "host and guest see the same" same_bytes two nxdb "$IMAGES/file.img"
check "patterns: sectors of 4096 octets" large_sectors
check "a disk to read only" read_only
check "caches are flushed" caches
check "statistics of both ends" statistics
check "what is done at once is answered at once" done_at_once
check "discards: a raw device" discards nxda 0 "$raw2"
check "discards: a file" discards nxdb 1 "$IMAGES/file.img"
check "several disks at a time" several_disks
check "grants that stay mapped" persistent
check "the host keeps none" none_persistent
check "no indirect requests" segments 11 11
check "requests of 256 pages" segments 1000 256
check "a backend that isn't trusted" untrusted
check "one queue for two vCPUs" one_queue
check "what is usual again" segments 64 64
check "another size, under load" resize
check "no more than its limits allow" limits
check "disks come and go under load" hot_plug
if ((DEBUG)); then
	check "nothing leaked in the guest" no_leak in_guest two
fi
check "the guests are destroyed" guest_destroy one two
memory_disk_del raw1 raw2 raw3 large plain
rm "$IMAGES/file.img"
ledger_close
bridge_down
done_testing
