#!/usr/bin/env bash
# SPDX-License-Identifier: GPL-2.0
#
# commands.sh [REGEX] - chaos' commands, each asked in the right way and in wrong
# ones; only the tests whose names match
#
# cost: boots 1 guests 86 seconds 445

set -euo pipefail
# shellcheck source-path=SCRIPTDIR
. "$(dirname "$0")/lib.sh"

# info GUEST FILTER - what "chaos info" says, by jq
info() {
	chaos info -j "$1" | jq -er "$2"
}

# vif_in ID - the filter that finds a vif among a guest's devices
vif_in() {
	echo ".devices[] | select(.type == \"vif\" and .id == $1) |"
}

cpu_time() {
	info "$1" '.cpu_time'
}

# more_than A B - whether a number is larger than another
more_than() {
	awk -v a="$1" -v b="$2" 'BEGIN { exit !(a > b) }'
}

grown() { # grown GUEST SECONDS - whether its CPU time is more than that
	more_than "$(cpu_time "$1")" "$2"
}

# The host does something for a while.
time_passes() {
	local until
	until=$(awk -v now="$(cpu_time 0)" 'BEGIN { print now + 1 }')
	wait_for "dom0 worked for a second" grown 0 "$until"
}

pause_stops() {
	local before after busy
	busy=$(in_guest first sh -c \
		'while :; do :; done > /dev/null 2>&1 & echo $!')
	before=$(cpu_time first)
	wait_for "it is busy" grown first "$before"
	chaos pause first
	is "state" "$(info first .state)" paused
	before=$(cpu_time first)
	time_passes
	is "CPU time" "$(cpu_time first)" "$before"
	chaos pause first
	chaos unpause "$(domid_of first)"
	wait_for "it runs again" grown first "$before"
	chaos unpause first
	in_guest first kill "$busy"
	after=$(info first .state)
	[[ $after == running || $after == blocked ]]
}

pause_wrong() {
	fails 1 chaos pause nobody
	fails 1 chaos unpause nobody
	fails 1 chaos pause 0
	fails 1 chaos unpause 0
	fails 2 chaos pause
	fails 2 chaos pause first second
	fails 2 chaos unpause -Z first
}

created_paused() {
	guest_config waiting > "$work/waiting.cfg"
	chaos create -p "$work/waiting.cfg"
	is "state" "$(info waiting .state)" paused
	is "CPU time" "$(cpu_time waiting)" 0
	chaos unpause waiting
	guest_ready waiting
	guest_destroy waiting
}

names() {
	find /run/chaos/names -type f -printf '%f\n' | sort | xargs
}

rename_shows() {
	local domid log=/var/log/chaos/console-second.log
	domid=$(domid_of first)
	chaos rename first second
	is "domid of second" "$(domid_of second)" "$domid"
	is "memory" "$(chaos list -j second | jq '.[0].memory_now')" \
		"$(info second .memory_now)"
	is "name" "$(info second .name)" second
	is "name of domid" "$(info "$domid" .name)" second
	fails 1 chaos pause first
	fails 1 chaos info first
	fails 1 chaos console first
	is "names" "$(names)" second
	is "log" "$(info second .console.log)" "$log"
	[[ ! -e /var/log/chaos/console-first.log ]]
	in_guest second sh -c 'echo after the rename > /dev/console'
	wait_for "its log goes on" grep 'after the rename' "$log"
	grep -q 'Linux version' "$log"
	# Its name is free, and it takes one back.
	guest_config first > "$work/first.cfg"
	chaos create -p "$work/first.cfg"
	fails 1 chaos rename second first
	is "names" "$(names)" "first second"
	guest_destroy first
	chaos rename "$domid" first
	is "domid of first" "$(domid_of first)" "$domid"
	in_guest first true
}

# The log that is full makes room under the guest's new name.
rename_and_rotate() {
	local log=/var/log/chaos/console
	chaos rename first second
	in_guest second sh -c \
		'yes "lines fill the log" | head -c 1500000 > /dev/console'
	wait_for "there is a second file" test -s "$log-second.log.1"
	[[ ! -e $log-first.log ]]
	chaos rename second first
	[[ -s $log-first.log.1 && ! -e $log-second.log.1 ]]
}

rename_wrong() {
	fails 1 chaos rename nobody somebody
	fails 1 chaos rename first first
	fails 1 chaos rename first ''
	fails 1 chaos rename first a/b
	fails 1 chaos rename first 17
	fails 1 chaos rename first Domain-0
	fails 1 chaos rename 0 somebody
	fails 2 chaos rename first
	fails 2 chaos rename first a b
	is "names" "$(names)" first
}

# What a rename leaves that is killed before it wrote the record.
rename_half() {
	cp /run/chaos/names/first /run/chaos/names/second
	fails 1 chaos info second
	fails 1 chaos pause second
	guest_config second > "$work/second.cfg"
	chaos create -p "$work/second.cfg"
	chaos info second > /dev/null
	chaos info first > /dev/null
	guest_destroy second
}

vif_named() {
	local domid
	guest_config named \
		"vif = [ 'bridge=$BRIDGE,vifname=web0,ip=10.0.0.9 fd00::9' ]" \
		> "$work/named.cfg"
	chaos create -p "$work/named.cfg"
	domid=$(domid_of named)
	is "netdev" "$(info named "$(vif_in 0).netdev")" web0
	is "netdev" "$(chaos vif list -j named | jq -r '.[0].netdev')" web0
	is "bridge" "$(chaos vif list -j named | jq -r '.[0].bridge')" "$BRIDGE"
	is "addresses" "$(info named '.vifs[0].ip')" "10.0.0.9 fd00::9"
	[[ ! -e /sys/class/net/vif$domid.0 ]]
	chaos vif add named "bridge=$BRIDGE" vifname=web1
	is "netdevs" "$(chaos stat -d 0.1 -j | jq -r '[.[] |
		select(.name == "named").devices[].netdev // empty] |
		join(" ")')" \
		"web0 web1"
	leaves_nothing fails 1 chaos vif add named "bridge=$BRIDGE" \
		vifname=web0
	grep -q 'another interface' "$work/stderr"
	leaves_nothing fails 1 chaos vif add named "bridge=$BRIDGE" \
		vifname=vif9.9
	chaos vif del named 1
	guest_destroy named
	[[ ! -e /sys/class/net/web0 && ! -e /sys/class/net/web1 ]]
}

