# SPDX-License-Identifier: BSD-2-Clause
# shellcheck shell=sh
#
# For tests in shell, to be sourced: results in TAP, which scripts/sum-tests counts.

tap_count=0
tap_failed=0

# Report the test "$1" by the status of the last command, and return that status.
result() {
	set -- "$?" "$1"
	tap_count=$((tap_count + 1))
	if [ "$1" -eq 0 ]; then
		echo "ok $tap_count - $2"
	else
		echo "not ok $tap_count - $2"
		tap_failed=$((tap_failed + 1))
	fi
	return "$1"
}

# To be called last: the plan, and the exit status of the whole program.
finish() {
	echo "1..$tap_count"
	[ $tap_failed -eq 0 ]
}
