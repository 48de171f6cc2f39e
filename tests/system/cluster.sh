#!/usr/bin/env bash
# SPDX-License-Identifier: GPL-2.0
#
# A guest in a cluster of two nodes, by Debian's corosync and Pacemaker with our resource
# agent, set up as docs/fleet.md has it: it is started once, again when it has gone, and on
# the other node when its own is in standby or dies, which is fenced first; never twice
#
# Both nodes are in this one host (cluster-node). So that there could be two guests, it has
# the name web-a on one and web-b on the other. /share has what cluster.host put there.
#
# kernels: 6.1
# xenhost: --dom0-memory 1536
# cost: boots 1 guests 8 seconds 300

set -euo pipefail
# shellcheck source-path=SCRIPTDIR
. "$(dirname "$0")/chaosd-lib.sh"

nodes=/srv/cluster
ADDRESS=10.0.0.5
# A dozen processes, each of which takes its time to start, and one emulated processor.
DEADLINE=$((DEADLINE * 3))

# What Debian's packages do besides. libqb's sockets are to be files, as each node has
# files of its own, and the same network. corosync is to stay in its node's cgroup, and not
# to take the processor from all others.
cluster_is_installed() {
	local address
	tar -C / --keep-directory-symlink -xf /share/cluster.tar
	echo 'haclient:x:189:' >> /etc/group
	echo 'hacluster:x:189:189::/var/lib/pacemaker:/usr/sbin/nologin' >> /etc/passwd
	mkdir -p /etc/libqb /etc/chaos
	touch /etc/libqb/force-filesystem-sockets
	{
		cat /share/corosync
		printf 'system {\n\tmove_to_root_cgroup: no\n\tsched_rr: no\n}\n'
	} > /etc/corosync/corosync.conf
	cp "$SYSTEM/cluster-fence" /usr/sbin/fence_guests
	corosync -v
	sed -n 's/^ *ring0_addr: //p' /share/corosync | while read -r address; do
		ip addr add "$address/24" dev "$BRIDGE"
	done
}

node_start() {
	mkdir -p "$nodes/$1/etc"
	rm -f "$nodes/$1/pid"
	guest_config "web-$1" "$(vif_line 5)" "+noxs.ip0=$ADDRESS/24" > "$nodes/$1/etc/web.cfg"
	"$SYSTEM/cluster-node" "$1" "$nodes/$1" >> "$work/node-$1" 2>&1 &
}

# As if its power were cut: its processes are gone at once, and its guest isn't told.
node_kill() {
	echo 1 > "/sys/fs/cgroup/$1/cgroup.kill"
}

on() { # on NODE COMMAND…
	nsenter -t "$(< "$nodes/$1/pid")" --mount --uts --root "${@:2}"
}

other() { # other NODE
	[[ $1 == b ]] && echo a || echo b
}

# To ask takes as much work as what is waited for.
are_online() {
	sleep 5
	on a crm_mon -1 | grep -F 'Online: [ a b ]'
}

has_pacemaker() {
	grep 'Pacemaker controller successfully started' \
		"$nodes/$1/var/log/pacemaker/pacemaker.log"
}

# One after the other: of a daemon that is too slow to answer, pacemakerd makes another one.
nodes_join() {
	node_start a
	wait_for "a has all of Pacemaker" has_pacemaker a
	node_start b
	wait_for "both are online" are_online
}

# where - the node of the guest that there is
where() {
	chaos list -j | jq -er 'map(.name | ltrimstr("web-")) | join(" ")'
}

# is_on NODE - it is there and nowhere else, as Xen and the node have it
is_on() {
	local said
	is "where a guest is" "$(where)" "$1" || return 1
	said=$(on "$1" crm_resource --locate --resource web)
	is "what Pacemaker says" "${said% }" "resource web is running on: $1"
}

is_somewhere() {
	is_on a || is_on b
}

# has_done NODE - it wants nothing more: what it starts has a name before it has devices
has_done() {
	wait_for "Pacemaker has done all" on "$1" crm_resource --wait --timeout "$DEADLINE"
}

# How many guests there have been: each has a vif.
made() {
	grep -c ': noxs_dev_add: backend vif 0 ' "$trace/trace" || true
}

starts_once() {
	local before
	before=$(made)
	on a cibadmin --create --scope resources --xml-text '
		<primitive id="fence" class="stonith" type="fence_guests">
		  <instance_attributes id="fence-hosts">
		    <nvpair id="fence-list" name="pcmk_host_list" value="a b"/>
		    <nvpair id="fence-check" name="pcmk_host_check" value="static-list"/>
		  </instance_attributes>
		</primitive>'
	# Its times are for a machine that isn't emulated.
	sed 's/timeout="\([0-9]*\)s"/timeout="\10s"/' /share/pacemaker > "$nodes/pacemaker"
	on a bash -euxo pipefail "$nodes/pacemaker"
	wait_for "it is started" is_somewhere
	has_done a
	is "guests made" "$(made)" $((before + 1))
}