# A smaller one would make the bridge's smaller, and of all that is on it.
vif_mtu_is_the_bridges() {
	ip link add noxsbr9 mtu 9000 type bridge
	chaos vif add first bridge=noxsbr9 id=9
	is "MTU" "$(chaos vif list -j first |
		jq -r '.[] | select(.id == 9).mtu')" 9000
	is "MTU on record" "$(info first '.vifs[] | select(.id == 9).mtu')" 9000
	is "MTU in dom0" "$(cat "/sys/class/net/$(vif_name first 9)/mtu")" 9000
	is "MTU of the bridge" "$(cat /sys/class/net/noxsbr9/mtu)" 9000
	chaos vif del -F first 9
	ip link del noxsbr9
}

info_is_complete() {
	local filter
	chaos info -j first > "$work/info"
	for filter in .name .domid .handle .kernel .ramdisk .cmdline .memory \
		.maxmem .memory_room \
		.memory_now .vcpus .state .cpu_time .created .on_poweroff \
		.on_reboot .on_crash .cpu_weight .console.gfn .console.port \
		.console.log .console.socket '.vcpu[0].cpus' \
		'.vcpu[0].cpus_soft' '.vcpu[0].cpu_time' '.vcpu[0].online' \
		'.vifs[0].mac' '.vifs[0].bridge' "$(vif_in 0).backend_state" \
		"$(vif_in 0).frontend_state" "$(vif_in 0).netdev" \
		'.devices[] | select(.type == "sysctl")'; do
		jq -e "$filter" "$work/info" > /dev/null || {
			echo "no $filter"
			return 1
		}
	done
	[[ -S $(jq -r .console.socket "$work/info") ]]
	[[ -e /sys/class/net/$(jq -r "$(vif_in 0).netdev" "$work/info") ]]
	chaos info first > "$work/info"
	grep -qE '^name +first$' "$work/info"
	grep -qE '^vifs\[0\]\.mac +00:16:3e:00:00:01$' "$work/info"
	chaos info 0 > /dev/null
	fails 1 chaos info nobody
	fails 1 chaos info 4711
	fails 2 chaos info
	fails 2 chaos info a b
}

# What the configuration says of CPUs is what Xen does.
scheduled_as_asked() {
	guest_config pinned 'vcpus = 2' "cpus = [ '0', '0-1,^0' ]" \
		"cpus_soft = '1'" 'cpu_weight = 512' 'cap = 150' \
		> "$work/pinned.cfg"
	chaos create -p "$work/pinned.cfg"
	is "affinity" "$(info pinned '[.vcpu[] | .cpus, .cpus_soft] | join(" ")')" \
		"0 1 1 1"
	is "weight and cap" "$(info pinned '"\(.cpu_weight) \(.cap)"')" "512 150"
	guest_destroy pinned
	guest_config pinned "cpus = 'node:0'" "cpus_soft = 'node:0,^1'" \
		> "$work/pinned.cfg"
	chaos create -p "$work/pinned.cfg"
	is "affinity" "$(info pinned '.vcpu[0] | .cpus + " " + .cpus_soft')" "0-1 0"
	chaos vcpu-pin pinned 0 1,node:0,^0 nodes:0
	is "affinity" "$(info pinned '.vcpu[0] | .cpus + " " + .cpus_soft')" "1 0-1"
	guest_destroy pinned
	guest_config pinned "cpus = 'node:1'" > "$work/pinned.cfg"
	fails 1 chaos create "$work/pinned.cfg"
	grep -qF 'cpus: the host has CPUs 0 to 1 only, and none of them is of that' \
		"$work/stderr"
	guest_config pinned "cpus = '64'" > "$work/pinned.cfg"
	fails 1 chaos create "$work/pinned.cfg"
	grep -q 'cpus: the host has CPUs 0 to' "$work/stderr"
}

# vcpus_of GUEST FILTER - what "chaos vcpu-list" says, for each virtual CPU
vcpus_of() {
	chaos vcpu-list -j "$1" | jq -er "[.[0].vcpu[] | $2] | join(\" \")"
}

# Two CPUs, at one place or another, hard and soft.
pins() {
	local domid
	guest_config pinned 'vcpus = 2' "cpus = '0-1'" > "$work/pinned.cfg"
	chaos create -q -p "$work/pinned.cfg"
	domid=$(domid_of pinned)
	chaos vcpu-pin pinned 1 0
	is "affinity" "$(vcpus_of pinned '.cpus, .cpus_soft')" "0-1 0-1 0 0-1"
	is "affinity" "$(info pinned '.vcpu[1].cpus')" 0
	chaos vcpu-pin "$domid" all - '0-1,^0'
	is "affinity" "$(vcpus_of pinned '.cpus, .cpus_soft')" "0-1 1 0 1"
	chaos vcpu-pin pinned all all all
	is "affinity" "$(vcpus_of pinned '.cpus, .cpus_soft')" "0-1 0-1 0-1 0-1"
	chaos vcpu-list pinned > "$work/vcpus"
	grep -E "^ *$domid  pinned +1 +(-|[01]) +[a-z]+ +0\.0  0-1 +0-1$" "$work/vcpus"
	is "state" "$(vcpus_of first '.online')" true
	# What is wrong changes nothing.
	fails 1 chaos vcpu-pin pinned 2 0
	grep -F 'vcpu: it has 2 of them' "$work/stderr"
	fails 1 chaos vcpu-pin pinned all 0 64
	grep -F 'cpus_soft: the host has CPUs 0 to 1 only' "$work/stderr"
	fails 1 chaos vcpu-pin pinned all 0-x
	grep -F 'cpus: must be "all", or CPUs like' "$work/stderr"
	fails 1 chaos vcpu-pin nobody all 0
	fails 2 chaos vcpu-pin pinned all
	fails 2 chaos vcpu-pin pinned x 0
	is "affinity" "$(vcpus_of pinned '.cpus, .cpus_soft')" "0-1 0-1 0-1 0-1"
	guest_destroy pinned
}

