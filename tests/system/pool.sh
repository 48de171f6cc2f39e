#!/usr/bin/env bash
# SPDX-License-Identifier: GPL-2.0
#
# Pools: guests made from shells are what was asked for, and a shell never
# becomes another guest; pools refill, survive what is done to their shells and
# to chaosd, give memory back, and leave nothing behind
#
# pool.sh [FUNCTION…] runs only those tests. NOXS_SEED repeats the moments of kills.
#
# With a single processor, for PVH guests: see tests/rig/README.md.
# xenhost: --pvh
# cost: boots 1 guests 304 seconds 255

set -euo pipefail
# shellcheck source-path=SCRIPTDIR
. "$(dirname "$0")/chaosd-lib.sh"

COUNT=3
GUESTS_IN_TURN=$((LONG ? 1000 : 12))
KILLS=$((LONG ? 40 : 8))
seed=${NOXS_SEED:-$RANDOM}

pool() { # pool NAME FILTER - what "chaos pool list" says of a pool, by jq
	chaos pool list -j | jq -er --arg name "$1" \
		".pools[] | select(.name == \$name) | $2"
}

fresh() {
	chaos pool list -j | jq -e .fresh
}

is_full() { # is_full NAME COUNT - and at rest
	pool "$1" ".ready == $2 and (.making | not)"
}

pool_set() { # pool_set NAME COUNT [LINE…] - a pool of stubs, and wait for it
	stub_config "pool-$1" '' "${@:3}" > "$work/$1.pool"
	chaos pool set -n "$2" -r 1000 "$1" "$work/$1.pool"
	wait_for "pool $1 is full" is_full "$1" "$2"
}

pool_end() { # pool_end NAME… - and nothing of it is left
	local name
	for name; do
		chaos pool drain -f "$name"
		is shells "$(shells "$name" | wc -l)" 0
	done
}

shells() { # shells [POOL] - their domids
	chaos list -aj | jq -r --arg pool "${1-}" '.[] |
		select(.pool != null and ($pool == "" or .pool == $pool)).domid'
}

record() { # record GUEST FILTER
	chaos info -j "$1" | jq -r "$2"
}

pool_of() {
	record "$1" '.pool // "none"'
}

no_pools() {
	[[ -z $(find /var/lib/chaos/pools /run/chaos/shells -type f) ]] &&
		is shells "$(shells | wc -l)" 0 && nothing_is_left
}

pool_is_visible() {
	listen
	pool_set web "$COUNT" "vif = [ 'bridge=$BRIDGE' ]"
	chaos pool list
	chaos pool list | grep -E '^web +8 +1 pv +1 +3 +3 +0 +-$'
	is kernel "$(pool web .kernel)" "$SYSTEM/stub"
	is "fields of a pool" "$(ask Pools | jq -r '.pools[0] | keys[]' | sort)" \
		"$(declared 'type Pool \(')"
	# They are no guests, and nobody is told that there are any.
	is guests "$(ask Status | jq -c '[.guests, .shells]')" "[0,$COUNT]"
	is guests "$(chaos list -j | jq length)" 0
	is guests "$(chaos stat -j -n 1 | jq length)" 0
	is names "$(find /run/chaos/names /run/chaos/domains -type f)" ''
	is all "$(chaos list -a | grep -c '\[web\]')" "$COUNT"
	# What came until now comes before this.
	stub_start one '' "vif = [ 'bridge=$BRIDGE' ]"
	wait_for "it was told of" happened '.event == "created" and .name == "one"'
	is events "$(jq -c '[.event, .name]' "$work/events" |
		grep -vE '"(device|ready)"' | sed -n 1p)" '["created","one"]'
	happened '.event == "created" and .pool == "web"'
	guest_destroy one
	listen_end
	wait_for "it is full again" is_full web "$COUNT"
}

ports() {
	find "/sys/class/net/$BRIDGE/brif" -mindepth 1 -printf '%f\n' | sort | xargs
}

