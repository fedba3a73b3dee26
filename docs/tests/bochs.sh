#!/bin/sh
# SPDX-License-Identifier: BSD-2-Clause
#
# docs/bochs.md is complete: every insertion script is in its table, with the right upstream file,
# and so is every defect of the published Bochs that a vector names; the vectors that it names for a
# defect show that one.
set -u

top=${abs_srcdir:-$(cd "$(dirname "$0")/../.." && pwd)}
. "$top/scripts/tap.sh"
# shellcheck disable=SC2013,SC2016  # words, and a regular expression
page=$top/docs/bochs.md

for script in "$top"/cpu-model/bochs/insertions/*.ed; do
	file=$(sed -n 's/^# File: //p' "$script")
	grep -qF "| \`$(basename "$script")\` | $file |" "$page"
	result "${script##*/} is described, for $file"
done
for script in $(sed -n 's/^| `\([a-z0-9-]*\.ed\)` .*/\1/p' "$page"); do
	[ -f "$top/cpu-model/bochs/insertions/$script" ]
	result "$script is there"
done
for number in $(sed -n 's/.*"defect": *\([0-9]*\).*/\1/p' "$top"/testvectors/vectors/*.json |
	sort -nu); do
	grep -q "^| $number | " "$page"
	result "defect $number is described"
done

# The defect that a vector shows.
shown()
{
	awk -v id="\"$1\"" '
		/"id":/ { mine = index($0, id) }
		mine && /"defect":/ { sub(/.*"defect": */, ""); sub(/,.*/, ""); print }
	' "$top"/testvectors/vectors/*.json
}

sed -n 's/^| \([0-9][0-9]*\) | \(.*`.*\)/\1 \2/p' "$page" > "$dir/rows"
while read -r number text; do
	for vector in $(echo "$text" | grep -o '`[a-z]*/[a-z0-9-]*`' | tr -d '`'); do
		[ "$(shown "$vector")" = "$number" ]
		result "$vector shows defect $number"
	done
done < "$dir/rows"

finish