listens_to_power() { # listens_to_power GUEST
	[[ $(info "$1" '.devices[] | select(.type == "sysctl") |
		.backend_state + .frontend_state') == ConnectedConnected ]]
}

# online GUEST - how many virtual CPUs it has online, as Xen says and as its kernel does
online() {
	echo "$(vcpus_of "$1" 'select(.online) | 1' | wc -w)" \
		"$(in_guest "$1" grep -c ^processor /proc/cpuinfo)"
}

# The first one stays; what is wrong changes nothing.
sets_vcpus() {
	guest_create few 'vcpus = 3' > /dev/null
	wait_for "it can be told" listens_to_power few
	is "online" "$(online few)" "3 3"
	chaos vcpu-set -w "$DEADLINE" few 1
	is "online" "$(online few)" "1 1"
	is "state" "$(vcpus_of few .online)" "true false false"
	is "on record" "$(info few .vcpus_online)" 1
	chaos vcpu-set "$(domid_of few)" 3
	wait_for "all are online" sh -c "[ \"\$(chaos vcpu-list -j few |
		jq '[.[0].vcpu[] | select(.online)] | length')\" = 3 ]"
	is "online" "$(online few)" "3 3"
	fails 1 chaos vcpu-set few 4
	is message "$(< "$work/stderr")" \
		"chaos: vcpu-set: few: it has 3 virtual CPUs only"
	fails 1 chaos vcpu-set nobody 1
	fails 2 chaos vcpu-set few 0
	fails 2 chaos vcpu-set few
	is "on record" "$(info few .vcpus_online)" 3
	# Another of its users has one offline: it is told again.
	in_guest few sh -c 'echo 0 > /sys/devices/system/cpu/cpu1/online'
	is "online" "$(online few)" "2 2"
	chaos vcpu-set -w "$DEADLINE" few 2
	is "state" "$(vcpus_of few .online)" "true false true"
	chaos vcpu-set -w "$DEADLINE" few 3
	chaos vcpu-set -w "$DEADLINE" few 2
	is "state" "$(vcpus_of few .online)" "true true false"
}

# Its next kernel is told when it is there; so is a driver that comes back.
vcpus_last() {
	local domid
	domid=$(domid_of few)
	chaos reboot -w "$DEADLINE" few
	must_fail test "$(domid_of few)" = "$domid"
	wait_for "two are online" sh -c "[ \"\$(chaos vcpu-list -j few |
		jq '[.[0].vcpu[] | select(.online)] | length')\" = 2 ]"
	guest_ready few
	is "online" "$(online few)" "2 2"
	in_guest few sh -c 'cd /sys/bus/noxs/drivers/noxs_sysctl
		echo sysctl-0 > unbind
		echo 0 > /sys/devices/system/cpu/cpu1/online
		echo sysctl-0 > bind'
	wait_for "two are online" sh -c "[ \"\$(chaos vcpu-list -j few |
		jq '[.[0].vcpu[] | select(.online)] | length')\" = 2 ]"
	guest_destroy few
}

# What was changed is so again after a reboot, and only that.
pins_last() {
	local domid
	pong_start lasting 78
	domid=$(domid_of lasting)
	chaos vcpu-pin lasting 0 1
	chaos sched-credit2 -d lasting -w 300
	is "on record" "$(info lasting '[.config | .cpus, .cpu_weight, has("cap"),
		has("cpus_soft")] | tojson')" '[["1"],300,false,false]'
	chaos reboot -F -w 0.5 lasting
	must_fail test "$(domid_of lasting)" = "$domid"
	is "affinity" "$(vcpus_of lasting '.cpus, .cpus_soft')" "1 0-1"
	is "share" "$(share_of lasting)" "300 0"
	guest_destroy lasting
}

# Domain 0 runs where it is asked to.
pins_the_host() {
	local before
	before=$(vcpus_of 0 '.cpus' | cut -d' ' -f1)
	chaos vcpu-pin Domain-0 0 0
	is "affinity" "$(vcpus_of Domain-0 '.cpus' | cut -d' ' -f1)" 0
	chaos vcpu-pin 0 0 "$before"
	is "affinity" "$(vcpus_of 0 '.cpus' | cut -d' ' -f1)" "$before"
	chaos vcpu-list -j | jq -e 'map(.name) | contains(["Domain-0", "first"])'
}

# share_of GUEST - its weight and cap
share_of() {
	chaos sched-credit2 -j -d "$1" | jq -er '.[0] | "\(.cpu_weight) \(.cap)"'
}

shares() {
	is "share" "$(share_of first)" "256 0"
	chaos sched-credit2 -d first -w 512
	is "share" "$(share_of first)" "512 0"
	chaos sched-credit2 -d "$(domid_of first)" -c 50
	is "share" "$(share_of first)" "512 50"
	chaos sched-credit -d first -c 0 -w 256
	is "share" "$(share_of first)" "256 0"
	is "share" "$(info first '"\(.cpu_weight) \(.cap)"')" "256 0"
	chaos sched-credit2 -d Domain-0 -w 300
	chaos sched-credit2 > "$work/shares"
	grep -E '^ +0  Domain-0 +300 +0$' "$work/shares"
	grep -E '  first +256 +0$' "$work/shares"
	chaos sched-credit2 -d 0 -w 256
	fails 1 chaos sched-credit2 -d nobody
	fails 1 chaos sched-credit2 -d nobody -w 5
	fails 2 chaos sched-credit2 -w 5
	fails 2 chaos sched-credit2 -d first -w 0
	fails 2 chaos sched-credit2 -d first -c x
	fails 2 chaos sched-credit2 first
}

short_answers() {
	local domid before
	domid=$(domid_of first)
	is "domid" "$(chaos domid first)" "$domid"
	is "name" "$(chaos domname "$domid")" first
	is "host" "$(chaos domid Domain-0) $(chaos domname 0)" "0 Domain-0"
	is "both" "$(chaos domid -j first | jq -c .)" "{\"domid\":$domid,\"name\":\"first\"}"
	fails 1 chaos domid nobody
	fails 1 chaos domname 4711
	fails 2 chaos domid
	fails 2 chaos domname first 0
	is "guests" "$(chaos uptime -j | jq -r '.[].name' | xargs)" first
	before=$(chaos uptime -j first | jq -e '.[0].uptime')
	((before > 0 && before <= $(cut -d. -f1 /proc/uptime)))
	sleep 1
	(($(info first .uptime) > before))
	chaos uptime 0 first > "$work/uptime"
	grep -E '^ +0  Domain-0 +00:[0-9]{2}:[0-9]{2}$' "$work/uptime"
	grep -E "^ +$domid  first +00:[0-9]{2}:[0-9]{2}$" "$work/uptime"
	fails 1 chaos uptime nobody
	fails 1 chaos vcpu-list nobody
	fails 2 chaos uptime -Z
	fails 2 chaos vcpu-list -Z
}

