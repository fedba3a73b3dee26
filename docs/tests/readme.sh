#!/bin/sh
# SPDX-License-Identifier: BSD-2-Clause
#
# The vector that README.md has its readers write passes, in both profiles.
set -u

top=$(cd "${srcdir:-.}" && pwd)
. "$top/scripts/tap.sh"
dir=$(mktemp -d)
trap 'rm -rf "$dir"' EXIT

sed -n '/cat > .*mine\.json/,/^ *END$/p' "$top/README.md" | sed '1d;$d' >"$dir/mine.json"
"${abs_builddir:-.}/epml" vectors --on model --profile all "$dir/mine.json" >"$dir/out" 2>&1
[ "$(tail -n 1 "$dir/out")" = "2 passed, 0 failed" ]
result "the vector of README.md" || cat "$dir/out"

finish
