#!/usr/bin/env bash
# SPDX-License-Identifier: GPL-2.0
#
# FLASK, where Xen keeps the device pages: the policy says who may write them
#
# It is permissive, as chaos gives domains no labels, and enforced for what is tested.
# kernels: noxs:6.1
# xenhost: --hypervisor flask --xen-args flask=permissive
# cost: boots 1 guests 8 seconds 30

set -euo pipefail
# shellcheck source-path=SCRIPTDIR
. "$(dirname "$0")/lib.sh"

policy_decides() {
	"$SYSTEM/xenpage-flask" | tee "$work/decided"
}

denied() { # denied DOMID
	grep -a "avc:  denied  { noxs } for source=d0 target=d$1 .*:unlabeled_t tclass=domain2" \
		/run/rig/logs/console.log
}

denial_is_logged() {
	local domid
	domid=$(sed -n 's/^unlabeled_t, domain \([0-9]*\), command 1: EACCES$/\1/p' \
		"$work/decided")
	wait_for "Xen says what was denied" denied "$domid"
	denied "$domid"
	must_fail grep -a 'denied  { noxs } .*:\(domU\|nomigrate\)' \
		/run/rig/logs/console.log
}

# As permissive as it is: what has no device page of Xen's finds its handle.
guest_works() {
	pong_start flask 11
	vif_connected flask 0
	pings 10.0.0.11
	guest_destroy flask
}

bridge_up
ledger_open
check "who may build or manage a domain may write its page, and who may not can't" \
	policy_decides
check "Xen's log has the denial" denial_is_logged
check "a guest works" guest_works
ledger_close
bridge_down
done_testing
