#!/bin/sh
# SPDX-License-Identifier: BSD-2-Clause
#
# The check of the protocol model: what it refuses, that docs/protocol.md knows every case, and the
# quick cases whose traces the page shows. "make spin" verifies all cases.
set -u

top=${abs_srcdir:-$(cd "$(dirname "$0")/../../.." && pwd)}
. "$top/scripts/tap.sh"
check=$top/cpu-model/protocol/check-protocol.sh
mkdir "$dir/empty"
abs_srcdir=$top
export abs_srcdir

sh=$(command -v sh)
PATH=$dir/empty "$sh" "$check" >"$dir/out" 2>"$dir/err"
[ $? -eq 2 ] && [ ! -s "$dir/out" ] &&
	[ "$(cat "$dir/err")" = "check-protocol: spin is missing; install the package spin" ]
result "without spin, one line says what to install"

sed -n '/<<-.TABLE/,/^	TABLE/p' "$check" | sed '1d;$d' |
	while read -r name verdict property options; do
		row="| \`$name\` | $property | ${options:+\`$options\` }| $verdict |"
		grep -qF "$row" "$top/docs/protocol.md" || echo "$row"
	done >"$dir/missing"
[ ! -s "$dir/missing" ]
result "docs/protocol.md lists every case" || cat "$dir/missing"

if command -v spin >/dev/null; then
	"$sh" "$check" nothing >"$dir/out" 2>"$dir/err"
	[ $? -eq 2 ] && [ ! -s "$dir/out" ] && grep -q 'there is no case nothing;' "$dir/err"
	result "an unknown case is refused"
	for name in published flush-in-handler inject-only; do
		"$sh" "$check" $name >"$dir/out" 2>&1
		result "$name fails as documented" || cat "$dir/out"
	done
fi

finish
