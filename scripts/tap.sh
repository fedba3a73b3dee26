# SPDX-License-Identifier: BSD-2-Clause
# shellcheck shell=sh
#
# The common part of all tests in shell, to be sourced by them with $top, the source tree, set:
# where things are, a directory of the test's own, and results in TAP, which scripts/sum-tests
# counts.

build=${abs_builddir:-$PWD}
epml=$build/epml

# Gone when the test ends.
dir=$(mktemp -d) || exit 99
trap 'rm -rf "$dir"' EXIT
trap 'exit 99' HUP INT TERM

tap_count=0
tap_failed=0

# Report the test "$1" by the status of the last command, and return that status. No $(...) in its
# arguments: in some shells the status would be that of the substitution.
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

# refusal "LINE" COMMAND...: the command ends with status 2 and has printed nothing but this line,
# on standard error. What it printed stays in $dir/out and $dir/err.
refusal() {
	refusal_line=$1
	shift
	"$@" >"$dir/out" 2>"$dir/err"
	[ $? -eq 2 ] && [ ! -s "$dir/out" ] && [ "$(cat "$dir/err")" = "$refusal_line" ]
	result "refused: $refusal_line" || sed 's/^/# /' "$dir/out" "$dir/err"
}

# Report that the test "$1" is left out because of "$2".
skip() {
	tap_count=$((tap_count + 1))
	echo "ok $tap_count - $1 # SKIP $2"
}

# Leave the whole program out because of "$1".
skip_all() {
	echo "1..0 # SKIP $1"
	exit 77
}

# need_bochs KIND...: skip the program unless these builds of Bochs (model, stock) are there.
need_bochs() {
	for kind in "$@"; do
		[ -x "$build/bochs/$kind/bochs" ] || skip_all "no Bochs in $build/bochs/$kind"
	done
}

# To be called last: the plan, and the exit status of the whole program.
finish() {
	echo "1..$tap_count"
	[ $tap_failed -eq 0 ]
}
