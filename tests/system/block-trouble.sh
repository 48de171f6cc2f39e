#!/usr/bin/env bash
# SPDX-License-Identifier: GPL-2.0
#
# Disks in trouble: backends that go and come back, devices that hang, fail, change
# their size or vanish, and guests that end, all of it under load. I/O waits and
# goes on, or it fails; it never hangs for good, and data are never wrong.
#
# What dom0 can map at a time is little: 768 pages of guests.
# xenhost: --xen-args gnttab_max_maptrack_frames=3
#
# cost: boots 1 guests 22 seconds 340

# shellcheck disable=SC2016 # guests expand
set -euo pipefail
# shellcheck source-path=SCRIPTDIR
. "$(dirname "$0")/lib.sh"
# shellcheck source-path=SCRIPTDIR
. "$(dirname "$0")/block-lib.sh"

# Seconds in which a command is done, if it waits for nothing, or for as long as the
# manual says. What is emulated takes longer.
QUICK=40

# Seconds after which Linux is to say that a task is hung, and where it is told so.
HUNG=$((DEBUG ? 60 : 20))
hung_timeout=/proc/sys/kernel/hung_task_timeout_secs

# No guest may have more than dom0.
# shellcheck disable=SC2034 # for lib.sh
GUEST_MAPTRACK=1

driver=/sys/bus/noxs-backend/drivers/noxs-blkback
parameters=/sys/module/noxs_blkfront/parameters
# How often what can come and go does.
laps=$((LONG ? 3 : 1))
# What asked_start traces, beside lib.sh's trace.
asked=$trace/instances/asked

# What is below the guest's disk, "shaky", is changed by its table.
table() { # table MIB TARGET ARGUMENT… - from now on
	local mib=$1
	shift
	dmsetup reload shaky --table "0 $((mib * 2048)) $*"
	dmsetup suspend shaky
	dmsetup resume shaky
}

well() {
	table "$DISK_SIZE" linear "$base" 0
}

slow() { # slow MILLISECONDS
	table "$DISK_SIZE" delay "$base" 0 "$1"
}

io_stops() { # io_stops GUEST DISK
	local before
	before=$(io_count "$1" "$2") || return 1
	sleep 1
	is "requests completed" "$(io_count "$1" "$2")" "$before"
}

in_sys() { # in_sys GUEST DISK FILE
	in_guest "$1" cat "/sys/block/$2/$3"
}

frontend() { # frontend GUEST ID STATISTIC
	in_guest "$1" cat "/sys/bus/noxs/devices/vbd-$2/statistics/$3"
}

set_parameter() { # set_parameter NAME VALUE - of the guest's driver
	in_guest two sh -c "echo $2 > $parameters/$1"
}

disk_has_no_device() { # disk_has_no_device GUEST ID
	in_guest "$1" test ! -e "/sys/bus/noxs/devices/vbd-$2"
}

disk_is_gone() { # disk_is_gone GUEST DISK
	wait_for "$2 has gone" in_guest "$1" test ! -e "/dev/$2"
}

end_is() { # end_is GUEST ID frontend|backend STATE - one end of a disk
	chaos vbd list -j "$1" | jq -e --argjson id "$2" --arg key "$3_state" \
		--arg state "$4" '.[] | select(.id == $id) | .[$key] == $state'
}

some_io() { # some_io GUEST DISK
	verified "$1" "$2" --rw=randrw --bsrange=4k-256k --iodepth=16 --size=4m
}

first_disk() {
	guest_create two 'vcpus = 2'
	disk_add two 0 /dev/mapper/shaky
	some_io two nxda
}

vbd_name() {
	echo "vbd-$(domid_of "$1")-$2"
}

# set_copies 0|1 - whether data are copied, from now on; the first disk, and later ones
set_copies() {
	set_parameter persistent "$1"
	vbd_name two 0 > "$driver/unbind"
	vbd_name two 0 > "$driver/bind"
	wait_for "it is connected" copies_are "$1"
	some_io two nxda
}

copies_are() { # copies_are 0|1
	vbd_is two 0 Connected &&
		(( (($(in_guest two cat /sys/bus/noxs/devices/vbd-0/features) & 0x20) != 0) == $1 ))
}

# A new disk of the same number, after the last one was removed or lost.
disk_again() {
	disk_add two 0 /dev/mapper/shaky
	some_io two nxda
}

#
# Backends that go and come back.
#

reload_backend() { # reload_backend ID - of both disks; this one is looked at
	local disk lap
	disk=nxd$(letter_of "$1")
	load_start two "$disk"
	for ((lap = 0; lap < laps; lap++)); do
		rmmod noxs_blkback
		io_stops two "$disk"
		load_is_alive two
		modprobe noxs_blkback
		vbd_connected two "$1"
		wait_for "I/O goes on" io_goes_on two "$disk"
	done
	load_stop two
	is "errors" "$(frontend two "$1" errors)" 0
}

