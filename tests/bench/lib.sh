# shellcheck shell=bash
# SPDX-License-Identifier: GPL-2.0
#
# What benchmarks share that run in dom0 of tests/xenhost, or in a dom0 of somebody's:
# metered commands, the store, guests of both kinds.
#
# What is measured is printed as CSV, a line for each quantity, which run collects;
# other lines are for who watches.
#
# shellcheck disable=SC2034 # much of it is for those who source this

# shellcheck source-path=SCRIPTDIR source=../system/lib.sh
. "$(dirname "${BASH_SOURCE[0]}")/../system/lib.sh"

BENCH=$(cd "$(dirname "${BASH_SOURCE[0]}")" && pwd)
PATH=$BENCH:$PATH
export TRACE=$trace/instances/bench
STORE=${BENCH_STORE:-oxenstored}
STORE_LOG=/var/log/xen/xenstored-access.log
# How often each arm comes, how many devices or guests are there at most, what is
# measured: "time", or "count", which costs time; "data" has both (data.sh).
REPS=${BENCH_REPS:-4}
MOST=${BENCH_MOST:-20}
PASS=${BENCH_PASS:-time}
# In somebody's dom0: it has its own daemons, and gets back what it had.
LOCAL=${BENCH_LOCAL:-0}
# What is to be there no longer, the last one first.
undone=()
((!LOCAL)) || trap 'undo_all' EXIT
# What meter says that is kept while counting; times mean nothing then.
COUNTED='status|wakeups|syscalls'
# Counts hardly vary.
[[ $PASS != count ]] || REPS=$(((REPS + 1) / 2))

# undo COMMAND… - do that in the end, in somebody's dom0; the emulated one ends as well
undo() {
	undone=("${*@Q}" "${undone[@]}")
}

undo_all() {
	local command
	for command in "${undone[@]}"; do
		eval "$command" || echo "not undone: $command"
	done
}

# arms_of TURN ARM… - set $arms to those, every other time in reverse order
arms_of() {
	local turn=$1 arm
	shift
	arms=()
	for arm; do
		if ((turn % 2)); then
			arms=("$arm" "${arms[@]}")
		else
			arms+=("$arm")
		fi
	done
}

# versions - of what is measured, for the file
versions() {
	local xen=/sys/hypervisor/version
	((!LOCAL)) || STORE=$(pgrep -lx 'oxenstored|xenstored' | cut -d ' ' -f 2)
	printf '# version of %s: %s\n' \
		Xen "$(< $xen/major).$(< $xen/minor)$(< $xen/extra)" \
		Linux "$(uname -r)" libc "$(getconf GNU_LIBC_VERSION)" store "$STORE"
}

# metering_start - set up the tracer and what it is to see
metering_start() {
	local event
	mkdir -p "$TRACE"
	undo metering_stop
	echo mono > "$TRACE/trace_clock"
	# Each processor has so much.
	echo $((16384 / $(nproc) + 1024)) > "$TRACE/buffer_size_kb"
	echo 0 > "$TRACE/buffer_percent"
	cat >> "$trace/kprobe_events" <<- 'END'
		p:bench/xenbus_state xenbus_switch_state state=%si:u32
		r:bench/xenbus_gone xenbus_dev_remove
	END
	echo 'prev_comm ~ "*udev*" || next_comm ~ "*udev*"' \
		> "$TRACE/events/sched/sched_switch/filter"
	for event in bench/xenbus_state bench/xenbus_gone noxs/noxs_connect \
		noxs/noxs_dev_add noxs/noxs_dev_del sched/sched_process_exec \
		sched/sched_switch; do
		echo 1 > "$TRACE/events/$event/enable"
	done
	echo 1 > "$TRACE/tracing_on"
	if [[ $PASS == count ]]; then
		counting 1
	else
		counting 0
	fi
}

metering_stop() {
	echo 0 > "$TRACE/events/enable"
	rmdir "$TRACE"
	sed -n 's/^[pr][0-9]*:bench\/\([a-z_]*\) .*/-:bench\/\1/p' "$trace/kprobe_events" \
		> "$work/probes"
	cat "$work/probes" >> "$trace/kprobe_events"
}

# counting 0|1 - from now on, let metered count what is done, and not the cost of that,
# which counting adds to
counting() {
	counting=$1
	echo "$1" > "$TRACE/events/raw_syscalls/sys_enter/enable"
	# To see them costs more than to count what else there is.
	[[ $COUNTED != *wakeups* ]] || echo "$1" > "$TRACE/events/sched/sched_wakeup/enable"
}

# What the tracer shows of a device's backend: made, connected, gone.
declare -A MADE=([noxs]='noxs_dev_add: backend' [xenbus]='state=2')
declare -A CONNECTED=([noxs]='noxs_connect: backend' [xenbus]='state=4')
declare -A GONE=([noxs]='noxs_dev_del: backend' [xenbus]='xenbus_gone:')