# All that a configuration may ask for, of a guest that is made from a shell.
served_guest_is_as_asked() {
	local uuid=00000000-1111-2222-3333-555555555555 domid served
	served=$(pool web .served)
	shells web > "$work/shells"
	rm -f "$(log_of asked)"
	truncate -s 1M "$work/disk"
	stub_start asked 'a b=1 #' "uuid = '$uuid'" \
		"on_poweroff = 'preserve'" "on_crash = 'restart'" \
		"cpu_weight = 77" "cap = 33" "vif = [ 'bridge=$BRIDGE', 'id=3,mac=00:16:3e:00:00:33,bridge=$BRIDGE' ]" \
		"disk = [ '$work/disk,raw,xvdb,r' ]"
	domid=$(domid_of asked)
	grep -x "$domid" "$work/shells"
	is pool "$(pool_of asked)" web
	is "in the list" "$(chaos list -j | jq -c '.[] | [.name, .state != "paused"]')" \
		'["asked",true]'
	wait_for "its command line has arrived" log_has asked '^stub.*$'
	wait_for "it has printed it" log_has asked 'a b=1 #'
	chaos info asked
	is info "$(record asked '[.name, .uuid, .memory, .vcpus, .cmdline,
		.on_poweroff, .on_reboot, .on_crash, .cpu_weight, .cap, .type] | @csv')" \
		"\"asked\",\"$uuid\",8,1,\"a b=1 #\",\"preserve\",\"restart\",\"restart\",77,33,\"pv\""
	is devices "$(record asked '[.devices[] | "\(.type)\(.id)"] | sort | join(" ")')" \
		"sysctl0 vbd1 vif0 vif3"
	is "macs on record" "$(record asked '[.vifs[].mac] | join(" ")')" \
		"$(chaos vif list -j asked | jq -r '[.[].mac] | join(" ")')"
	is mac "$(chaos vif list -j asked | jq -r '.[] | select(.id == 3).mac')" \
		00:16:3e:00:00:33
	is "ports of the bridge" "$(ports)" \
		"vif$domid.0 vif$domid.3"
	# It is one's name and UUID like others'.
	must_fail chaos create -q "$work/asked.cfg"
	is served "$(pool web .served)" $((served + 1))
	guest_destroy "$uuid"
	wait_for "it is full again" is_full web "$COUNT"
	shells web > "$work/shells.now"
	must_fail grep -x "$domid" "$work/shells.now"
	rm "$work/disk"
}

# is_fresh [KEY LINE…] - a guest that needs something else isn't made from a shell
is_fresh() {
	local before guest_fresh
	echo "# $1"
	before=$(shells | xargs)
	guest_fresh=$(fresh)
	stub_start other '' "${@:2}"
	is pool "$(pool_of other)" none
	is fresh "$(fresh)" $((guest_fresh + 1))
	is shells "$(shells | xargs)" "$before"
	guest_destroy other
}

others_are_made_afresh() {
	local vif="vif = [ 'bridge=$BRIDGE' ]" kernel=$work/kernel
	cp "$SYSTEM/stub" "$kernel"
	echo "no ramdisk of anybody's" > "$work/ramdisk"
	is_fresh memory "$vif" "memory = 9"
	is_fresh vcpus "$vif" "vcpus = 2"
	is_fresh cpus "$vif" "cpus = '0'"
	is_fresh cpus_soft "$vif" "cpus_soft = '0'"
	is_fresh max_event_channels "$vif" "max_event_channels = 1022"
	is_fresh max_grant_frames "$vif" "max_grant_frames = 63"
	is_fresh max_grant_version "$vif" "max_grant_version = 2"
	is_fresh max_maptrack_frames "$vif" "max_maptrack_frames = 15"
	is_fresh kernel "$vif" "kernel = '$kernel'"
	is_fresh ramdisk "$vif" "ramdisk = '$work/ramdisk'"
	is_fresh "no vif"
	is_fresh "vif: mac" "vif = [ 'bridge=$BRIDGE,mac=00:16:3e:00:00:44' ]"
	is_fresh "vif: mtu" "vif = [ 'bridge=$BRIDGE,mtu=1400' ]"
	is_fresh "vif: id" "vif = [ 'bridge=$BRIDGE,id=1' ]"
	# And with none of that, it is.
	stub_start same '' "$vif"
	is pool "$(pool_of same)" web
	guest_destroy same
	wait_for "it is full again" is_full web "$COUNT"
	rm "$kernel" "$work/ramdisk"
}

