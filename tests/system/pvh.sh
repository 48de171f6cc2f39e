#!/usr/bin/env bash
# SPDX-License-Identifier: GPL-2.0
#
# PVH guests: chosen and forced types, processors, clock and timers, devices,
# and their end in every way.  No xenstored runs.
#
# With a single processor, for the reason that tests/rig/README.md gives.
# xenhost: --pvh
# cost: boots 1 guests 24 seconds 325

set -euo pipefail
# shellcheck source-path=SCRIPTDIR
. "$(dirname "$0")/lib.sh"

GUEST_TYPE=pvh

type_of() {
	chaos list -j | jq -er --arg name "$1" '.[] | select(.name == $name).type'
}

state_is() { # state_is NAME STATE
	[[ $(chaos list -j | jq -r --arg name "$1" \
		'.[] | select(.name == $name).state') == "$2" ]]
}

no_xenstored() {
	is "xenstored" "$(pgrep -l xenstored || true)" ""
	[[ ! -S /run/xenstored/socket ]]
}

# The type of a guest whose file says nothing of it.
default_is() { # default_is TYPE FILE
	guest_config default '# type = any' "kernel = '$2'" > "$work/default.cfg"
	chaos create -p "$work/default.cfg"
	is "type" "$(type_of default)" "$1"
	is "type in the record" \
		"$(jq -r .type "/run/chaos/domains/$(domid_of default).json")" "$1"
	guest_destroy default
}

refuses() { # refuses TEXT FILE - type = "pvh" with this kernel
	local status=0
	chaos list -j > "$work/before"
	guest_config refused "kernel = '$2'" > "$work/refused.cfg"
	chaos create "$work/refused.cfg" > "$work/stdout" 2> "$work/stderr" ||
		status=$?
	cat "$work/stderr"
	is "exit status" "$status" 1
	is "lines" "$(wc -l < "$work/stderr")" 1
	grep -F "$1" "$work/stderr"
	chaos list -j | jq -c 'map(del(.cpu_time))' > "$work/after"
	diff <(jq -c 'map(del(.cpu_time))' "$work/before") "$work/after"
}

# As many processors as the ACPI tables have room for. Xen keeps some of what it
# allocates for so many, so this comes before the ledger.
many_vcpus() {
	guest_config many "vcpus = 128" > "$work/many.cfg"
	chaos create -p "$work/many.cfg"
	is "vcpus" "$(chaos list -j |
		jq '.[] | select(.name == "many").vcpus')" 128
	guest_destroy many
}

forced_pv() {
	guest_create forced "type = 'pv'"
	is "type" "$(type_of forced)" pv
	in_guest forced sh -c 'dmesg | grep "Booting kernel on Xen$"'
	guest_destroy forced
}

compressed() {
	guest_create bz "kernel = '$GUESTS/vmlinuz'"
	is "type" "$(type_of bz)" pvh
	in_guest bz sh -c 'dmesg | grep "Booting kernel on Xen PVH"'
	guest_destroy bz
}

# overhead MEMORY MOST [LINE…] - the pages that Xen has for a guest of MEMORY MiB, besides
# its memory
overhead() {
	local before
	printf '%s\n' "name = 'parked'" "kernel = '$SYSTEM/parked'" \
		"memory = $1" "${@:3}" > "$work/parked.cfg"
	before=$("$SYSTEM/ledger" | sed -n 's/^pages //p')
	chaos create -q "$work/parked.cfg"
	is "type" "$(type_of parked)" pvh
	before=$((before - $("$SYSTEM/ledger" | sed -n 's/^pages //p')))
	echo "a guest of $1 MiB takes $((before - $1 * 256)) pages besides its memory"
	wait_for "it halts" state_is parked blocked
	guest_destroy parked
	((before - $1 * 256 <= $2))
}

small_overhead() {
	overhead 24 130
	overhead 1024 640
	overhead 24 165 "vcpus = 4"
}

# What has its memory in the smallest pages has tables enough.
tables_suffice() {
	local memory=256
	guest_create large "memory = $memory" "maxmem = $((memory + 64))" \
		"vcpus = 2" 2> "$work/stderr"
	grep -F 'maxmem: ignored; the guest has what memory says' "$work/stderr"
	wait_for "it can be told" sysctl_connected large
	# Much of it goes, page by page, and comes back.
	chaos mem-set -w "$DEADLINE" large 144
	memory_is large -le 145
	chaos mem-set -w "$DEADLINE" large "$memory"
	memory_is large -ge $((memory - 1))
	fails 1 chaos mem-set large $((memory + 1))
	grep -F "more than its maxmem, $memory MiB" "$work/stderr"
	fails 1 chaos mem-max large $((memory + 1))
	grep -F "a pvh guest has at most what it was made with" "$work/stderr"
	in_guest large sh -c 'mkdir /tmp/all &&
		mount -t tmpfs -o size=160m all /tmp/all &&
		dd if=/dev/zero of=/tmp/all/zero bs=1M count=120 && umount /tmp/all'
	guest_destroy large
}