# It is the guest's memory, and there when it is complete, or not at all. A guest that is no
# Linux doesn't say where its memory is.
dumps_core() {
	local pid status=0
	mkdir "$work/small"
	mount -t tmpfs -o size=1m none "$work/small"
	fails 1 chaos dump-core first "$work/small/core"
	grep 'No space left' "$work/stderr"
	is "what is left" "$(ls "$work/small")" ""
	umount "$work/small"
	fails 1 chaos dump-core first /nonexistent/core
	chaos dump-core first "$work/half" &
	pid=$!
	wait_for "it is begun" test -s "$work/half.new"
	kill "$pid"
	wait "$pid" || status=$?
	is "exit status" "$status" 143
	must_fail ls "$work"/half*
	in_guest first sh -c 'echo 7 > /tmp/x; echo "words for the core" >> /tmp/x'
	chaos pause first
	chaos dump-core first "$work/core"
	chaos unpause first
	is "magic" "$(head -c 4 "$work/core" | tail -c 3)" ELF
	is "mode" "$(stat -c %a "$work/core")" 600
	(($(stat -c %s "$work/core") >= GUEST_MEMORY << 20))
	grep -a 'words for the core' "$work/core" > "$work/found"
	must_fail ls "$work/core.new"
	# How far it is shows on a terminal, after a second, and goes again.
	script -qc "chaos dump-core first $work/core & pid=\$!
		until test -s $work/core.new; do sleep 0.01; done
		kill -STOP \$pid; sleep 1.2; kill -CONT \$pid; wait \$pid" \
		/dev/null <&"$never" > "$work/said"
	grep -E 'dump-core: [0-9]+ %, [0-9]+ (s|min) left' "$work/said"
	is "its end" "$(tail -c 4 "$work/said")" $'\r\e[K'
	rm "$work/core"
	fails 1 chaos dump-core nobody "$work/core"
	fails 1 chaos dump-core 0 "$work/core"
	fails 2 chaos dump-core first
}

debug_keys() {
	chaos debug-keys t
	chaos dmesg > "$work/log"
	tail -n 20 "$work/log" | grep -iE 'clock|TSC|synced|time'
	fails 2 chaos debug-keys
	fails 2 chaos debug-keys ''
	fails 2 chaos debug-keys h t
}

dmesg_shows() {
	chaos dmesg > "$work/log"
	grep 'Xen version 4' "$work/log"
	chaos dmesg -j | jq -e 'any(contains("Xen version 4"))'
	chaos dmesg -c > "$work/log"
	grep 'Xen version 4' "$work/log"
	chaos dmesg > "$work/log"
	must_fail grep 'Xen version 4' "$work/log"
	fails 2 chaos dmesg extra
	fails 2 chaos dmesg -Z
}

version_shows() {
	chaos version -j > "$work/version"
	is "chaos" "$(jq -r .chaos "$work/version")" \
		"$(chaos -V | cut -d' ' -f2)"
	is "Linux" "$(jq -r .linux "$work/version")" "$(uname -r)"
	jq -e '.xen | startswith("4.")' "$work/version"
	jq -e '.xen_capabilities | contains("xen-3.0-x86_64")' "$work/version"
	is "ABI" "$(jq -r .noxs_abi "$work/version")" 2.0
	is "provider" "$(jq -r .noxs_provider "$work/version")" handle
	is "module" "$(jq -r .modules.noxs_core "$work/version")" \
		"$(cat /sys/module/noxs_core/version)"
	chaos version > "$work/version"
	grep -E '^xen +4\.' "$work/version"
	fails 2 chaos version extra
}

host_of() {
	chaos host -j | jq -er "$1"
}

host_shows() {
	local before
	chaos host -j > "$work/host" 2> "$work/stderr"
	is "warnings" "$(< "$work/stderr")" ""
	chaos version -j > "$work/version"
	is "versions" "$(jq -cs '.[0] as $host | .[1] | to_entries |
		map(select($host[.key] != .value) | .key)' "$work/host" "$work/version")" "[]"
	is "name" "$(jq -r .hostname "$work/host")" "$(uname -n)"
	is "CPUs" "$(jq .nr_cpus "$work/host")" "$(xl info nr_cpus)"
	is "memory" "$(jq .total_memory "$work/host")" "$(xl info total_memory)"
	is "scheduler" "$(jq -r .xen_scheduler "$work/host")" "$(xl info xen_scheduler)"
	jq -e '.virt_caps | index("pv") != null' "$work/host"
	is "command line" "$(jq -r .xen_commandline "$work/host")" "$(xl info xen_commandline)"
	is "guests" "$(jq -c '[.guests, .shells, .shells_memory, .dying_memory]' "$work/host")" \
		"[1,0,0,0]"
	(($(jq .guests_memory "$work/host") >= GUEST_MEMORY))
	before=$(host_of .free_memory)
	((before > 0 && before <= $(xl info free_memory)))
	guest_config some > "$work/some.cfg"
	chaos create -q -p "$work/some.cfg"
	is "guests" "$(host_of .guests)" 2
	(($(host_of .free_memory) <= before - GUEST_MEMORY))
	guest_destroy some
	chaos host > "$work/host"
	grep -E '^nr_cpus +[0-9]+$' "$work/host"
	fails 2 chaos host extra
	fails 2 chaos host -Z
}

# with_daemon COMMAND… - while chaosd runs
with_daemon() {
	chaosd 2>> "$work/chaosd.log" &
	daemon=$!
	trap 'kill "$daemon"' EXIT
	wait_for "chaosd answers" chaos pool list
	"$@"
}

# run_start GUEST [OPTION…] - "chaos run" in the background, until it answers
run_start() {
	local name=$1
	shift
	guest_config "$name" "$(vif_line 2)" > "$work/$name.cfg"
	chaos run "$@" "$work/$name.cfg" < /dev/null \
		> "$work/run.out" 2> "$work/run.err" &
	run=$!
	guest_ready "$name"
}

run_ended() {
	! kill -0 "$run"
}

# run_ends STATUS - it does so by itself, and leaves nothing
run_ends() {
	local status=0
	wait_for "chaos run ends" run_ended
	wait "$run" || status=$?
	cat "$work/run.err"
	is "exit status" "$status" "$1"
	fails 1 chaos info fore
}

# ends GUEST COMMAND - tell the guest to do it, which may end before it answers
ends() {
	in_guest "$1" sh -c "$2" || is "status of guest-exec" "$?" 125
}

run_poweroff() {
	run_start fore
	is "action" "$(info fore .on_poweroff)" destroy
	in_guest fore sh -c 'echo words for the console > /dev/console; sync'
	ends fore 'poweroff -f &'
	run_ends 0
	grep -q 'Linux version' "$work/run.out"
	grep -q 'words for the console' "$work/run.out"
}