# As after an upgrade, within one version.
other_builds_are_replaced() {
	local vif="vif = [ 'bridge=$BRIDGE' ]"
	shells web > "$work/shells"
	daemon_end KILL
	sed -i 's/"build": *"[^"]*"/"build": "another"/' /run/chaos/shells/*.json
	stub_start mine '' "$vif"
	is pool "$(pool_of mine)" none
	guest_destroy mine
	daemon_start
	wait_for "there are others" are_others web "$work/shells" "$COUNT"
}

# A shell of a forced type is no guest of any type, and the other way round.
type_is_forced() {
	pool_set forced 1 "type = 'pv'"
	is_fresh type
	stub_start same '' "type = 'pv'"
	is pool "$(pool_of same)" forced
	guest_destroy same
	pool_end forced
}

are_others() { # are_others POOL FILE [COUNT] - its shells are not those of the file
	is_full "$1" "${3:-1}" && ! shells "$1" | grep -xf "$2"
}

new_kernel_makes_new_shells() {
	local kernel=$work/kernel
	cp "$SYSTEM/stub" "$kernel"
	stub_config pool-kernel '' "kernel = '$kernel'" > "$work/kernel.pool"
	chaos pool set -n 1 kernel "$work/kernel.pool"
	wait_for "it is full" is_full kernel 1
	shells kernel > "$work/shells"
	# In place; as long as before, and as old. Nobody has told chaosd.
	cp -p "$kernel" "$work/kernel.was"
	cat "$work/kernel.was" > "$kernel"
	touch -r "$work/kernel.was" "$kernel"
	stub_start late '' "kernel = '$kernel'"
	is "from a shell with the former file" \
		"$(grep -cx "$(domid_of late)" "$work/shells" || true)" 0
	guest_destroy late
	wait_for "there is a new shell" are_others kernel "$work/shells"
	stub_start new '' "kernel = '$kernel'"
	is pool "$(pool_of new)" kernel
	guest_destroy new
	# Without a kernel there are no shells, and it says why.
	rm "$kernel"
	wait_for "it says why" pool kernel '.ready == 0 and
		(.error | test("No such file"))'
	pool_end kernel
}

# linux_is_served TYPE - a real guest finds what it was promised
linux_is_served() {
	local type=$1 netdev
	truncate -s 3M "$work/disk"
	guest_config flavour "type = '$type'" "vcpus = 2" \
		"ramdisk = '$GUESTS/initramfs.cpio'" > "$work/linux.pool"
	chaos pool set -n 1 linux "$work/linux.pool"
	wait_for "it is full" is_full linux 1
	guest_create served "type = '$type'" "vcpus = 2" \
		"ramdisk = '$GUESTS/initramfs.cpio'" "$(vif_line 9)" \
		"disk = [ '$work/disk,raw,xvda,w' ]" +noxs.ip0=10.0.0.9/24 \
		+word=here +noxs.hostname=asked
	is pool "$(pool_of served)" linux
	is type "$(chaos list -j | jq -r '.[].type')" "$type"
	is cmdline "$(in_guest served cat /proc/cmdline | tr -d '\r')" \
		"$(record served .cmdline)"
	record served .cmdline | grep 'word=here'
	is processors "$(in_guest served nproc)" 2
	netdev=$(in_guest served ls /sys/bus/noxs/devices/vif-0/net)
	is mac "$(in_guest served cat "/sys/class/net/$netdev/address")" \
		00:16:3e:00:00:09
	is sectors "$(in_guest served cat /sys/block/nxda/size)" 6144
	in_guest served awk "/MemTotal/ { exit !(\$2 > $GUEST_MEMORY * 1024 * 6 / 10 &&
		\$2 <= $GUEST_MEMORY * 1024) }" /proc/meminfo
	pings 10.0.0.9
	# Its answer is what chaosd hears of, and its end.
	chaos sysrq served s
	wait_for "it syncs" log_has served 'sysrq: Emergency Sync'
	is id "$(chaos vif add -w "$DEADLINE" served "bridge=$BRIDGE")" 1
	chaos shutdown -w "$DEADLINE" served
	wait_for "it is gone" absent served
	pool_end linux
	rm "$work/disk"
}

# A guest that reboots is like any other that is made.
reboot_is_served() {
	local domid
	pool_set plain 1
	stub_start again ''
	wait_for "it is full again" is_full plain 1
	domid=$(domid_of again)
	tell again r
	wait_for "it was made again" is_another again "$domid"
	is pool "$(pool_of again)" plain
	guest_destroy again
	pool_end plain
}

is_another() {
	local domid
	domid=$(domid_of "$1") && [[ $domid != "$2" ]]
}

# refused COMMAND… - for a shell
refused() {
	fails 1 chaos "$@"
	grep 'is a domain of a pool' "$work/stderr"
}

shells_are_left_alone() {
	local shell
	shell=$(shells web | sed -n 1p)
	refused pause "$shell"
	refused unpause "$shell"
	refused rename "$shell" mine
	refused shutdown "$shell"
	refused vif add "$shell" "bridge=$BRIDGE"
	refused vif del "$shell" 0
	shells web | grep -x "$shell"
}

is_whole_without() { # is_whole_without POOL COUNT DOMID
	is_full "$1" "$2" && ! shells "$1" | grep -x "$3"
}

bad_shells_are_replaced() {
	local shell
	# Destroyed by chaos, by others; and one that was let run.
	shell=$(shells web | sed -n 1p)
	chaos destroy "$shell"
	wait_for "another one is there" is_whole_without web "$COUNT" "$shell"
	shell=$(shells web | sed -n 1p)
	"$SYSTEM/rawdom" destroy "$shell"
	wait_for "another one is there" is_whole_without web "$COUNT" "$shell"
	for shell in $(shells web); do
		"$SYSTEM/rawdom" unpause "$shell"
	done
	# Whether chaosd has seen it or not.
	shells web > "$work/shells"
	stub_start clean '' "vif = [ 'bridge=$BRIDGE' ]"
	must_fail grep -x "$(domid_of clean)" "$work/shells"
	guest_destroy clean
	for shell in $(< "$work/shells"); do
		wait_for "$shell is replaced" is_whole_without web "$COUNT" "$shell"
	done
	is "noxs' domains" "$(cat '/sys/class/misc/xen!noxs/domains')" "$COUNT"
}

# wrong LINE… - options and arguments of "chaos pool set": one line, no change
wrong_set() { # wrong_set STATUS TEXT ARGUMENT…
	local pools
	pools=$(cat /var/lib/chaos/pools/*)
	fails "$1" chaos pool "${@:3}"
	grep -F -- "$2" "$work/stderr"
	is pools "$(cat /var/lib/chaos/pools/*)" "$pools"
}

same_file_changes_nothing() {
	local before
	before=$(shells web | xargs)
	chaos pool set web "$work/web.pool"
	is pool "$(chaos pool set -j -r 999 web | jq -c '[.name, .rate, .count]')" \
		"[\"web\",999,$COUNT]"
	chaos pool set -r 1000 web
	wait_for "it is at rest" is_full web "$COUNT"
	is shells "$(shells web | xargs)" "$before"
}

wrong_settings() {
	local good=$work/web.pool line
	wrong_set 2 usage: set
	wrong_set 2 usage: set web
	wrong_set 2 usage: set web "$good" more
	wrong_set 2 usage: set -f web "$good"
	wrong_set 2 usage: list web
	wrong_set 2 usage: list -n 3
	wrong_set 2 usage: drain -n 3 web
	wrong_set 2 usage: nonsense
	for line in '' -1 257 99999 x 1x 0x1; do
		wrong_set 2 "-n: can't be \"$line\"" set -n "$line" web
	done
	for line in '' 0 1001 x; do
		wrong_set 2 "-r: can't be \"$line\"" set -r "$line" web
	done
	wrong_set 1 "letters, digits" set 'a b' "$good"
	wrong_set 1 "letters, digits" drain ../x
	wrong_set 1 "no such pool" set -n 3 other
	wrong_set 1 "no such pool" drain other
	wrong_set 1 "No such file" set other /nonexistent
	while IFS='|' read -r line text; do
		sed "/^${line%% *}/d" "$good" > "$work/wrong.pool"
		echo "$line" >> "$work/wrong.pool"
		wrong_set 1 "$text" set -n 1 web "$work/wrong.pool"
	done <<- END
		memory = 0|memory: must be
		memory = 'x'|memory: must be
		vcpus = 129|vcpus: must be
		type = 'hvm'|type: hvm
		type = 'pvh'|pvh: it has no such entry point
		kernel = '/nonexistent'|kernel: /nonexistent
		kernel = '/etc/passwd'|kernel: /etc/passwd
		kernel = 'stub'|kernel: stub: must begin with a slash
		ramdisk = 'stub'|ramdisk: stub: must begin with a slash
		ramdisk = '/nonexistent'|ramdisk: /nonexistent
		vif = [ 'bridge=nonexistent' ]|vif 0
		vif = [ 'mtu=1' ]|vif: entry 1: mtu
		cpus = '4000'|cpus
		nonsense = 1|unknown key
		memory =|wrong.pool:
	END
	is_full web "$COUNT"
}

too_many_pools() {
	local n
	for n in {2..16}; do
		chaos pool set -n 0 "p$n" "$work/web.pool"
	done
	wrong_set 1 "16 pools already" set p17 "$work/web.pool"
	is pools "$(chaos pool list -j | jq '.pools | length')" 16
	chaos pool set -n 1 p3 "$work/web.pool"
	for n in {2..16}; do
		chaos pool drain -f "p$n"
	done
	is pools "$(chaos pool list -j | jq '.pools | length')" 1
}

# At most so many a second: three take two seconds, however fast the machine is.
refill_has_a_limit() {
	local start
	pool_set slow 0
	start=$(date +%s%3N)
	chaos pool set -n 3 -r 1 slow
	wait_for "it is full" is_full slow 3
	(($(date +%s%3N) - start >= 2000))
	pool_end slow
}

has_pages() { # has_pages NUMBER
	(($("$SYSTEM/rawdom" free) >= $1))
}

drained_pool_gives_memory_back() {
	local before
	chaos pool drain
	wait_for "it is empty" is_full web 0
	before=$("$SYSTEM/rawdom" free)
	pool_set big 2 "memory = 64"
	must_fail has_pages $((before - 2 * 64 * 256))
	is drained "$(chaos pool drain -j big | jq .drained)" 2
	has_pages $((before - 256))
	wait_for "it is at rest" is_full big 0
	chaos pool set -n 1 big
	wait_for "it is filled again" is_full big 1
	# Fewer are wanted: some go.
	chaos pool set -n 3 big
	wait_for "it is full" is_full big 3
	chaos pool set -n 1 big
	wait_for "two have gone" is_full big 1
	wait_for "their memory is back" has_pages $((before - 80 * 256))
	# In the middle of being filled.
	chaos pool set -n 8 big
	chaos pool drain -f big
	is shells "$(shells | wc -l)" 0
	has_pages $((before - 256))
	chaos pool set -n "$COUNT" web
	wait_for "it is full" is_full web "$COUNT"
}

# What is held ready gives way to what is wanted now.
memory_goes_to_guests() {
	local free mib shells guests
	chaos pool drain
	free=$(($("$SYSTEM/rawdom" free) / 256))
	mib=$((free / 6))
	pool_set big 5 "memory = $mib"
	shells=$(shells | wc -l)
	is shells "$shells" 5
	guests=$(fresh)
	stub_config large '' "memory = $((free / 2))" > "$work/large.cfg"
	chaos create --dry-run -q "$work/large.cfg"
	chaos create -q "$work/large.cfg"
	is pool "$(pool_of large)" none
	is fresh "$(fresh)" $((guests + 1))
	is memory "$(record large .memory)" $((free / 2))
	# No more of them than needed; and the pool can't have them back yet.
	shells | wc -l
	(($(shells | wc -l) >= 1))
	wait_for "the pool can't be filled" pool big '.error != null and .ready < 5'
	guest_destroy large
	wait_for "now it can" is_full big 5
	# More than all.
	stub_config large '' "memory = $((free * 2))" > "$work/large.cfg"
	fails 1 chaos create -q "$work/large.cfg"
	grep 'memory: .* MiB wanted' "$work/stderr"
	is shells "$(shells | wc -l)" 5
	pool_end big
	chaos pool set -n "$COUNT" web
	wait_for "it is full" is_full web "$COUNT"
}

# Many at a time: each gets a shell of its own, or a fresh domain.
# What is about to become a shell is a domain without a name, for a moment.
domains_named() { # domains_named PREFIX - how many there are
	chaos list -j | jq --arg prefix "$1" '[.[] |
		select(.name // "" | startswith($prefix)).domid] | unique | length'
}

parallel_creates_share_nothing() {
	local n pids=() pid
	for n in {1..8}; do
		stub_start "par$n" '' "vif = [ 'bridge=$BRIDGE' ]" &
		pids+=($!)
	done
	for pid in "${pids[@]}"; do
		wait "$pid"
	done
	is domains "$(domains_named par)" 8
	is macs "$(for n in {1..8}; do
		chaos vif list -j "par$n" | jq -r '.[].mac'
	done | sort -u | wc -l)" 8
	for n in {1..8}; do
		pool_of "par$n"
	done | sort | uniq -c
	guest_destroy par{1..8}
	wait_for "it is full again" is_full web "$COUNT"
	# And from one file.
	stub_config many '' "vif = [ 'bridge=$BRIDGE' ]" > "$work/many.cfg"
	chaos create -n 3 "$work/many.cfg"
	is domains "$(domains_named many-)" 3
	guest_destroy many-{1..3}
	wait_for "it is full again" is_full web "$COUNT"
}

chaosd_may_be_away() {
	local before
	before=$(shells web | sort | xargs)
	daemon_end KILL
	is "shells without it" "$(shells web | sort | xargs)" "$before"
	stub_start alone '' "vif = [ 'bridge=$BRIDGE' ]"
	is pool "$(pool_of alone)" web
	[[ " $before " == *" $(domid_of alone) "* ]]
	fails 1 chaos pool list
	wrong_set 1 "chaosd doesn't run" set -n 5 web
	daemon_start
	wait_for "it is full again" is_full web "$COUNT"
	is "those that stayed" "$(shells web | grep -cxf <(xargs -n 1 <<< "$before"))" \
		$((COUNT - 1))
	guest_destroy alone
	# It needs no chaosd to give memory back.
	daemon_end TERM
	chaos pool drain
	is shells "$(shells | wc -l)" 0
	daemon_start
	is_full web 0
	chaos pool set -n "$COUNT" web
	wait_for "it is full" is_full web "$COUNT"
}

# While shells are made and taken, chaosd and those who take them are killed.
killed_at_any_moment() {
	local n
	RANDOM=$seed
	for ((n = 1; n <= KILLS; n++)); do
		stub_config "half$n" '' "vif = [ 'bridge=$BRIDGE' ]" > "$work/half.cfg"
		chaos create -q "$work/half.cfg" &
		pause $((RANDOM % 200))
		# Jobs go on; some of them are killed, too.
		((n % 2)) || pkill -KILL -x 'chaosd: fill' || true
		kill -9 $! 2> /dev/null || true
		wait $! 2> /dev/null || true
		daemon_end KILL
		pause $((RANDOM % 100))
		daemon_start
	done
	wait_for "it is full again" is_full web "$COUNT"
	wait_for "each guest is whole or gone" all_are_whole
	chaos list -a
	for n in $(chaos list -j | jq -r '.[].name'); do
		guest_destroy "$n"
	done
	wait_for "nothing else is left" only_shells_are_left
}

all_are_whole() {
	chaos list -j | jq -e 'all(.name != null and .state != "paused")' &&
		is names "$(find /run/chaos/names -name 'half*' -size +0 | wc -l)" \
			"$(chaos list -j | jq length)"
}

only_shells_are_left() {
	is_full web "$COUNT"
	is "noxs' domains" "$(cat '/sys/class/misc/xen!noxs/domains')" "$COUNT"
	is records "$(find /run/chaos/shells -type f | wc -l)" "$COUNT"
	[[ -z $(find /run/chaos/names /run/chaos/domains /run/chaos/console -type f,s) ]]
}

many_in_turn() {
	local n served guests
	served=$(pool web .served)
	guests=$(fresh)
	stub_config turn '' "vif = [ 'bridge=$BRIDGE' ]" > "$work/turn.cfg"
	for ((n = 1; n <= GUESTS_IN_TURN; n++)); do
		chaos create -q "$work/turn.cfg"
		chaos destroy turn
	done
	served=$(($(pool web .served) - served))
	guests=$(($(fresh) - guests))
	echo "made from a shell: $served, afresh: $guests"
	is all $((served + guests)) "$GUESTS_IN_TURN"
	((served > 0))
	wait_for "it is full again" is_full web "$COUNT"
	# At rest, each one is served.
	served=$(pool web .served)
	for n in 1 2 3; do
		chaos create -q "$work/turn.cfg"
		wait_for "it is full again" is_full web "$COUNT"
		chaos destroy turn
	done
	is served "$(pool web .served)" $((served + 3))
}

drained_pools_leave_nothing() {
	chaos pool drain -f
	is pools "$(chaos pool list -j | jq '.pools | length')" 0
	wait_for "nothing is left" no_pools
}

# All that the host forgets when it is booted is gone, and so are its domains: here it is
# chaosd that removes those. A pool of version 0.1 becomes one that stays.
host_is_booted() {
	local before
	before=$(shells | xargs)
	daemon_end TERM
	rm -r /run/chaos
	mkdir -p /run/chaos/pools
	sed 's/"name": *"web"/"name": "former"/; s/"count": *[0-9]*/"count": 1/' \
		/var/lib/chaos/pools/web.json > /run/chaos/pools/former.json
	cp /run/chaos/pools/former.json /run/chaos/pools/web.json
	daemon_start
	wait_for "it is full" is_full web "$COUNT"
	wait_for "it is full" is_full former 1
	[[ ! -e /run/chaos/pools ]]
	must_fail grep -wF "${before// /$'\n'}" <(shells)
	pool_end former
}