sysctl_connected() {
	[[ $(chaos info -j "$1" | jq -r '.devices[] | select(.type == "sysctl") |
		.backend_state + .frontend_state') == ConnectedConnected ]]
}

memory_is() { # memory_is NAME TEST MIB
	test "$(chaos list -j | jq -r --arg name "$1" \
		'.[] | select(.name == $name).memory')" "$2" "$3"
}

# The other processor goes, and comes back.
vcpus_go() {
	local vcpus
	wait_for "it can be told" sysctl_connected "$1"
	for vcpus in 1 2; do
		chaos vcpu-set -w "$DEADLINE" "$1" "$vcpus"
		is "processors" "$(in_guest "$1" grep -c ^processor /proc/cpuinfo)" \
			"$vcpus"
	done
}

# Below, "one" has a processor and "two" has two.

boots_as_pvh() { # boots_as_pvh NAME VCPUS
	is "type" "$(type_of "$1")" pvh
	in_guest "$1" sh -c 'dmesg | grep "Booting kernel on Xen PVH"'
	is "processors" "$(in_guest "$1" nproc)" "$2"
	is "processors in sysfs" "$(in_guest "$1" sh -c \
		'ls -d /sys/devices/system/cpu/cpu[0-9]* | wc -l')" "$2"
	# From the first line on.
	grep -q 'Linux version' "/var/log/chaos/console-$1.log"
}

timer_mode_is() { # timer_mode_is NAME NUMBER
	is "Xen's timer mode" "$("$SYSTEM/rawdom" timer-mode "$(domid_of "$1")")" "$2"
}

tsc_mode_is() { # tsc_mode_is NAME NUMBER
	is "Xen's TSC mode" "$("$SYSTEM/rawdom" tsc-mode "$(domid_of "$1")")" "$2"
}

log_is_clean() {
	in_guest "$1" dmesg > "$work/dmesg"
	! grep -E 'ACPI.*(Error|Warning|BIOS)|Firmware Bug|WARNING:|Oops|unable' \
		"$work/dmesg"
}

clock() { # clock NAME - Xen's, which advances as dom0's does
	local began ended
	is "clock source" "$(in_guest "$1" cat \
		/sys/devices/system/clocksource/clocksource0/current_clocksource)" xen
	began=$(($(in_guest "$1" date +%s) - $(date +%s)))
	in_guest "$1" sleep 5
	ended=$(($(in_guest "$1" date +%s) - $(date +%s)))
	echo "ahead of dom0 by $began s, later by $ended s"
	# What an emulated machine needs to answer is in these numbers, too.
	((began >= -20 && began <= 20 && ended >= -20 && ended <= 20))
}

timers() { # timers NAME - on each processor they fire, neither late nor soon
	# shellcheck disable=SC2016
	in_guest "$1" sh -c '
		for cpu in $(seq 0 $(($(nproc) - 1))); do
			began=$(cut -d. -f1 /proc/uptime)
			taskset -c $cpu sleep 3 || exit
			ended=$(cut -d. -f1 /proc/uptime)
			echo "cpu $cpu: $((ended - began)) s"
			[ $((ended - began)) -ge 2 ] || exit
			[ $((ended - began)) -le 30 ] || exit
		done'
	in_guest "$1" grep -E 'xen-percpu +-virq +timer[0-9]' /proc/interrupts
}

tcp() { # tcp ADDRESS NAME - a million bytes each way arrive as they are
	local sum
	head -c 1000000 /dev/urandom > "$work/bytes"
	sum=$(sha256sum < "$work/bytes")
	in_guest "$2" sh -c 'nc -l 5000 > /tmp/in < /dev/null &'
	wait_for "the guest listens" in_guest "$2" sh -c 'ss -ltn | grep :5000'
	nc -N "$1" 5000 < "$work/bytes"
	wait_for "all bytes are there" in_guest "$2" sh -c '! pidof nc'
	is "checksum in the guest" "$(in_guest "$2" sha256sum /tmp/in |
		cut -d' ' -f1)" "${sum%% *}"
	nc -l 5001 > "$work/back" < /dev/null &
	wait_for "dom0 listens" sh -c 'ss -ltn | grep -q :5001'
	in_guest "$2" sh -c "nc -N $HOST_IP 5001 < /tmp/in"
	wait $!
	cmp "$work/bytes" "$work/back"
}

network() { # network NAME ADDRESS
	vif_connected "$1" 0
	pings "$2"
	pings "$2" -s 4000
	in_guest "$1" ping -q -c 3 -W 10 "$HOST_IP"
	tcp "$2" "$1"
}

hot_plug() {
	chaos vif add -w "$DEADLINE" two id=1 bridge="$BRIDGE"
	vif_connected two 1
	in_guest two ip link set "$(in_guest two ls /sys/bus/noxs/devices/vif-1/net)" up
	chaos vif del two 1
	in_guest two sh -c '! ls /sys/bus/noxs/devices | grep vif-1'
	pings 10.0.0.2
}

reload() {
	in_guest two sh -c 'rmmod noxs_netfront && modprobe noxs_netfront'
	vif_connected two 0
}

# Its disk is called as in the configuration; elsewhere it is nxda.
disk() {
	local loop
	truncate -s 16M "$work/disk"
	modprobe loop
	loop=$(losetup -f --show "$work/disk")
	guest_create disked "ramdisk = '$GUESTS/initramfs.cpio'" \
		"disk = [ 'phy:$loop,xvdb,w' ]" +noxs_blkfront.xvd=1
	wait_for "the disk is there" in_guest disked sh -c \
		'ls -d /sys/bus/noxs/devices/vbd-*/block/xvdb && test -b /dev/xvdb'
	# shellcheck disable=SC2016
	in_guest disked sh -c 'set -e
		disk=/dev/$(ls /sys/bus/noxs/devices/vbd-*/block)
		head -c 1000000 /dev/urandom > /tmp/bytes
		dd if=/tmp/bytes of=$disk bs=4096 conv=fsync
		echo 3 > /proc/sys/vm/drop_caches
		dd if=$disk bs=4096 | head -c 1000000 | cmp - /tmp/bytes'
	guest_destroy disked
	losetup -d "$loop"
}

powers_off() {
	chaos shutdown one
	wait_for "it is off" state_is one shutdown
	guest_destroy one
}

crashes() {
	in_guest two sh -c \
		'(sleep 1; echo c > /proc/sysrq-trigger) > /dev/null 2>&1 &'
	wait_for "it has crashed" state_is two crashed
	guest_destroy two
}

destroyed_under_load() {
	guest_create loaded "vcpus = 2" "$(vif_line 3)" +noxs.ip0=10.0.0.3/24
	vif_connected loaded 0
	pings 10.0.0.3
	traffic_start 10.0.0.3
	guest_destroy loaded
	traffic_stop
}

bridge_up
modprobe noxs_netback
check "128 processors" many_vcpus
ledger_open
check "no xenstored" no_xenstored
check "the default is PVH" default_is pvh "$KERNEL"
check "refused: a PV kernel" refuses "no such entry point" "$SYSTEM/stub"
check "refused: what is no kernel" refuses "no loader" /etc/passwd
check "refused: a program" refuses "no loader" /bin/busybox
check "refused: a script" refuses "no loader" "$0"
check "PV can be forced" forced_pv
check "a guest of one processor" guest_create one "$(vif_line 1)" \
	+noxs.ip0=10.0.0.4/24
check "one: boots as PVH" boots_as_pvh one 1
check "one: timer mode, as with xl" timer_mode_is one 1
check "one: log" log_is_clean one
check "one: clock" clock one
check "one: timers" timers one
check "one: network" network one 10.0.0.4
check "one: powers off" powers_off
check "what a guest takes besides its memory" small_overhead
check "its tables suffice for single pages" tables_suffice
check "a guest of two processors" guest_create two "vcpus = 2" \
	"timer_mode = 'one_missed_tick_pending'" "tsc_mode = 'always_emulate'" \
	"$(vif_line 2)" +noxs.ip0=10.0.0.2/24
check "two: boots as PVH" boots_as_pvh two 2
check "two: timer mode, as asked for" timer_mode_is two 3
check "two: TSC mode, as asked for" tsc_mode_is two 1
check "two: log" log_is_clean two
check "two: clock" clock two
check "two: timers" timers two
check "two: network" network two 10.0.0.2
check "two: a processor goes, and comes back" vcpus_go two
check "two: a vif is added and removed" hot_plug
check "two: the frontend is loaded again" reload
check "two: crashes" crashes
check "a disk" disk
check "a compressed kernel" compressed
check "destroyed under load" destroyed_under_load
ledger_close
bridge_down
done_testing
