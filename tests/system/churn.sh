#!/usr/bin/env bash
# SPDX-License-Identifier: GPL-2.0
#
# Guests and vifs made and removed again and again, at any moment of their life
#
# cost: boots 1 guests 26 seconds 150

set -euo pipefail
# shellcheck source-path=SCRIPTDIR
. "$(dirname "$0")/lib.sh"

guests=$(repetitions 10 500)
vifs=$(repetitions 30 2000)

# Each fifth guest lives until its vif is connected, the others are destroyed
# at some moment of their boot.
create_and_destroy() {
	local n
	for ((n = 0; n < guests; n++)); do
		guest_start churn "$(vif_line 1 2)" > /dev/null
		if ((n % 5 == 0)); then
			vif_connected churn 0
		else
			sleep "0.$((RANDOM % 10))"
		fi
		guest_destroy churn > /dev/null
	done
	echo "$n guests"
}

# Each fifth vif is removed after the guest had time to connect, the others at
# some moment of that.
add_and_delete() {
	local n
	guest_create still > /dev/null
	for ((n = 0; n < vifs; n++)); do
		chaos vif add still id=0 mac=00:16:3e:00:00:01 bridge="$BRIDGE" > /dev/null
		((n % 5)) || vif_connected still 0
		if ((n % 2)); then
			chaos vif del still 0 > /dev/null
		else
			chaos vif del -F still 0 > /dev/null
		fi
	done
	echo "$n vifs"
	in_guest still sh -c '! ls /sys/bus/noxs/devices | grep vif'
	guest_destroy still > /dev/null
}

# Many devices at once, then the guest with all of them.
many_vifs() {
	local id
	guest_create many > /dev/null
	for ((id = 0; id < 20; id++)); do
		chaos vif add many "id=$id" \
			"mac=00:16:3e:00:01:$(printf %02x "$id")" bridge="$BRIDGE" > /dev/null
	done
	for ((id = 0; id < 20; id++)); do
		vif_connected many "$id"
	done
	guest_destroy many > /dev/null
}

bridge_up
ledger_open
check "$guests guests are made and destroyed" create_and_destroy
check "$vifs vifs are added and removed" add_and_delete
check "20 vifs on one guest" many_vifs
ledger_close
bridge_down
done_testing