# metered LABEL OPTION… COMMAND… - run it by meter with these options, and print what
# it cost, as LABEL, which is the next fields of the CSV: "what,arm,condition"; with
# UNITS, that it was for so many, and with SAYS, a pattern, what it says of them itself
turn=0
metered() {
	local label=$1 name value log=0 tracer
	shift
	# udevd is told of devices, and whether it has a process for that already, which
	# it keeps for three seconds, is to be no matter of chance. Data is no device.
	[[ $1 == -s ]] || udevadm trigger --settle --name-match=null
	if ((counting)); then
		[[ ! -e $STORE_LOG ]] || log=$(wc -l < "$STORE_LOG")
		# Its buffer has room for all of it: it isn't to run in between.
		xentrace -D -S 2048 -s 100000 -e 0x002af000 "$work/xentrace" \
			> "$work/xentrace.said" 2>&1 &
		tracer=$!
		wait_for "xentrace runs" test -e "$work/xentrace"
		sleep 0.3
	fi
	meter -o "$work/metered" "$@" > "$work/said" 2>&1 || {
		cat "$work/said"
		return 1
	}
	if ((counting)); then
		kill -INT "$tracer"
		wait "$tracer" || true
		grep -E "^($COUNTED)" "$work/metered" > "$work/counts"
		xentrace-counts "$work/xentrace" >> "$work/counts"
		rm "$work/xentrace"
		store_counts "$log" >> "$work/counts"
		mv "$work/counts" "$work/metered"
	else
		sed -i -E '/^(wakeups|syscalls)/d' "$work/metered"
		# That of udevd is only known where nobody else runs beside it.
		(($(nproc) == 1)) || sed -i '/^kernel_udev/d' "$work/metered"
	fi
	turn=$((turn + 1))
	[[ -z ${SAYS-} ]] || grep -E "^($SAYS) " "$work/said" >> "$work/metered" || true
	[[ -z ${UNITS-} ]] || sed -i "1i units $UNITS" "$work/metered"
	while read -r name value; do
		printf 'data,%d,%s,%s,%s\n' "$turn" "$label" "$name" "$value"
	done < "$work/metered"
	grep -qx 'status 0' "$work/metered" || {
		echo "failed: $label: $(grep status "$work/metered")"
		cat "$work/said"
	}
}

# store_counts LINES - what the store's log has after so many: requests, and events of
# watches that it sent. That of a result is no request.
store_counts() {
	touch "$STORE_LOG"
	tail -n "+$(($1 + 1))" "$STORE_LOG" | awk -v "store=$STORE" '
		store == "xenstored" {
			requests += $1 == "IN"
			events += $1 == "OUT" && $5 == "WATCH_EVENT"
			next
		}
		$3 == "w" { events++; next }
		$3 ~ /^(error|newconn|endconn|commit|conflict)$/ { next }
		NF >= 3 { requests++ }
		END { printf "store_requests %d\nstore_events %d\n", requests, events }'
}

# store_start - Debian's xenstored, or $STORE; it keeps a log for the pass that counts
store_start() {
	if ((LOCAL)); then
		wait_for "xenstored answers" xenstore-ls -s
		return
	fi
	# As they come, a guest has no room for the nodes of its 54th vif, nor for the
	# watch of its 95th.
	local options=(--entry-nb 100000 --watch-nb 1000)
	if [[ $STORE == oxenstored ]]; then
		options=()
		printf '%s\n' 'quota-maxentity = 100000' 'quota-maxwatch = 1000' \
			>> /etc/xen/oxenstored.conf
	fi
	if [[ $PASS == count && $STORE == xenstored ]]; then
		options+=(--trace-file "$STORE_LOG")
	elif [[ $PASS == count ]]; then
		cat >> /etc/xen/oxenstored.conf <<- END
			access-log-file = $STORE_LOG
			access-log-nb-lines = 10000000
			access-log-read-ops = true
			access-log-transactions-ops = true
			access-log-special-ops = true
		END
	fi
	xenstored_start "$STORE" "${options[@]}"
}

# A hotplug script that only says that it is done.
script_start() {
	undo rm /etc/xen/scripts/bench-nothing
	cat > /etc/xen/scripts/bench-nothing <<- 'END'
		#!/bin/sh
		[ "$1" = online ] || [ "$1" = add ] || exit 0
		case $XENBUS_PATH in
		*/vbd/*) set -- "$XENBUS_PATH/physical-device" \
			"$(stat -c %t:%T "$(xenstore-read "$XENBUS_PATH/params")")" ;;
		*) set -- ;;
		esac
		exec xenstore-write "$@" "$XENBUS_PATH/hotplug-status" connected
	END
	chmod +x /etc/xen/scripts/bench-nothing
}

chaosd_start() {
	# It is to do nothing but what is measured.
	((LOCAL)) || {
		chaosd -n >> "$work/chaosd.log" 2>&1 &
		chaosd=$!
	}
	wait_for "chaosd answers" chaos pool list
}

chaosd_stop() {
	((LOCAL)) || kill "$chaosd"
}

# bridge_start NAME - one of the benchmark's own
bridge_start() {
	undo ip link del "$1"
	ip link add "$1" type bridge
	ip link set "$1" up
}

# ramdisks_start COUNT KIB
ramdisks_start() {
	[[ ! -e /sys/module/brd ]] || {
		echo "there are ramdisks already: brd has to be removed first"
		return 1
	}
	undo rmmod brd
	modprobe brd rd_nr="$1" rd_size="$2"
}

pool_is_full() { # pool_is_full NAME
	chaos pool list -j | jq -e --arg name "$1" \
		'.pools[] | select(.name == $name) | .ready == .count and (.making | not)'
}

progress() { # progress WORD…
	printf '# %3d s: %s\n' "$SECONDS" "$*"
}
