#!/bin/sh
# SPDX-License-Identifier: BSD-2-Clause
#
# The inputs that are kept for the fuzz targets, with the ordinary build: none ends a target.
set -u

top=${abs_srcdir:-$(cd "$(dirname "$0")/../../.." && pwd)}
. "$top/scripts/tap.sh"

for target in vectors spec report image libepml timing; do
	CMOCKA_TEST_ABORT=1 "$build/cpu-model/fuzz/inputs/corpus-$target" \
		"$top/cpu-model/fuzz/inputs/corpus/$target"/* >"$dir/out" 2>&1
	result "$target" || sed 's/^/# /' "$dir/out"
	echo "# $(tail -n 1 "$dir/out")"
done
finish