run_reboot() {
	run_start fore -j
	ends fore 'reboot -f &'
	run_ends 3
	jq -e '.name == "fore" and .end == "reboot" and .reason == .end and .status == 3' \
		"$work/run.out"
}

run_crash() {
	run_start fore
	ends fore 'echo c > /proc/sysrq-trigger &'
	run_ends 4
}

run_killed() {
	run_start fore
	chaos destroy fore
	run_ends 5
}

run_terminated() {
	run_start fore
	kill "$run"
	run_ends 0
}

# A guest that can't be asked is destroyed when its time is up.
run_forced() {
	guest_config fore +noxs.noload > "$work/fore.cfg"
	chaos run -t 2 "$work/fore.cfg" < /dev/null > "$work/run.out" \
		2> "$work/run.err" &
	run=$!
	guest_ready fore
	kill "$run"
	run_ends 6
}

# Nobody reads what it prints, and it must end all the same.
run_unread() {
	mkfifo "$work/unread"
	exec 9<> "$work/unread"
	guest_config fore > "$work/fore.cfg"
	chaos run "$work/fore.cfg" < /dev/null > "$work/unread" \
		2> "$work/run.err" &
	run=$!
	guest_ready fore
	in_guest fore sh -c \
		'yes "lines fill the pipe" | head -c 300000 > /dev/console'
	ends fore 'poweroff -f &'
	run_ends 0
	exec 9>&-
}

run_wrong() {
	fails 1 chaos run /nonexistent
	guest_config first > "$work/taken.cfg"
	fails 1 chaos run "$work/taken.cfg"
	fails 2 chaos run
	fails 2 chaos run -t x "$work/taken.cfg"
	fails 2 chaos run "$work/taken.cfg" more
}

# What is there: domains, records, processes, interfaces.
remains() {
	chaos list -j | jq -c '.[] | [.name, .domid]'
	find /run/chaos -type f | sort
	pgrep -f ^chaos-console || true
	find /sys/class/net -type l | sort
	cat '/sys/class/misc/xen!noxs/domains'
}

# leaves_nothing COMMAND… - what is there before is there afterwards
leaves_nothing() {
	remains > "$work/before"
	"$@"
	remains > "$work/after"
	diff "$work/before" "$work/after"
}

numbers() { # numbers COUNT - "some-1 some-2 ..."
	seq -s ' ' -f 'some-%g' "$1"
}

create_many() {
	local count=$1 n
	guest_config some "vif = [ 'bridge=$BRIDGE' ]" > "$work/some.cfg"
	chaos create -n "$count" -w $((DEADLINE * count)) -j "$work/some.cfg" \
		> "$work/many"
	is "names" "$(jq -r '.[].name' "$work/many" | xargs)" \
		"$(numbers "$count")"
	is "guests" "$(chaos list -j | jq -r '[.[] | .name |
		select(startswith("some-"))] | length')" "$count"
	is "addresses" "$(for n in $(seq "$count"); do
		info "some-$n" '.vifs[0].mac'
	done | sort -u | wc -l)" "$count"
	guest_ready "some-$count"
	for n in $(seq "$count"); do
		guest_destroy "some-$n"
	done
}

fifty() {
	local count
	count=$(($(xl info free_memory) / (GUEST_MEMORY + 4)))
	echo $((count < 50 ? count : 50))
}

# One name is taken, and so none is made.
many_or_none() {
	guest_config some-3 > "$work/some-3.cfg"
	chaos create -p "$work/some-3.cfg"
	guest_config some > "$work/some.cfg"
	leaves_nothing fails 1 chaos create -n 5 "$work/some.cfg"
	grep -q 'some-3: name: domain' "$work/stderr"
	guest_destroy some-3
	guest_config some "memory = 600" > "$work/some.cfg"
	leaves_nothing fails 1 chaos create -n 9 "$work/some.cfg"
	grep -q 'memory: 600 MiB wanted' "$work/stderr"
}

many_interrupted() {
	local pid status=0
	guest_config some > "$work/some.cfg"
	remains > "$work/before"
	chaos create -n 8 "$work/some.cfg" > "$work/stdout" &
	pid=$!
	wait_for "one is made" chaos info some-1
	kill "$pid"
	wait "$pid" || status=$?
	is "exit status" "$status" 143
	[[ ! -s $work/stdout ]]
	remains > "$work/after"
	diff "$work/before" "$work/after"
}

many_wrong() {
	local args
	guest_config some "$(vif_line 3)" > "$work/some.cfg"
	leaves_nothing fails 1 chaos create -n 2 "$work/some.cfg"
	grep -q 'mac' "$work/stderr"
	guest_config some "uuid = '01234567-89ab-cdef-fedc-ba9876543210'" \
		> "$work/some.cfg"
	leaves_nothing fails 1 chaos create -n 2 "$work/some.cfg"
	guest_config some "disk = [ '/dev/vda,raw,xvda,rw' ]" > "$work/some.cfg"
	leaves_nothing fails 1 chaos create -n 2 "$work/some.cfg"
	grep -q 'several guests' "$work/stderr"
	guest_config "$(printf 'x%.0s' {1..62})" > "$work/some.cfg"
	leaves_nothing fails 1 chaos create -n 2 "$work/some.cfg"
	guest_config some > "$work/some.cfg"
	for args in "-n 0" "-n x" "-n -1" "-n 10000" "-n 2 -c" "-p -w 1" \
		"--dry-run -c" "--dry-run -w 1" "--wet-run"; do
		# shellcheck disable=SC2086 # several words
		fails 2 chaos create $args "$work/some.cfg"
	done
}

dry_run() {
	local filter
	guest_config some "$(vif_line 3)" > "$work/some.cfg"
	leaves_nothing chaos create --dry-run "$work/some.cfg"
	leaves_nothing chaos create --dry-run -j "$work/some.cfg" > "$work/dry"
	for filter in '.name == "some"' ".kernel == \"$KERNEL\"" \
		".memory == $GUEST_MEMORY" '.vcpus == 1 and .type' \
		".vifs[0].bridge == \"$BRIDGE\"" 'has("domid") | not'; do
		jq -e "$filter" "$work/dry"
	done
	guest_config some > "$work/some.cfg"
	leaves_nothing chaos create --dry-run -n 3 -j "$work/some.cfg" \
		> "$work/dry"
	is "names" "$(jq -r '.[].name' "$work/dry" | xargs)" "$(numbers 3)"
}

