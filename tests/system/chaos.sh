#!/usr/bin/env bash
# SPDX-License-Identifier: GPL-2.0
#
# chaos: what it is asked in the wrong way costs one clear line, and nothing
# else; what fails half-way is undone; what exists is told apart

set -euo pipefail
# shellcheck source-path=SCRIPTDIR
. "$(dirname "$0")/lib.sh"

# One wrong line each, instead of the right one of the same key.
wrong_lines=(
	"name = ''" "name = 5" "name = 'a/b'" "name = '17'"
	"name = '$(printf 'x%.0s' {1..100})'"
	"kernel = ''" "kernel = '/nonexistent'" "kernel = '/etc/passwd'"
	"kernel = [ 'a' ]" "ramdisk = '/nonexistent'" "ramdisk = 7"
	"memory = 0" "memory = -1" "memory = 'much'" "memory = 999999999"
	"memory = []" "vcpus = 0" "vcpus = 129" "vcpus = -1" "vcpus = 'two'"
	"type = 'hvm'" "type = 'none'" "builder = 'hvm'"
	"uuid = 'x'" "extra = []" "disk = [ 'phy:/dev/nonexistent,xvda,w' ]"
	"pci = [ '00:01.0' ]" "nonsense = 1" "vif = 'bridge=x'" "vif = 3"
	"vif = [ 'mac=00:16:3e:00:00' ]" "vif = [ 'mac=01:16:3e:00:00:01' ]"
	"vif = [ 'mac=00:00:00:00:00:00' ]" "vif = [ 'mac=' ]"
	"vif = [ 'mtu=67' ]" "vif = [ 'mtu=65536' ]" "vif = [ 'mtu=x' ]"
	"vif = [ 'bridge=nosuchbridge' ]" "vif = [ 'bridge=lo' ]"
	"vif = [ 'bridge=waytoolongforaninterface' ]" "vif = [ 'colour=red' ]"
	"vif = [ 'bridge' ]" "memory = 64 64" "vif = [ '"
)

wrong_vifs=(
	"mac=00:16:3e:00:00" "mac=01:00:00:00:00:01" "mtu=1" "mtu=65536" "mtu=x"
	"bridge=nosuchbridge" "bridge=lo" "id=-1" "id=65536" "id=x" "id=0"
	"colour=red" "nonsense"
)

right_config() {
	cat <<- CONFIG
		name = 'right'
		kernel = '$KERNEL'
		ramdisk = '$GUESTS/initramfs-net.cpio'
		memory = $GUEST_MEMORY
		vif = [ 'mac=00:16:3e:00:00:01,bridge=$BRIDGE' ]
	CONFIG
}

# fails STATUS COMMAND… - it fails with STATUS and one line that says why
fails() {
	local expected=$1 status=0
	shift
	"$@" > "$work/stdout" 2> "$work/stderr" || status=$?
	cat "$work/stdout" "$work/stderr"
	is "exit status" "$status" "$expected"
	is "lines on stdout" "$(wc -l < "$work/stdout")" 0
	is "lines on stderr" "$(wc -l < "$work/stderr")" 1
	grep -q '^chaos: ' "$work/stderr"
}

# What is there: domains, records, processes, interfaces.
remains() {
	chaos list -j | jq -c '.[] | [.name, .domid]'
	find /run/chaos -type f | sort
	pgrep -f chaos-console || true
	ls /sys/class/net
	cat '/sys/class/misc/xen!noxs/domains'
}

refuses() { # refuses LINE - chaos create refuses a config with this line
	local key=${1%% *}
	remains > "$work/before"
	{
		right_config | sed "/^$key =/d"
		printf '%s\n' "$1"
	} > "$work/wrong.cfg"
	fails 1 chaos create "$work/wrong.cfg"
	remains > "$work/after"
	diff "$work/before" "$work/after"
}

refuses_missing() { # refuses_missing KEY
	right_config | sed "/^$1 =/d" > "$work/wrong.cfg"
	remains > "$work/before"
	fails 1 chaos create "$work/wrong.cfg"
	remains > "$work/after"
	diff "$work/before" "$work/after"
}

refuses_vif() {
	remains > "$work/before"
	chaos vif list -j first | jq -c '.[] | [.id, .mac]' >> "$work/before"
	# Words that chaos doesn't know are wrong usage.
	fails 1 chaos vif add first "$1" || fails 2 chaos vif add first "$1"
	remains > "$work/after"
	chaos vif list -j first | jq -c '.[] | [.id, .mac]' >> "$work/after"
	diff "$work/before" "$work/after"
}

usage() {
	local args
	for args in "" nonsense "create" "create a b" "destroy" "console" "vif" \
		"vif nonsense" "vif add" "vif del first" "list extra" "-Z"; do
		echo "chaos $args"
		# shellcheck disable=SC2086 # several words
		! chaos $args > "$work/stdout" 2> "$work/stderr"
		is "lines on stdout" "$(wc -l < "$work/stdout")" 0
		[[ -s $work/stderr ]]
	done
}

unknown_guests() {
	fails 1 chaos destroy nobody
	fails 1 chaos destroy 4711
	fails 1 chaos destroy 0
	fails 1 chaos console nobody
	fails 1 chaos vif list nobody
	fails 1 chaos vif add nobody
	fails 1 chaos vif del nobody 0
	fails 1 chaos vif del first 9
}

same_name() {
	right_config | sed "s/'right'/'first'/" > "$work/same.cfg"
	remains > "$work/before"
	fails 1 chaos create "$work/same.cfg"
	remains > "$work/after"
	diff "$work/before" "$work/after"
}

console_has_it_all() {
	grep -q 'Linux version' /var/log/chaos/console-first.log
	in_guest first sh -c 'echo from the guest > /dev/console'
	wait_for "the log has it" grep 'from the guest' \
		/var/log/chaos/console-first.log
}

many_at_once() {
	local n pids=()
	for n in 1 2 3 4 5 6; do
		guest_config "many$n" "$(vif_line $((100 + n)))" > "$work/many$n.cfg"
		chaos create "$work/many$n.cfg" &
		pids+=($!)
	done
	wait "${pids[@]}"
	is "guests" "$(chaos list -j | jq '[.[].name | select(startswith("many"))] | length')" 6
	for n in 1 2 3 4 5 6; do
		vif_connected "many$n" 0
	done
	pids=()
	for n in 1 2 3 4 5 6; do
		chaos destroy "many$n" &
		pids+=($!)
	done
	wait "${pids[@]}"
}

bridge_up
ledger_open
check "a right config makes a guest" guest_create first "$(vif_line 1)"
check "a name that is taken" same_name
check "what is no guest" unknown_guests
check "wrong usage" usage
for line in "${wrong_lines[@]}"; do
	check "refused: ${line:0:60}" refuses "$line"
done
for key in name kernel memory; do
	check "refused: no $key" refuses_missing "$key"
done
for vif in "${wrong_vifs[@]}"; do
	check "vif add refuses: $vif" refuses_vif "$vif"
done
check "the console's log has all from the first line on" console_has_it_all
check "six guests at once" many_at_once
check "the guest is destroyed" guest_destroy first
ledger_close
bridge_down
done_testing
