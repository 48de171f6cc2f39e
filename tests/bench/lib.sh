# shellcheck shell=bash
# SPDX-License-Identifier: GPL-2.0
#
# What benchmarks share that run in dom0 of tests/xenhost: metered commands, the
# store, guests of both kinds.
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
# How often each arm comes, and how many devices there are at most.
REPS=${BENCH_REPS:-4}
MOST=${BENCH_MOST:-20}

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
	printf '# version of %s: %s\n' \
		Xen "$(< $xen/major).$(< $xen/minor)$(< $xen/extra)" \
		Linux "$(uname -r)" libc "$(getconf GNU_LIBC_VERSION)" store oxenstored
}

# metering_start - set up the tracer and what it is to see
metering_start() {
	local event
	mkdir -p "$TRACE"
	echo mono > "$TRACE/trace_clock"
	echo 16384 > "$TRACE/buffer_size_kb"
	echo 0 > "$TRACE/buffer_percent"
	cat >> "$trace/kprobe_events" <<- 'END'
		p:bench/xenbus_state xenbus_switch_state state=%si:u32
		r:bench/xenbus_gone xenbus_dev_remove
	END
	for event in bench/xenbus_state bench/xenbus_gone noxs/noxs_connect \
		noxs/noxs_dev_add noxs/noxs_dev_del sched/sched_process_exec; do
		echo 1 > "$TRACE/events/$event/enable"
	done
	echo 1 > "$TRACE/tracing_on"
}

# What the tracer shows of a device's backend: made, connected, gone.
declare -A MADE=([noxs]='noxs_dev_add: backend' [xenbus]='state=2')
declare -A CONNECTED=([noxs]='noxs_connect: backend' [xenbus]='state=4')
declare -A GONE=([noxs]='noxs_dev_del: backend' [xenbus]='xenbus_gone:')

# metered LABEL OPTION… COMMAND… - run it by meter with these options, and print what
# it cost, as LABEL, which is the next fields of the CSV: "what,arm,condition"
turn=0
metered() {
	local label=$1 name value
	shift
	meter -o "$work/metered" "$@" > "$work/said" 2>&1 || {
		cat "$work/said"
		return 1
	}
	turn=$((turn + 1))
	while read -r name value; do
		printf 'data,%d,%s,%s,%s\n' "$turn" "$label" "$name" "$value"
	done < "$work/metered"
	grep -qx 'status 0' "$work/metered" || {
		echo "failed: $label: $(grep status "$work/metered")"
		cat "$work/said"
	}
}

# A hotplug script that only says that it is done.
script_start() {
	cat > /etc/xen/scripts/bench-nothing <<- 'END'
		#!/bin/sh
		[ "$1" = online ] || [ "$1" = add ] || exit 0
		exec xenstore-write "$XENBUS_PATH/hotplug-status" connected
	END
	chmod +x /etc/xen/scripts/bench-nothing
}

chaosd_start() {
	chaosd >> "$work/chaosd.log" 2>&1 &
	wait_for "chaosd answers" chaos pool list
}

progress() { # progress WORD…
	printf '# %3d s: %s\n' "$SECONDS" "$*"
}