dry_run_refuses() {
	local line
	for line in "memory = 100000" "vif = [ 'bridge=nosuchbridge' ]" \
		"kernel = '/nonexistent'" "name = 'first'" "cpus = '64'" \
		"vcpus = 0" "nonsense = 1"; do
		guest_config some | sed "/^${line%% *} =/d" > "$work/some.cfg"
		echo "$line" >> "$work/some.cfg"
		leaves_nothing fails 1 chaos create --dry-run "$work/some.cfg"
	done
	guest_config some "memory = 600" > "$work/some.cfg"
	leaves_nothing chaos create -q --dry-run "$work/some.cfg"
	leaves_nothing fails 1 chaos create --dry-run -n 9 "$work/some.cfg"
	guest_config first > "$work/some.cfg"
	leaves_nothing chaos create -q --dry-run -n 9 "$work/some.cfg"
}

# stat_of FILTER [OPTION…] - what "chaos stat" says of first
stat_of() {
	local filter=$1
	shift
	chaos stat -j "$@" | jq -er ".[] | select(.name == \"first\") | $filter"
}

stat_counts() {
	local before after
	in_guest first sh -c 'ip addr add 10.0.0.2/24 dev eth0
		ip link set eth0 up'
	before=$(stat_of "$(vif_in 0).sent_bytes")
	pings 10.0.0.2 -s 1400
	after=$(stat_of "$(vif_in 0).sent_bytes")
	((after - before >= 5 * 1400))
	(($(stat_of "$(vif_in 0).received_bytes") >= 5 * 1400))
	(($(stat_of "$(vif_in 0).received_packets") >= 5))
	is "netdev" "$(stat_of "$(vif_in 0).netdev")" \
		"$(info first "$(vif_in 0).netdev")"
}

stat_is_fast() {
	awk -v rate="$(stat_of "$(vif_in 0).received_per_s" -d 2)" \
		'BEGIN { exit !(rate > 1000) }'
}

stat_rates() {
	local busy status=0
	ping -f -i 0.02 -s 1400 10.0.0.2 > /dev/null &
	busy=$!
	wait_for "there is traffic" stat_is_fast || status=1
	kill "$busy"
	((status == 0))
	busy=$(in_guest first sh -c \
		'while :; do :; done > /dev/null 2>&1 & echo $!')
	wait_for "it is busy" stat_is_busy
	in_guest first kill "$busy"
}

stat_is_busy() {
	more_than "$(stat_of '.cpu_percent')" 10
}

stat_again() {
	is "lines" "$(chaos stat -j -n 3 -d 0.1 | wc -l)" 3
	chaos stat -j -n 3 -d 0.1 | jq -es 'length == 3'
	chaos stat -d 0.1 > "$work/stat"
	grep -qE '^ *[0-9]+  first .* vif 0 ' "$work/stat"
	is "headings" "$(grep -c domid "$work/stat")" 1
	is "headings" "$(script -qc 'stty rows 5 cols 200
		chaos stat -n 2 -d 0.1' /dev/null | grep -c domid)" 2
}

shown_twice() {
	[[ $(grep -c domid "$work/stat") -ge 2 ]]
}

# Also when it has looked itself.
stat_ends() {
	local pid status=0
	chaos stat -n 100000 -d 0.1 > "$work/stat" &
	pid=$!
	wait_for "it has looked twice" shown_twice
	kill "$pid"
	wait "$pid" || status=$?
	is "exit status" "$status" 143
}

stat_for_prometheus() {
	local labels
	chaos stat --prometheus > "$work/metrics"
	labels="name=\"first\",domid=\"$(domid_of first)\""
	grep -E "^chaos_guest_cpu_seconds_total\{$labels\} [0-9.]+$" "$work/metrics"
	is "received" "$(($(sed -n "s/^chaos_vif_received_bytes_total{$labels,.*} //p" \
		"$work/metrics") >= 5 * 1400))" 1
	is "free memory" "$(sed -n 's/^chaos_host_memory_free_bytes //p' "$work/metrics")" \
		"$(($(host_of .free_memory) << 20))"
	grep -x 'chaos_daemon_up 0' "$work/metrics"
	# A sample of a metric that was declared, and nothing else.
	awk '/^# (HELP|TYPE) / { known[$3]; next }
		{ name = $1; sub(/{.*/, "", name) }
		!(name in known) || $NF !~ /^[0-9.e+]+$/ { print; bad = 1 }
		END { exit bad || NR < 20 }' "$work/metrics"
	says_json 2 error chaos stat -j --prometheus
}

# http_of REQUEST STATUS - what is answered over a connection, with as few rights as the unit
# has; without its head in $work/page
http_of() {
	local line
	printf '%s\r\nHost: here\r\n\r\n' "$1" | socat -t "$DEADLINE" - \
		EXEC:'setpriv --bounding-set=-all --no-new-privs chaos stat --http' \
		> "$work/answer"
	read -r line < "$work/answer"
	is "status" "${line%$'\r'}" "HTTP/1.1 $2"
	sed '1,/^\r$/d' "$work/answer" > "$work/page"
	is "length" "$(sed -nE 's/^Content-Length: ([0-9]+)\r$/\1/p' "$work/answer")" \
		"$(wc -c < "$work/page")"
}

stat_for_http() {
	http_of "GET /metrics HTTP/1.1" "200 OK"
	chaos stat --prometheus > "$work/metrics"
	# Values change, and states.
	sed -i 's/ [0-9.e+]*$//; s/state="[a-z]*"//' "$work/metrics" "$work/page"
	diff "$work/metrics" "$work/page"
	http_of "GET / HTTP/1.1" "404 Not Found"
	http_of nonsense "400 Bad Request"
	says_json 2 error chaos stat -j --http
}

# on_terminal ROWS COLUMNS COMMAND - what it prints on one of that size, where nobody types
on_terminal() {
	script -qc "stty rows $1 cols $2; $3" /dev/null <&"$never"
}

# What it shows is in the last screen: a line ends with what clears its rest.
top_fits() {
	chaos top > "$work/top"
	grep -E "^ *$(domid_of first) first +[a-z]+ +[0-9.]+ +[0-9]+ +1 " "$work/top"
	must_fail grep -F $'\e' "$work/top"
	on_terminal 10 60 'chaos top -n 2 -d 0.2; stty -a' > "$work/top"
	is "headings" "$(grep -c 'domid name' "$work/top")" 2
	# Home, and no clearing of all but once.
	is "redrawn" "$(grep -oF $'\e[H' "$work/top" | wc -l)" 3
	sed 's/\r$//; s/\x1b\[?*[0-9]*[A-Za-z]//g' "$work/top" |
		sed '/^speed/,$d' > "$work/lines"
	is "longest line" "$(($(wc -L < "$work/lines") <= 60))" 1
	grep -E ' icanon' "$work/top"
	grep -E ' echo ' "$work/top"
	on_terminal 5 80 'chaos top -n 1 -d 0.2' > "$work/top"
	must_fail grep first "$work/top"
}