is_anew() { # is_anew NODE DOMID
	[[ $(domid_of "web-$1") != "$2" ]] && is_on "$1"
}

# recovers COMMAND… - after that, it is made again on its node
recovers() {
	local here before domid
	here=$(where)
	before=$(made)
	domid=$(domid_of "web-$here")
	"$@" "web-$here"
	wait_for "it is made again" is_anew "$here" "$domid"
	has_done "$here"
	is "guests made" "$(made)" $((before + 1))
	guest_ready "web-$here"
	pings "$ADDRESS"
}

# The guest's own kernel is the first who knows.
crashes() {
	in_guest "$1" sh -c '(sleep 1; echo c > /proc/sysrq-trigger) > /dev/null 2>&1 &'
}

moves_in_standby() {
	local here there before
	here=$(where)
	there=$(other "$here")
	before=$(made)
	on "$here" crm_standby --node "$here" -v on
	wait_for "it is on the other node" is_on "$there"
	has_done "$there"
	kernel_ended "$(log_of "web-$here")"
	is "guests made" "$(made)" $((before + 1))
	guest_ready "web-$there"
	pings "$ADDRESS"
	on "$here" crm_standby --node "$here" -D
	wait_for "both are online" are_online
	is_on "$there"
}

# Its guest goes on, until somebody sees to it.
dead_node_is_fenced() {
	local here there before
	here=$(where)
	there=$(other "$here")
	before=$(made)
	node_kill "$here"
	wait_for "it is on the other node" is_on "$there"
	has_done "$there"
	on "$there" stonith_admin --history "$here" > "$work/fenced"
	cat "$work/fenced"
	grep -F "of $here successful: delegate=$there," "$work/fenced"
	must_fail kernel_ended "$(log_of "web-$here")"
	is "guests made" "$(made)" $((before + 1))
	guest_ready "web-$there"
	pings "$ADDRESS"
}

# It has nothing to do then: a guest stays where it is.
dead_node_returns() {
	local here domid
	here=$(where)
	domid=$(domid_of "web-$here")
	node_start "$(other "$here")"
	wait_for "both are online" are_online
	has_done "$here"
	is_on "$here"
	is "its domid" "$(domid_of "web-$here")" "$domid"
}

is_stopped() {
	[[ -z $(where) ]]
}

stops() {
	local here before
	here=$(where)
	before=$(kernel_ended -c "$(log_of "web-$here")" || true)
	on "$here" crm_resource --resource web --meta --set-parameter target-role \
		--parameter-value Stopped
	wait_for "it is nowhere" is_stopped
	is "its ends" "$(kernel_ended -c "$(log_of "web-$here")")" $((before + 1))
}

# It can't be removed while there is a process, dead ones included.
node_is_off() {
	rmdir "/sys/fs/cgroup/$1"
}

nodes_end() {
	local node
	for node in a b; do
		node_kill "$node"
		wait_for "all of it has ended" node_is_off "$node"
	done
	# What a test that failed has left.
	node=$(where)
	[[ -z $node ]] || chaos destroy "web-$node"
}

# Of two guests there were never devices at a time, by what the kernel has noted.
never_two() {
	awk '/: noxs_dev_(add|del): backend / {
		for (i = 1; $i != "otherend"; i++)
			;
		domid = $(i + 1)
		devices[domid] += /noxs_dev_add/ ? 1 : -1
		seen[domid]
		if (!devices[domid])
			delete devices[domid]
		n = 0
		for (domid in devices)
			n++
		if (n > 1) {
			print
			bad = 1
		}
	}
	END {
		for (domid in seen)
			guests++
		print guests, "guests"
		exit bad || guests != 5
	}' "$trace/trace"
}

# step NAME FUNCTION… - a test that needs what those before it did
step() {
	local node
	((!tap_failed)) || return 0
	check "$@"
	((tap_failed)) || return 0
	for node in a b; do
		mkdir -p "/run/rig/logs/nodes/$node"
		cp -r "$work/node-$node" "$nodes/$node/var/log/." "/run/rig/logs/nodes/$node/" ||
			true
	done
}

bridge_up
ledger_open
step "corosync and Pacemaker are installed" cluster_is_installed
daemon_start
step "two nodes are a cluster" nodes_join
step "the guest is started once, on one of them" starts_once
step "it is destroyed: it is started again there" recovers chaos destroy
step "it crashes: it is started again there" recovers crashes
step "its node is in standby: it is shut down, and started on the other" moves_in_standby
step "its node dies: that is fenced, and it is started on the other" dead_node_is_fenced
step "the node comes back: it stays where it is" dead_node_returns
step "it is to stop: it is shut down" stops
step "at no time were there two" never_two
nodes_end
daemon_end TERM
ledger_close
bridge_down
done_testing