# Nobody but the backend has the loop device open, and without it the file would
# be lost.
reload_backend_of_file() {
	truncate -s "${DISK_SIZE}M" "$IMAGES/trouble.img"
	chaos vbd add -w "$DEADLINE" two "$IMAGES/trouble.img,raw,xvdb,w"
	wait_for "it is there" in_guest two test -b /dev/nxdb
	reload_backend 1
	disk_del two 1
	wait_for "its loop device has gone" no_loop_of "$IMAGES/trouble.img"
	rm "$IMAGES/trouble.img"
}

no_loop_of() { # no_loop_of FILE
	! losetup -l -n -O BACK-FILE | grep -x "$1"
}

bind_backend() {
	local lap
	load_start two nxda
	slow 100
	for ((lap = 0; lap < laps; lap++)); do
		vbd_name two 0 > "$driver/unbind"
		io_stops two nxda
		load_is_alive two
		vbd_name two 0 > "$driver/bind"
		vbd_connected two 0
		wait_for "I/O goes on" io_goes_on two nxda
	done
	well
	load_stop two
	echo "$(frontend two 0 requeues) requests sent again"
	(($(frontend two 0 requeues) > 0))
	is "errors" "$(frontend two 0 errors)" 0
}

# ended NAME… - whether what "start" has started in the guest has succeeded
ended() {
	in_guest two sh -c 'for name; do
		[ "$(cat "/tmp/$name")" = 0 ] || {
			cat "/tmp/$name.out"
			exit 1
		}
	done' sh "$@"
}

start() { # start NAME COMMAND - by the guest's first processor
	# By a shell: busybox' taskset knows busybox' commands only.
	in_guest two sh -c 'rm -f "/tmp/$1"
		(taskset 1 sh -c "$2" > "/tmp/$1.out" 2>&1
		echo $? > "/tmp/$1") > /dev/null 2>&1 &' sh "$1" "$2"
}

in_flight_is() { # in_flight_is ID N - requests that the backend has
	[[ $(vbd_stat two "$1" in_flight) == "$2" ]]
}

lets_go() { # whether the guest's driver has lost its backend
	[[ $(frontend two 0 inflight) == 0 ]]
}

# A write and a flush are sent to the next backend, whose device has no cache that
# is to be flushed any more.
bind_without_cache() {
	local cache timeouts
	cache=/sys/block/$(basename "$(readlink /dev/mapper/shaky)")/queue/write_cache
	is "cache" "$(cat "$cache")" "write back"
	timeouts=$(frontend two 0 timeouts)
	dmsetup suspend shaky
	start write 'dd if=/dev/zero of=/dev/nxda bs=4k count=1 oflag=direct'
	wait_for "the backend has the write" in_flight_is 0 1
	start flush 'dd if=/dev/null of=/dev/nxda conv=fsync'
	wait_for "the backend has the flush" in_flight_is 0 2
	vbd_name two 0 > "$driver/unbind" &
	wait_for "the guest has lost it" lets_go
	echo "write through" > "$cache"
	dmsetup resume shaky
	wait $!
	vbd_name two 0 > "$driver/bind"
	vbd_connected two 0
	wait_for "both have ended" ended write flush
	is "timeouts" "$(frontend two 0 timeouts)" "$timeouts"

	vbd_name two 0 > "$driver/unbind"
	echo "write back" > "$cache"
	vbd_name two 0 > "$driver/bind"
	vbd_connected two 0
	some_io two nxda
}

