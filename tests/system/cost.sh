#!/usr/bin/env bash
# SPDX-License-Identifier: GPL-2.0
#
# To attach a device, to make a guest, to send packets and to use a disk cost no more than
# they did: what is counted is compared with what cost.values has; and chaosd costs nothing
# while nothing happens
#
# The host counts instructions, whatever else the machine does, and so does who runs here:
# no clock is looked at (tests/bench/README.md says what the quantities are). cost.host
# gives it the values. "cost.sh measure" only measures.
#
# kernels: 6.1
# xenhost: --icount
# cost: boots 2 guests 13 seconds 190

set -euo pipefail
# shellcheck source-path=SCRIPTDIR source=../bench/lib.sh
. "$(dirname "$0")/../bench/lib.sh"
# shellcheck source-path=SCRIPTDIR source=../bench/data.sh
. "$(dirname "$0")/../bench/data.sh"

TURNS=3
# What is compared. The others vary with what else the kernel does, or are sums.
QUANTITIES='syscalls_tool programs evtchn_ops_dom0 evtchn_ops_guest grants_copied
	grants_mapped grants_unmapped hypercalls_dom0 hypercalls_guest work_dom0 work_guest'
# All of it at once: that the trace costs instructions, too, is the same each time.
PASS=count
COUNTED='status|syscalls|programs|work'

stub() { # stub NAME KERNEL
	printf '%s\n' "name = '$1'" "kernel = '$2'" "memory = 8" "type = 'pv'" \
		"extra = 'x'" "$(vif_line 9)"
}

guest_is_there() {
	guests_ready
	# It is to be left alone by what starts late in it.
	# shellcheck disable=SC2016 # the guest expands it
	load run "${ADDRESS[noxs]}" 'kill $(pidof mdev)'
	disk_of noxs > "$work/disk"
}

# data WHAT COMMAND…
data() {
	metered "$1,guest,$condition" -s load "${@:2}"
}

# once CONDITION - each thing that is compared
once() {
	local condition=$1 guest=${ADDRESS[noxs]} disk
	disk=$(< "$work/disk")
	metered "vif attach,chaos,$1" -f "${MADE[noxs]}" -w "${CONNECTED[noxs]}" \
		chaos vif add -w 60 noxs id=1 "bridge=$BRIDGE"
	metered "vif detach,chaos,$1" -w "${GONE[noxs]}" chaos vif del noxs 1
	metered "vbd attach,chaos,$1" -f "${MADE[noxs]}" -w "${CONNECTED[noxs]}" \
		chaos vbd add -w 60 noxs "phy:/dev/ram1,xvdb,w"
	metered "vbd detach,chaos,$1" -w "${GONE[noxs]}" chaos vbd del noxs 1
	metered "create,chaos,$1" chaos create -q "$work/fresh.cfg"
	metered "destroy,chaos,$1" chaos destroy fresh
	wait_for "there is a shell" pool_is_full cost
	metered "create,chaos-pool,$1" chaos create -q "$work/pooled.cfg"
	metered "destroy,chaos-pool,$1" chaos destroy pooled
	data "TCP to: 2 MiB" send "$guest" $((2 << 20))
	data "TCP from: 2 MiB" receive "$guest" $((2 << 20))
	data "200 round trips" turns "$guest" 200
	data "640 datagrams to" datagrams "$guest" 640
	data "500 reads" disk "$guest" 500 "$disk" read 4096 1
	data "500 writes" disk "$guest" 500 "$disk" write 4096 1
	data "640 reads at depth 32" disk "$guest" 640 "$disk" read 4096 32
}

measure() {
	local i
	chaos pool set -n 1 -r 1000 cost "$work/pooled.cfg"
	# The first of anything costs more.
	once warm > "$work/warm"
	for ((i = 0; i < TURNS; i++)); do
		once measured
	done > "$work/measured"
	chaos pool drain -f cost
	must_fail grep -E '^(failed|data,.*,(status|lost),[^0])' "$work/measured"
}