# Each, once what the former one asks for shows.
type_keys() {
	wait_for "it shows guests" grep first "$work/top"
	printf m
	wait_for "it has heard that" grep 'by memory' "$work/top"
	printf r
	wait_for "it has heard that" grep 'by memory, reversed' "$work/top"
	printf q
	wait_for "it has ended" grep 'status 0' "$work/top"
}

top_hears_keys() {
	: > "$work/top"
	type_keys | script -qfc 'stty rows 24 cols 80
		chaos top -d 86400; echo "status $?"' /dev/null > "$work/top"
	grep 'by cpu: ' "$work/top"
	fails 2 chaos top -o nonsense
	fails 2 chaos top -n 0
	fails 2 chaos top extra
}

stat_wrong() {
	local args
	for args in "-n 0" "-n x" "-d 0" "-d x" "extra" "-Z"; do
		# shellcheck disable=SC2086 # several words
		fails 2 chaos stat $args
	done
}

# What is wrong is said in a line; what there is, to whoever asks.
help_is_shown() {
	local args
	for args in -h --help "create --help" "vif add first -h" "-j list --help" \
		"network-attach --help"; do
		# shellcheck disable=SC2086 # several words
		chaos $args > "$work/stdout"
		grep '^usage: chaos ' "$work/stdout"
	done
	is "version" "$(chaos --version)" "$(chaos -V)"
	fails 2 chaos --nonsense
	grep -F -- '--nonsense: no such option' "$work/stderr"
	fails 2 chaos pause -Z first
	grep -F 'pause: -Z: no such option' "$work/stderr"
	fails 2 chaos nonsense
	fails 2 chaos
}

# says_json STATUS KEY COMMAND… - it fails, and what it says is an object with that
says_json() {
	local expected=$1 key=$2 status=0
	shift 2
	"$@" > "$work/stdout" 2> "$work/stderr" || status=$?
	is "exit status" "$status" "$expected"
	[[ ! -s $work/stdout ]]
	jq -es --arg key "$key" 'length > 0 and
		all(has("command") and has("object") and (.[$key] | type == "string"))' \
		"$work/stderr"
}

errors_are_json() {
	says_json 1 error chaos info -j nobody
	is "error" "$(jq -c . "$work/stderr")" \
		'{"command":"info","error":"no such guest","object":"nobody"}'
	says_json 1 error chaos -j pause nobody
	says_json 1 error chaos -j shutdown nobody
	says_json 1 error chaos vif list -j nobody
	says_json 1 error chaos -j pool set nonsense /nonexistent
	says_json 2 error chaos -j
	says_json 2 error chaos -j nonsense
	says_json 2 error chaos list -j -Z
	says_json 2 error chaos -j info
	guest_config some "nonsense = 1" "vcpus = 0" > "$work/some.cfg"
	says_json 1 error chaos create -j "$work/some.cfg"
	is "lines" "$(wc -l < "$work/stderr")" 2
	guest_config some "localtime = 1" > "$work/some.cfg"
	chaos create -j --dry-run "$work/some.cfg" > "$work/dry" 2> "$work/stderr"
	jq -e '.command == "create" and (.warning | contains("localtime"))' "$work/stderr"
	is "what would be made" "$(jq -r .name "$work/dry")" some
}

list_names() {
	is "names" "$(chaos list -j first 0 | jq -r '.[].name' | xargs)" "first Domain-0"
	is "lines" "$(chaos list "$(domid_of first)" | wc -l)" 2
	fails 1 chaos list nobody
	must_fail chaos list -j nobody first > "$work/list"
	is "names" "$(jq -r '.[].name' "$work/list")" first
}

xl_spellings() {
	local id
	is "vifs" "$(chaos network-list first)" "$(chaos vif list first)"
	id=$(chaos network-attach first bridge="$BRIDGE")
	chaos network-list -j first | jq -e ".[] | select(.id == $id)"
	chaos network-detach first "$id"
	is "vifs" "$(chaos network-list -j first | jq length)" 1
	is "disks" "$(chaos block-list -j first | jq length)" 0
	fails 1 chaos block-detach first xvdz
	fails 1 chaos block-attach nobody phy:/dev/vda,xvdb,r
}

# What stands on the command line counts as if it stood in the file.
words_count() {
	local config=/etc/chaos/bare.cfg
	guest_config some > "$work/some.cfg"
	chaos create --dry-run -j "$work/some.cfg" 'name="other"' vcpus=2 \
		> "$work/dry"
	is "what is made" "$(jq -r '"\(.name) \(.vcpus)"' "$work/dry")" "other 2"
	leaves_nothing fails 1 chaos create "$work/some.cfg" nonsense=1
	leaves_nothing fails 2 chaos create "$work/some.cfg" nonsense
	leaves_nothing fails 1 chaos run "$work/some.cfg" nonsense=1
	mkdir -p "${config%/*}"
	cp "$work/some.cfg" "$config"
	(cd / && chaos create --dry-run -q bare)
	must_fail chaos create --dry-run -q ./bare
	rm "$config"
	fails 1 chaos create bare
}

# ocf STATUS ACTION - what the resource agent's action ends with
ocf() {
	local status=0
	OCF_ROOT=/usr/lib/ocf OCF_RESKEY_config=$work/cluster.cfg OCF_RESKEY_CRM_meta_timeout=20000 \
		/usr/lib/ocf/resource.d/noxs/chaos "$2" > "$work/stdout" 2> "$work/stderr" ||
		status=$?
	cat "$work/stderr"
	is "status of $2" "$status" "$1"
}

agent_says() {
	ocf "$1" monitor
}

# As Pacemaker has it done, and as it must not be done.
cluster_has_a_guest() {
	local domid
	guest_config cluster > "$work/cluster.cfg"
	ocf 0 meta-data
	grep '<resource-agent name="chaos"' "$work/stdout"
	ocf 0 validate-all
	ocf 7 monitor
	ocf 0 stop
	ocf 0 start
	ocf 0 start
	ocf 0 monitor
	guest_ready cluster
	domid=$(domid_of cluster)
	ends cluster 'echo c > /proc/sysrq-trigger &'
	wait_for "it isn't well" agent_says 1
	ocf 1 start
	ocf 0 recover
	[[ $(domid_of cluster) != "$domid" ]]
	# It can't be asked yet.
	ocf 0 stop
	ocf 7 monitor
	ocf 3 nonsense
	echo "memory = 8" > "$work/cluster.cfg"
	ocf 6 start
	rm "$work/cluster.cfg"
	ocf 5 start
	ocf 5 validate-all
	ocf 7 monitor
	ocf 0 stop
}