# Reading, writing and flushing, while the host's cache comes and goes, between
# connections and within them.
cache_changes() {
	local cache=/sys/block/${spare##*/}/queue/write_cache lap mode
	disk_add two 1 "$spare"
	load_start two nxdb 24 --fsync=2
	for lap in 1 2; do
		for mode in "write through" "write back"; do
			echo "$mode" > "$cache"
			wait_for "I/O goes on" io_goes_on two nxdb
		done
		((lap % 2)) || echo "write through" > "$cache"
		vbd_name two 1 > "$driver/unbind"
		echo "write back" > "$cache"
		vbd_name two 1 > "$driver/bind"
		vbd_connected two 1
		wait_for "I/O goes on" io_goes_on two nxdb
	done
	load_stop two
	is "errors and timeouts" \
		"$(frontend two 1 errors) $(frontend two 1 timeouts)" "0 0"
	(($(vbd_stat two 1 flushes) > 0))
	disk_del two 1
	disk_is_gone two nxdb
}

# What the backend asked of the host's device from here on, and what ended, one in a
# line: writes (W), past the cache or not (a last F), flushes (a first F).
asked_start() { # asked_start DEVICE
	local event
	mkdir "$asked"
	for event in block_bio_queue block_bio_complete; do
		echo "dev == $(($(stat -Lc '0x%t << 20 | 0x%T' "$1")))" \
			> "$asked/events/block/$event/filter"
		echo 1 > "$asked/events/block/$event/enable"
	done
}

asked_stop() {
	rmdir "$asked"
}

asked_are() { # asked_are LINE… - those, and no others
	local lines
	lines=$(sed -nE 's/.* block_bio_queue: \S+ (F?W\S*) .*/asked \1/p
		s/.* block_bio_complete: \S+ (F?W\S*) .*/done \1/p' "$asked/trace")
	diff <(echo "$lines") <(printf '%s\n' "$@")
}

in_flight_and() { # in_flight_and N STATISTIC VALUE - of disk 1
	local got
	got="$(vbd_stat two 1 in_flight) and $(vbd_stat two 1 "$2") $2"
	is "in flight" "$got" "$1 and $3 $2"
}

# A barrier is a write that is durable when it is answered, and no more: it flushes
# nothing, doesn't wait for the write that was sent before it, nor the one after it for
# it. Where a write is too large for that, a flush is sent when it is done, and not
# before. Half of the device hangs meanwhile; what comes next was sent because what came
# before was answered.
barriers() {
	local flushes size=$((8 * 2048)) write barrier
	write='dd if=/dev/zero of=/dev/nxdb bs=4k count=1 conv=notrunc oflag=direct'
	# busybox' dd doesn't know O_DSYNC.
	barrier='fio --name=barrier --filename=/dev/nxdb --minimal --ioengine=psync
		--invalidate=0 --direct=1 --sync=dsync --rw=write'
	barrier=${barrier//[$'\n\t']/ }
	dmsetup create hangs --table "0 $size linear $spare 0"
	printf '%s\n' "0 $size linear $spare $size" \
		"$size $size linear /dev/mapper/hangs 0" | dmsetup create half
	disk_add two 1 /dev/mapper/half
	is "barriers" "$(vbd_stat two 1 barriers)" 0
	flushes=$(vbd_stat two 1 flushes)
	asked_start /dev/mapper/half

	dmsetup suspend hangs
	start write "$write seek=2048"
	wait_for "the backend has a write" in_flight_is 1 1
	start barrier "$barrier --bs=4k --size=4k --offset=4k"
	wait_for "the barrier is done, and the flush of it all is sent" \
		in_flight_and 2 flushes $((flushes + 1))
	start stuck "$barrier --bs=4k --size=4k --offset=$((2049 * 4))k"
	wait_for "the backend has another one" in_flight_and 3 barriers 2
	in_guest two sh -c "$write seek=2"
	must_fail ended write
	must_fail ended stuck
	asked_are 'asked WS' 'asked WFS' 'done WFS' 'asked FWS' 'asked WFS' \
		'asked WS' 'done WS'
	dmsetup resume hangs
	wait_for "all have ended" ended write barrier stuck

	echo > "$asked/trace"
	dmsetup suspend hangs
	start large "$barrier --bs=64k --size=64k --offset=8m"
	wait_for "the backend has the write" in_flight_is 1 1
	dmsetup resume hangs
	wait_for "it has ended" ended large
	asked_are 'asked WS' 'done WS' 'asked FWS' 'done FWS' 'asked FWS' 'done FWS'
	is "barriers" "$(vbd_stat two 1 barriers)" 2

	asked_stop
	disk_del two 1
	disk_is_gone two nxdb
	dmsetup remove half hangs
}

given_up() { # how many times a backend of the guest's didn't answer in time
	in_guest two dmesg | grep -c "doesn't answer" || true
}

waits_long() { # whether a request had so many time-outs that it is too long
	(($(frontend two 0 timeouts) > $1 + 6))
}

# The guest finds that its backend doesn't answer just when that goes. The next one
# is as good as any. How often that has to be tried depends on the block layer's
# timer, which is no finer than a second.
given_up_when_gone() {
	local before timeouts
	before=$(given_up)
	in_guest two sh -c 'echo 200 > /sys/block/nxda/queue/io_timeout'
	while [[ $(given_up) == "$before" ]]; do
		timeouts=$(frontend two 0 timeouts)
		dmsetup suspend shaky
		start write 'dd if=/dev/zero of=/dev/nxda bs=4k count=1 oflag=direct'
		wait_for "it takes too long" waits_long "$timeouts"
		in_guest two sh -c "(until grep -q Clos \
				/sys/bus/noxs/devices/vbd-0/otherend_state; do :; done
			echo 1 > $parameters/request_timeout) > /dev/null 2>&1 &"
		vbd_name two 0 > "$driver/unbind" &
		wait_for "the guest has lost it" lets_go
		dmsetup resume shaky
		wait $!
		set_parameter request_timeout 300
		vbd_name two 0 > "$driver/bind"
		vbd_connected two 0
		wait_for "the write has ended" ended write
	done
	in_guest two sh -c 'echo 30000 > /sys/block/nxda/queue/io_timeout'
	some_io two nxda
}

backend_comes_late() {
	set_parameter reconnect_timeout 2
	load_start two nxda
	vbd_name two 0 > "$driver/unbind"
	load_failed two
	in_guest two sh -c '! dd if=/dev/nxda of=/dev/null bs=4k count=1 iflag=direct'
	vbd_name two 0 > "$driver/bind"
	vbd_connected two 0
	set_parameter reconnect_timeout 60
	wait_for "I/O is possible" in_guest two \
		dd if=/dev/nxda of=/dev/null bs=4k count=1 iflag=direct
	some_io two nxda
}

# The other end.
bind_frontend() {
	local frontend=/sys/bus/noxs/drivers/noxs_blkfront lap
	for ((lap = 0; lap < laps; lap++)); do
		load_start two nxda
		in_guest two sh -c "echo vbd-0 > $frontend/unbind"
		load_failed two
		disk_is_gone two nxda
		in_guest two sh -c "echo vbd-0 > $frontend/bind"
		vbd_connected two 0
		wait_for "it is there" in_guest two test -b /dev/nxda
		some_io two nxda
	done
}

# A disk that is open in the guest isn't taken from it: it is as it was. If the guest
# closes it in time, it goes.
removed_in_use() {
	load_start two nxda
	fails 1 chaos vbd del two 0
	grep -q "is in use in the guest" "$work/stderr"
	vbd_is two 0 Connected
	wait_for "I/O goes on" io_goes_on two nxda
	load_stop two
	in_guest two sh -c 'exec 9< /dev/nxda; sleep 2 > /dev/null 2>&1 &'
	disk_del two 0
	disk_is_gone two nxda
	disk_again
}

removed() {
	load_start two nxda
	disk_del two 0 -F
	load_failed two
	disk_is_gone two nxda
	disk_again
}

removed_while_slow() {
	load_start two nxda
	slow 1000
	disk_del two 0 -F
	load_failed two
	disk_is_gone two nxda
	well
	disk_again
}

# The host waits for its device, which still has the guest's I/O. Nothing of the guest's
# own is mapped.
removed_while_hanging() {
	load_start two nxda
	dmsetup suspend shaky
	disk_del two 0 -F &
	load_failed two
	dmsetup resume shaky
	wait $!
	disk_is_gone two nxda
	disk_again
}

# If data aren't copied, the guest's I/O waits, too, as it may still be done.
removed_while_hanging_and_mapped() {
	set_parameter reconnect_timeout 5
	load_start two nxda
	dmsetup suspend shaky
	disk_del two 0 -F &
	wait_for "the guest has lost its disk" disk_has_no_device two 0
	load_is_alive two
	dmsetup resume shaky
	load_failed two
	wait $!
	disk_is_gone two nxda
	set_parameter reconnect_timeout 60
	disk_again
}

#
# Devices that hang, fail, and change their size.
#

hanging() {
	load_start two nxda
	dmsetup suspend shaky
	wait_for "I/O stops" io_stops two nxda
	load_is_alive two
	dmsetup resume shaky
	wait_for "I/O goes on" io_goes_on two nxda
	load_stop two
}

# Requests take longer than the block layer expects, but not too long.
slow_device() {
	local before
	before=$(frontend two 0 timeouts)
	in_guest two sh -c 'echo 1000 > /sys/block/nxda/queue/io_timeout'
	slow 2500
	verified two nxda --rw=write --bs=4k --iodepth=4 --size=32k
	well
	echo "$before timeouts, $(frontend two 0 timeouts) now"
	(($(frontend two 0 timeouts) > before))
	is "errors" "$(frontend two 0 errors)" 0
	vbd_is two 0 Connected
	some_io two nxda
}

# Requests take too long: the guest gives the device up, and can have another. The
# requests that there are fail when the host can't do them any more.
too_slow_device() {
	set_parameter request_timeout 3
	in_guest two sh -c 'echo 1000 > /sys/block/nxda/queue/io_timeout'
	load_start two nxda
	slow 60000
	wait_for "the guest gave it up" end_is two 0 frontend Closed
	in_guest two sh -c '! dd if=/dev/nxda of=/dev/null bs=4k count=1 iflag=direct'
	load_is_alive two
	well
	load_failed two
	disk_del two 0
	disk_is_gone two nxda
	set_parameter request_timeout 300
	disk_again
}

late_start() { # late_start NAME ARGUMENT…
	local name=$1
	shift
	in_guest two sh -c "rm -f /tmp/look; late $* > /tmp/late.$name 2>&1 &"
}

late_says() { # late_says NAME LINES
	[[ $(in_guest two cat "/tmp/late.$1") == "$2" ]]
}

holds() { # holds ID N - requests that wait for the backend to let go of them
	[[ $(frontend two "$1" held) == "$2" ]]
}

# A request that takes too long ends when nobody can change what it read, and
# nobody reads what it wrote, any more. What was copied, as it isn't aligned to the
# disk's sectors, ends in time. The guest can let go of the disk all the same, and
# gets it again after that.
late_data() {
	local name driver=/sys/bus/noxs/drivers/noxs_blkfront failed="Input/output error"
	guest-exec -i two sh -c 'cat > /bin/late; chmod +x /bin/late' \
		< "$SYSTEM/late"
	head -c 4M /dev/zero | tr '\0' d > "$rest"
	disk_add two 1 /dev/mapper/other
	in_guest two sh -c 'echo 2000 > /sys/block/nxdb/queue/io_timeout'
	dmsetup suspend other
	late_start read read /dev/nxdb 0
	late_start write write /dev/nxdb 1048576
	late_start copied_read read /dev/nxdb 2097152 512
	late_start copied_write write /dev/nxdb 3145728 512
	wait_for "the backend has these" in_flight_is 1 4
	in_guest two sh -c "(dd if=/dev/zero of=/dev/nxdb bs=4k count=1 seek=1024 \
		conv=fsync) > /dev/null 2>&1 &"
	wait_for "the backend has what was cached, too" in_flight_is 1 5

	set_parameter request_timeout 3
	wait_for "what was copied has failed" late_says copied_read "$failed"
	wait_for "what was copied has failed" late_says copied_write "$failed"
	wait_for "the guest gave it up" end_is two 1 frontend Closed
	wait_for "others are held" holds 1 3
	in_guest two sh -c '! dd if=/dev/nxdb of=/dev/null bs=4k count=1 iflag=direct'
	in_guest two sh -c "echo vbd-1 > $driver/unbind"
	# Of a dead disk, newer kernels don't wait for what is in the cache: then it may have
	# gone by now, though its I/O hasn't ended.
	in_guest two sh -c "! echo vbd-1 > $driver/bind || ! uname -r | grep '^6\.1\.'"
	for name in read write; do
		late_says "$name" ""
	done
	dmsetup resume other

	for name in read write; do
		wait_for "what was held has failed" late_says "$name" "$failed"
	done
	in_guest two touch /tmp/look
	for name in read write copied_read copied_write; do
		wait_for "$name ends" late_says "$name" "$failed"$'\nchanged 0'
	done
	is "octets that were there, or were written" "$(dd if=/dev/mapper/other \
		bs=64k count=64 iflag=direct status=none | tr -d -c dw |
		wc -c)" $((4 << 20))
	set_parameter request_timeout 300
	vbd_connected two 1
	wait_for "it is there again" in_guest two test -b /dev/nxdb
	some_io two nxdb
	disk_del two 1
	disk_is_gone two nxdb
}

failing() {
	load_start two nxda
	table "$DISK_SIZE" error
	load_failed two
	in_guest two sh -c '! dd if=/dev/nxda of=/dev/null bs=4k count=1 iflag=direct &&
		! dd if=/dev/zero of=/dev/nxda bs=4k count=1 oflag=direct &&
		! dd if=/dev/zero of=/dev/nxda bs=4k count=1 conv=fsync'
	(($(frontend two 0 errors) > 0))
	(($(vbd_stat two 0 errors) > 0))
	well
	vbd_is two 0 Connected
	some_io two nxda
}

# Each request succeeds or fails. What was written is there, what wasn't is the
# one or the other, and what was read is right.
flaky() {
	in_guest two sh -c 'cd /tmp
		dd if=/dev/urandom of=old bs=256k count=1
		dd if=/dev/urandom of=new bs=256k count=1
		dd if=old of=/dev/nxda bs=4k oflag=direct'
	table "$DISK_SIZE" flakey "$base" 0 1 1
	in_guest two sh -c 'cd /tmp
		block() { # block FILE N
			dd "if=$1" "skip=$2" bs=4k count=1
		}
		same() { # same FILE N
			block "$1" "$2" | cmp -s - got
		}
		good=0 bad=0 n=0
		: > written
		while [ $good -lt 32 ] || [ $bad -lt 32 ]; do
			if dd if=/dev/nxda of=got bs=4k count=1 skip=$n iflag=direct; then
				good=$((good + 1))
				same old $n || same new $n || exit 1
			else
				bad=$((bad + 1))
			fi
			if dd if=new of=/dev/nxda bs=4k count=1 skip=$n seek=$n \
				oflag=direct; then
				good=$((good + 1))
				echo $n >> written
			else
				bad=$((bad + 1))
			fi
			n=$(((n + 1) % 64))
		done 2> /dev/null
		echo "$good succeeded, $bad failed"'
	well
	in_guest two sh -c 'cd /tmp
		for n in $(sort -un written); do
			dd if=/dev/nxda of=got bs=4k count=1 skip=$n iflag=direct
			dd if=new skip=$n bs=4k count=1 | cmp - got || exit 1
		done 2> /dev/null'
	some_io two nxda
}

has_mib() { # has_mib GUEST DISK MIB
	[[ $(in_sys "$1" "$2" size) == $(($3 * 2048)) ]]
}

# What is left goes on, and so does all when it has grown again.
shrinking() {
	load_start two nxda 8
	table 16 linear "$base" 0
	wait_for "the guest sees less" has_mib two nxda 16
	wait_for "I/O goes on" io_goes_on two nxda
	well
	wait_for "the guest sees all" has_mib two nxda "$DISK_SIZE"
	load_stop two

	load_start two nxda 48
	table 16 linear "$base" 0
	load_failed two
	some_io two nxda
	well
	chaos vbd resize two 0
	wait_for "the guest sees all" has_mib two nxda "$DISK_SIZE"
	verified two nxda --rw=write --bs=256k --iodepth=4 --offset=32m --size=8m
}

vanished() { # Older kernels tell the backend only when there is I/O.
	in_guest two sh -c \
		'! dd if=/dev/nxdb of=/dev/null bs=4k count=1 iflag=direct' &&
		end_is two 1 backend Closed
}

# The device itself goes, as if it were pulled out.
vanishing() {
	memory_disk short
	disk_add two 1 "$disk"
	load_start two nxdb
	echo 0 > "$config/nullb/short/power"
	load_failed two
	wait_for "its backend is closed" vanished
	disk_del two 1
	disk_is_gone two nxdb
	memory_disk_del short
}

# There is more when there is room for it.
full() {
	mkdir "$work/small"
	mount -t tmpfs -o size=4m tmpfs "$work/small"
	truncate -s 16M "$work/small/img"
	chaos vbd add -w "$DEADLINE" two "$work/small/img,raw,xvdb,w"
	wait_for "it is there" in_guest two test -b /dev/nxdb
	in_guest two sh -c \
		'! dd if=/dev/urandom of=/dev/nxdb bs=64k count=128 oflag=direct'
	vbd_is two 1 Connected
	mount -o remount,size=32m "$work/small"
	verified two nxdb --rw=randwrite --bs=64k --iodepth=16 --size=16m
	disk_del two 1
	wait_for "it can be unmounted" umount "$work/small"
}

#
# What dom0 can map, and what may be granted.
#

starved() { # starved ID… - how often there was no room for mappings
	local id sum=0
	for id; do
		sum=$((sum + $(vbd_stat two "$id" starved)))
	done
	echo "$sum"
}

starves() { # starves ID N - whether it was more than N times
	(($(starved "$1") > $2))
}

other_is() { # other_is TARGET ARGUMENT… - what "other" is from now on
	dmsetup reload other --table "0 $((DISK_SIZE * 2048)) $*"
	dmsetup suspend other
	dmsetup resume other
}

# Disks want more of the guest's pages than dom0 can map: they wait for each other.
too_many_mappings() {
	local before errors
	disk_add two 1 /dev/mapper/other
	before=$(starved 0 1)
	errors=$(frontend two 0 errors)
	slow 200
	other_is delay "$rest" 0 200
	in_guest two fio --minimal --name=global --direct=1 --ioengine=libaio \
		--rw=write --bs=256k --iodepth=32 --size=4m --verify=crc32c \
		--verify_fatal=1 --do_verify=1 \
		--name=a --filename=/dev/nxda --name=b --filename=/dev/nxdb \
		--name=c --filename=/dev/nxda --offset=32m \
		--name=d --filename=/dev/nxdb --offset=32m > "$work/fio"
	other_is linear "$rest" 0
	well
	echo "$before times there was no room, $(starved 0 1) now"
	(($(starved 0 1) > before))
	is "errors" "$(frontend two 0 errors) $(frontend two 1 errors)" "$errors 0"
}

nothing_is_kept() {
	(($(vbd_stat two 0 persistent_grants) + $(vbd_stat two 1 persistent_grants) == 0))
}

# A disk that has nothing to do has so much mapped, 11 requests, that there is no room
# for one of another's. That doesn't wait until it is all unmapped after a while, and
# looks in vain ten times a second. If the machine is slow, that may be so at once.
kept() {
	local before tries now
	other_is delay "$rest" 0 200
	for ((tries = 0; tries < 5; tries++)); do
		wait_for "nothing is kept" nothing_is_kept
		before=$(starved 0)
		in_guest two sh -ec "fio --minimal --name=global --filename=/dev/nxdb \
				--direct=1 --ioengine=libaio --rw=write --bs=256k \
				--name=a --size=2m --iodepth=8 --cpus_allowed=0 \
				--name=b --size=768k --iodepth=3 --cpus_allowed=1 \
				--offset=4m > /dev/null
			dd if=/dev/zero of=/dev/nxda bs=256k count=1 oflag=direct"
		now=$(starved 0)
		((now == before)) || break
	done
	other_is linear "$rest" 0
	echo "$before times there was no room, $now now"
	((now > before && now < before + 20))
}

# A guest's disks want more than it may have mapped. One whose device hangs has all of
# that, and another one gets on.
budget() {
	local before errors many most=/sys/module/noxs_blkback/parameters/max_mappings
	many=$(cat "$most")
	before=$(starved 0)
	errors=$(frontend two 0 errors)
	echo 128 > "$most"
	slow 20
	verified two nxda --rw=write --bs=256k --iodepth=32 --size=4m
	well
	echo "$before times there was no room, $(starved 0) now"
	(($(starved 0) > before))

	before=$(starved 1)
	dmsetup suspend other
	start fill "fio --name=fill --filename=/dev/nxdb --direct=1 --minimal \
		--ioengine=libaio --rw=write --bs=256k --iodepth=32 --size=4m"
	wait_for "it has all" starves 1 "$before"
	some_io two nxda
	dmsetup resume other
	wait_for "it goes on" ended fill
	echo "$many" > "$most"
	is "errors" "$(frontend two 0 errors) $(frontend two 1 errors)" "$errors 0"
	disk_del two 1
	disk_is_gone two nxdb
}

# What doesn't fit in a guest's grant table isn't added. A disk has more entries than
# it needs, but not those that another device needs.
grants() {
	guest_config small 'max_grant_frames = 1' > "$work/small.cfg"
	fails 1 chaos create "$work/small.cfg"
	grep -q "max_grant_frames: Linux needs 2" "$work/stderr"
	guest_config small 'max_grant_frames = 2' \
		"vif = [ 'bridge=$BRIDGE', 'bridge=$BRIDGE' ]" > "$work/small.cfg"
	fails 1 chaos create "$work/small.cfg"
	grep -qx "chaos: .*max_grant_frames: the guest has 2, its devices need 3" \
		"$work/stderr"
	guest_create end 'max_grant_frames = 2'
	disk_add end 0 /dev/mapper/other
	verified end nxda --rw=write --bs=256k --iodepth=32 --size=16m
	chaos vif add -w "$DEADLINE" end "bridge=$BRIDGE"
	fails 1 chaos vif add end "bridge=$BRIDGE"
	grep -q "max_grant_frames: the guest has 2, its devices need 3" "$work/stderr"
	is "vifs" "$(chaos vif list -j end | jq length)" 1
}

# What is beside the data of a file system, or of whatever else the kernel has, isn't
# for the backend.
neighbours() {
	local granted=/sys/module/noxs_granted/parameters
	in_guest two modprobe noxs_granted
	in_guest two sh -c "echo 0 > $granted/granted; echo 0 > $granted/pointers"
	in_guest two modprobe noxs_slab disk=/dev/nxda
	is "whether pages were granted" \
		"$(in_guest two sh -c "[ \$(cat $granted/granted) -gt 1 ] && echo yes")" yes
	is "pages with pointers" "$(in_guest two cat "$granted/pointers")" 0
	in_guest two rmmod noxs_slab noxs_granted
}

#
# Guests that end.
#

# Whoever ended, its disk is free for another guest.
disk_is_free() {
	disk_add two 1 /dev/mapper/other
	some_io two nxdb
	disk_del two 1
	disk_is_gone two nxdb
}

crashed() {
	[[ $(chaos list -j | jq -r '.[] | select(.name == "end").state') == crashed ]]
}

guest_crash() {
	load_start end nxda
	in_guest end sh -c \
		'(sleep 1; echo c > /proc/sysrq-trigger) > /dev/null 2>&1 &'
	wait_for "it has crashed" crashed
	chaos destroy end
	disk_is_free
}

guest_end() {
	guest_create end 'vcpus = 2'
	disk_add end 0 /dev/mapper/other
	load_start end nxda
	chaos destroy end
	disk_is_free
}

# quick COMMAND… - it doesn't take long, as nothing that hangs is its business
quick() {
	local start=$SECONDS status=0
	"$@" > "$work/quick" 2>&1 &
	while kill -0 $! 2> /dev/null; do
		if ((SECONDS - start > QUICK)); then
			echo "more than $QUICK s: $*"
			return 1
		fi
		sleep 0.1
	done
	wait $! || status=$?
	cat "$work/quick"
	echo "$((SECONDS - start)) s: $*"
	return "$status"
}

is_shut_down() { # is_shut_down GUEST
	[[ $(chaos list -j | jq -r --arg name "$1" \
		'.[] | select(.name == $name).state') == shutdown ]]
}

is_past() { # is_past SECONDS
	((SECONDS > $1))
}

hung_tasks() {
	dmesg | grep "blocked for more than $HUNG seconds"
}

# A device hangs: who wants something of another's waits no longer than ever, and
# who removes the disk, or its guest, not for long. The guest can still shut down.
guest_end_while_hanging() {
	local destroy status=0 removed asked
	asked=$(cat "$hung_timeout")
	guest_create end 'vcpus = 2'
	disk_add end 0 /dev/mapper/other
	load_start end nxda
	dmsetup suspend other
	wait_for "I/O stops" io_stops end nxda

	must_fail quick chaos vbd del end 0
	grep -q "is in use in the guest" "$work/quick"
	echo "$HUNG" > "$hung_timeout"
	quick chaos vbd del -F end 0
	removed=$SECONDS
	wait_for "the guest has lost it" disk_has_no_device end 0
	is "its state" "$(chaos vbd list -j end |
		jq -r '.[] | select(.id == 0).backend_state')" Closing
	must_fail quick chaos vbd add end "phy:$spare,nxda,w"
	quick chaos vbd del -F end 0
	in_guest end sh -c '(sleep 1; poweroff -f) > /dev/null 2>&1 &'
	wait_for "it shuts down" is_shut_down end

	chaos destroy end > "$work/destroy" 2>&1 &
	destroy=$!
	quick chaos vbd add two "phy:$spare,nxdb,w"
	vbd_connected two 1
	quick chaos list
	quick chaos vbd list two
	quick chaos vbd resize two 1
	quick chaos vbd del two 1
	quick guest_start other "disk = [ 'phy:$spare,nxda,w' ]"
	quick chaos destroy other
	wait "$destroy" || status=$?
	cat "$work/destroy"
	is "status of destroy" "$status" 1
	grep -q "is dying, but somebody still maps" "$work/destroy"

	# Who waits for the device isn't hung.
	wait_for "Linux has looked twice" is_past $((removed + 2 * HUNG))
	must_fail hung_tasks
	echo "$asked" > "$hung_timeout"
	dmsetup resume other
	wait_for "it can be destroyed" chaos destroy end
	disk_is_free
}