# values - what was measured, a line for each: "what,arm quantity least median"; of what
# disturbs, each adds, so that the least is compared. What guests do when one is made or
# destroyed is the other one's, which is idle, and of one that is gone Xen tells nothing.
values() {
	sed -n 's/^data,/cost,-,1,/p' "$work/measured" > "$work/measured.csv"
	"$BENCH/table" -l "$work/measured.csv" | awk -F '\t' -v quantities="$QUANTITIES" '
		BEGIN {
			for (n = split(quantities, words, /[ \n\t]+/); n; n--)
				wanted[words[n]] = 1
		}
		$1 ~ /^(create|destroy)/ && $3 ~ /^(work|hypercalls)_guest$/ { next }
		$3 in wanted {
			sub(/, measured$/, "", $1)
			gsub(/ /, "-", $1)
			printf "%s,%s %s %d %d\n", $1, $2, $3, $5, $4
		}'
}

# wakeups [OPTION] - how often chaosd and its processes have waited for something in a
# minute in which nothing happens, with a guest
wakeups() {
	local daemon before
	chaosd "$@" >> "$work/chaosd.log" 2>&1 &
	daemon=$!
	wait_for "chaosd answers" chaos pool list
	chaos create -q "$work/fresh.cfg"
	# It has seen the guest, and has what it needs for it.
	sleep 30
	before=$(waits)
	sleep 60
	echo $(($(waits) - before))
	chaos destroy fresh
	kill "$daemon"
	wait "$daemon" || true
}

waits() {
	local pid
	for pid in $(pgrep '^chaos'); do
		cat "/proc/$pid"/task/*/status
	done | awk '/^voluntary_ctxt_switches/ { all += $2 } END { print all }'
}

# Each ten seconds chaosd has a worker write, and hears of its end.
wakeups_are_few() {
	local without with
	without=$(wakeups -n)
	with=$(wakeups)
	echo "with chaosd -n $without, with history $with" | tee "$work/wakeups"
	((without > 0 && without <= 12))
	((with >= without + 6 && with <= without + 6 * 4))
}

# compare FILE - with the lines there, "what,arm quantity value margin", the margin being in
# per cent; fail for what has risen. A few more are never too many: of a tick of the guest's
# that comes in between, or of a program that udevd has to run.
compare() {
	values | awk '
		NR == FNR {
			value[$1, $2] = $3
			margin[$1, $2] = $4
			wanted++
			next
		}
		!(($1, $2) in value) {
			printf "there is no value for: %s %s %d\n", $1, $2, $3
			bad = 1
			next
		}
		{
			seen++
			was = value[$1, $2]
			by = was * margin[$1, $2] / 100
			few = $2 ~ /^work/ ? 150000 : $2 ~ /^hypercalls/ ? 20 : 2
			if (by < few)
				by = few
			if ($3 > was + by) {
				printf "%s: %s rose by %d (%.1f %%), from %d to %d\n", $1, $2,
					$3 - was, was ? 100 * ($3 - was) / was : 100, was, $3
				bad = 1
			} else if ($3 < was - by)
				printf "fell, to be written down: %s %s %d, from %d\n", $1,
					$2, $3, was
		}
		END {
			printf "%d values compared, of %d\n", seen, wanted
			exit bad || !wanted || seen != wanted
		}' "$1" -
}

bridge_up
modprobe brd rd_nr=2 rd_size=8192
for disk in 0 1; do
	# Its pages are there.
	head -c 8M /dev/zero > "/dev/ram$disk"
done
# Xen keeps the buffers of its trace.
xentrace -D -S 2048 -T 1 -e 0x0022f000 "$work/xentrace" > "$work/said" 2>&1
rm "$work/xentrace"
ledger_open
chaosd_start > "$work/chaosd.said"
cp "$SYSTEM/stub" "$work/stub"
cp "$SYSTEM/stub" "$work/stub-pool"
stub fresh "$work/stub" > "$work/fresh.cfg"
stub pooled "$work/stub-pool" > "$work/pooled.cfg"
INITRAMFS=initramfs.cpio
guest_start noxs "disk = [ 'phy:/dev/ram0,xvda,w' ]"
check "a guest with a network and a disk is there" guest_is_there
metering_start
check "what devices, guests, packets and disks cost: measured $TURNS times" measure
values | sed 's/^/# value /'
if [[ ${1-} != measure ]]; then
	check "nothing has risen" compare /share/values
fi
guest_destroy noxs
kill %1
wait %1 || true
if [[ ${1-} != measure ]]; then
	check "an idle chaosd wakes up now and then only" wakeups_are_few
	sed 's/^/# wakeups a minute: /' "$work/wakeups"
fi
ledger_close
bridge_down
done_testing