wanted=$*
modprobe loop
bridge_up
ledger_open
daemon_start
try "a pool is filled, and visible as such" pool_is_visible
try "a guest from a shell is what was asked for" served_guest_is_as_asked
try "a guest that differs in any key is made afresh" others_are_made_afresh
try "shells of another build are made anew" other_builds_are_replaced
try "a type that was forced, and one that wasn't" type_is_forced
try "a new kernel makes new shells" new_kernel_makes_new_shells
try "Linux from a shell, PV" linux_is_served pv
try "Linux from a shell, PVH" linux_is_served pvh
try "a guest that reboots is made from a shell" reboot_is_served
try "commands for guests leave shells alone" shells_are_left_alone
try "shells that others destroyed or let run are replaced" bad_shells_are_replaced
try "a file that is the same again changes nothing" same_file_changes_nothing
try "wrong settings: one line, and no change" wrong_settings
try "at most 16 pools" too_many_pools
try "only so many shells a second" refill_has_a_limit
try "a drained pool gives its memory back" drained_pool_gives_memory_back
try "memory goes to guests first" memory_goes_to_guests
try "guests made at a time have a shell each" parallel_creates_share_nothing
try "chaosd may be away, killed or stopped" chaosd_may_be_away
try "pools stay when the host is booted again" host_is_booted
try "killed $KILLS times, seed $seed" killed_at_any_moment
try "$GUESTS_IN_TURN guests in turn" many_in_turn
try "pools that are drained leave nothing" drained_pools_leave_nothing
daemon_end TERM
ledger_close
done_testing