bridge_up
disks_init
modprobe -a dm-delay dm-flakey
ledger_open
memory_disk base
base=$disk
dmsetup create shaky --table "0 $((DISK_SIZE * 2048)) linear $base 0"
memory_disk spare
spare=$disk
memory_disk rest blocksize=4096
rest=$disk
dmsetup create other --table "0 $((DISK_SIZE * 2048)) linear $rest 0"

check "a guest and its disk" first_disk
check "the backend's module is reloaded" reload_backend 0
check "the backend's module is reloaded, on a file" reload_backend_of_file
check "a backend is unbound and bound" bind_backend
check "a backend comes back without a cache" bind_without_cache
if ((LONG)); then
	check "the host's cache comes and goes under load" cache_changes
	check "a backend is given up when it goes" given_up_when_gone
fi
check "barriers, and what is sent before and after them" barriers
check "a backend comes back too late" backend_comes_late
check "a frontend is unbound and bound" bind_frontend
check "a disk is asked for that is in use" removed_in_use
check "a disk is removed by force" removed
check "a disk is removed whose device is slow" removed_while_slow
check "a disk is removed whose device hangs" removed_while_hanging
check "a device hangs for a while" hanging
check "from here on, data aren't copied" set_copies 0
check "a disk is removed whose device hangs" removed_while_hanging_and_mapped
check "a device is slow" slow_device
check "a device is too slow" too_slow_device
check "a device is too slow, and what it does comes late" late_data
check "what is beside an object of the kernel's isn't granted" neighbours
check "from here on, they are again" set_copies 1
check "a device fails" failing
check "a device fails now and then" flaky
check "a device shrinks and grows" shrinking
check "a device vanishes" vanishing
check "the host's file system is full" full
check "more mappings than dom0 can have" too_many_mappings
check "what is mapped for later gives way" kept
check "more mappings than a guest may have" budget
check "a guest's grant table is small" grants
check "it crashes" guest_crash
check "a guest is destroyed" guest_end
check "a guest is destroyed whose device hangs" guest_end_while_hanging
if ((DEBUG)); then
	check "nothing leaked in the guest" no_leak in_guest two
fi
check "the guest is destroyed" guest_destroy two
dmsetup remove shaky other
memory_disk_del base rest spare
ledger_close
bridge_down
done_testing
