#!/bin/sh
# SPDX-License-Identifier: BSD-2-Clause
#
# The inputs that are kept for the fuzz targets, with the ordinary build: none ends a target.

src=${abs_srcdir:-$(cd "$(dirname "$0")/../../.." && pwd)}
build=${abs_builddir:-$(pwd)}

# shellcheck source=scripts/tap.sh
. "$src/scripts/tap.sh"

for target in vectors spec report image libepml; do
	out=$(CMOCKA_TEST_ABORT=1 "$build/cpu-model/fuzz/inputs/corpus-$target" \
		"$src/cpu-model/fuzz/inputs/corpus/$target"/* 2>&1)
	result "$target: $(echo "$out" | tail -n 1)" || echo "$out" | sed 's/^/# /'
done
finish
