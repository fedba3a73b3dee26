#!/bin/sh
# SPDX-License-Identifier: BSD-2-Clause
#
# The vector that README.md has its readers write passes, in both profiles; the program that it has
# them write returns, if there is a Bochs for it.
set -u

top=${abs_srcdir:-$(cd "$(dirname "$0")/../.." && pwd)}
. "$top/scripts/tap.sh"

sed -n '/cat > .*mine\.json/,/^ *END$/p' "$top/README.md" | sed '1d;$d' >"$dir/mine.json"
"$epml" vectors --on model --profile all "$dir/mine.json" >"$dir/out" 2>&1
[ "$(tail -n 1 "$dir/out")" = "2 passed, 0 failed" ]
result "the vector of README.md" || cat "$dir/out"

if [ -x "$build/bochs/model/bochs" ]; then
	sed -n '/cat > .*mine\.S/,/^ *END$/p' "$top/README.md" | sed '1d;$d' >"$dir/mine.S"
	"$epml" asm "$dir/mine.S" >"$dir/out" 2>&1 &&
		grep -q '^ *511  403000H$' "$dir/out"
	result "the program of README.md" || cat "$dir/out"
fi

finish