# Debian's own test of agents; see commands.host. The guest doesn't shut down.
agent_is_as_agreed() {
	printf '%s\n' "name = 'cluster'" "kernel = '$SYSTEM/pong'" "type = 'pv'" \
		"memory = 8" "extra = 'ip=10.0.0.61'" "$(vif_line 61)" > "$work/cluster.cfg"
	ln -s /share/resource-agents /usr/share/
	PATH=/share:$PATH sh /share/ocf-tester -n cluster -o "config=$work/cluster.cfg" \
		/usr/lib/ocf/resource.d/noxs/chaos > "$work/said" 2>&1 || {
		cat "$work/said"
		return 1
	}
	cat "$work/said"
	grep '/chaos passed all tests$' "$work/said"
}

# docs/first-hour.md, with a guest that is PV: a PVH one isn't for a machine like this one
# (tests/rig/README.md).
first_hour() {
	sed "s/^    > memory = 192\$/&; type = '$GUEST_TYPE'/" "$SYSTEM/../../docs/first-hour.md" \
		> "$work/first-hour.md"
	grep -q "type = '$GUEST_TYPE'" "$work/first-hour.md"
}

# newcomer COMMAND… - on a host as that of whoever reads the texts, which is as before then
newcomer() {
	local daemon name status=0
	ln -s "$KERNEL" /vmlinuz
	ln -s "$GUESTS/initramfs.cpio" /initrd.img
	modprobe loop
	chaosd 2> "$work/chaosd.log" &
	daemon=$!
	wait_for "chaosd answers" chaos pool list
	"$@" || status=$?
	for name in web web2 shop; do
		chaos destroy "$name" 2> /dev/null || true
	done
	chaos pool drain -f
	kill "$daemon"
	wait "$daemon" || true
	rm -f /vmlinuz /initrd.img /etc/chaos/web.cfg /srv/data.img
	ip link del xenbr0 || true
	is "status" "$status" 0
}

# The guest of each is called web. The rig has no systemd: what needs that, readme does.
manual_examples() {
	ip link add xenbr0 type bridge
	ip link set xenbr0 up
	mkdir -p /etc/chaos
	sed -n '/^    > name = /,/^    > END/s/^    > //p' "$work/first-hour.md" |
		grep -v END > /etc/chaos/web.cfg
	sed -n '/^\.Sh EXAMPLES/,/^\.Sh SEE/s/^\.Dl # //p' /usr/share/man/man1/chaos.1 |
		grep -vE '^(systemctl|curl) ' > "$work/examples"
	sed -i 's/\\(dq/"/g; /^chaos create.* [^ ]*web\(\.cfg\)\?$/s/^/chaos destroy web || true; /' \
		"$work/examples"
	(($(wc -l < "$work/examples") >= 8))
	newcomer bash -exo pipefail "$work/examples"
}

wanted=${1:-}
only() {
	[[ ! $1 =~ $wanted ]] || check "$@"
}

bridge_up
ledger_open
guest_create first "$(vif_line 1)" > /dev/null
vif_connected first 0
only "pause stops a guest's CPUs, unpause lets them run" pause_stops
only "pause and unpause: wrong calls" pause_wrong
only "a guest that was created paused" created_paused
only "rename shows everywhere" rename_shows
((!LONG)) || only "rename, and the log is full" rename_and_rotate
only "rename: wrong calls" rename_wrong
only "what a killed rename leaves does no harm" rename_half
only "info is complete" info_is_complete
only "vifname and ip of a vif" vif_named
only "a vif's MTU is that of its bridge" vif_mtu_is_the_bridges
only "CPUs, weight and cap are those of the configuration" scheduled_as_asked
only "vcpu-pin and vcpu-list" pins
only "vcpu-pin and sched-credit2 last" pins_last
only "vcpu-set puts CPUs offline, and online again" sets_vcpus
only "vcpu-set lasts" vcpus_last
only "vcpu-pin, and domain 0" pins_the_host
only "sched-credit2 shows and changes weight and cap" shares
only "domid, domname, uptime" short_answers
only "dump-core writes all of a core, or nothing" dumps_core
only "debug-keys has Xen log something" debug_keys
only "dmesg shows what Xen logged" dmesg_shows
only "version shows all versions" version_shows
only "host shows what it has" host_shows
only "create -n: three guests" create_many 3
only "create -n: all or none" many_or_none
only "create -n: a signal undoes all" many_interrupted
only "create -n: wrong calls" many_wrong
only "help is shown, and a wrong option named" help_is_shown
only "after -j, what goes wrong is JSON, too" errors_are_json
only "list shows guests by name" list_names
only "devices as xl spells them" xl_spellings
only "create FILE KEY=VALUE, and a name for FILE" words_count
only "create --dry-run says what would be made" dry_run
only "create --dry-run refuses what create would" dry_run_refuses
only "stat counts what goes through a vif" stat_counts
only "stat shows rates" stat_rates
only "stat again and again" stat_again
only "stat ends when it is told to" stat_ends
only "stat for Prometheus" stat_for_prometheus
only "stat answers Prometheus" stat_for_http
only "stat: wrong calls" stat_wrong
only "top fits the terminal" top_fits
only "top hears keys" top_hears_keys
only "run: the guest powers itself off" with_daemon run_poweroff
only "run: it wants to be started again" with_daemon run_reboot
only "run: it crashes" with_daemon run_crash
only "run: others destroy it" with_daemon run_killed
only "run: SIGTERM shuts it down" with_daemon run_terminated
only "run: it can't be shut down" with_daemon run_forced
only "run: nobody reads the console" with_daemon run_unread
only "run: wrong calls" with_daemon run_wrong
only "a resource agent for Pacemaker" cluster_has_a_guest
[[ ! -e /share/ocf-tester ]] || only "which passes ocf-tester" agent_is_as_agreed
guest_destroy first
first_hour
only "a first hour with chaos" newcomer bash "$SYSTEM/transcript.sh" "$work/first-hour.md"
only "the examples of chaos(1)" manual_examples
if ((LONG)); then
	only "create -n: fifty guests, or as many as there is memory for" \
		create_many "$(fifty)"
fi
ledger_close
bridge_down
done_testing
