# shellcheck shell=bash
# SPDX-License-Identifier: GPL-2.0
#
# TAP for tests that are shell scripts: check NAME COMMAND… for each test, and
# done_testing at the end. A script that ends without it has no plan, which
# tests/check takes for a failure.

tap_tests=0
tap_failed=0

# diag - print standard input as diagnostics
diag() {
	sed 's/^/# /'
}

# tap RESULT NAME - print the result of one test, "ok" or "not ok"
tap() {
	tap_tests=$((tap_tests + 1))
	[[ $1 == ok ]] || tap_failed=$((tap_failed + 1))
	printf '%s %d - %s\n' "$1" "$tap_tests" "$2"
}

# check NAME COMMAND ARG… - one test: it passes if the command does
#
# What the command says is shown if it fails. It runs in a subshell, and ends at
# the first failure, unless check itself is part of a condition: don't do that.
check() {
	local name=$1 output status
	shift
	set +e
	output=$(
		exec 2>&1
		set -eE
		trap 'echo "failed: ${BASH_SOURCE[0]##*/}:$LINENO"' ERR
		"$@"
	)
	status=$?
	set -e
	if ((status == 0)); then
		tap ok "$name"
	else
		tap 'not ok' "$name"
		printf '%s\n' "$output" "exit status $status" | diag
	fi
}

# is WHAT GOT EXPECTED - part of a test
is() {
	[[ $2 == "$3" ]] || {
		echo "$1 is '$2', not '$3'"
		return 1
	}
}

# done_testing - print the plan, and exit
done_testing() {
	printf '1..%d\n' "$tap_tests"
	exit $((tap_failed > 0))
}
