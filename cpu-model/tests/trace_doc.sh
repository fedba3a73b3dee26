#!/bin/sh
# SPDX-License-Identifier: BSD-2-Clause
#
# docs/trace.md: its example is what the command that stands above it writes.
set -u

top=${abs_srcdir:-$(cd "$(dirname "$0")/../.." && pwd)}
. "$top/scripts/tap.sh"
doc=$top/docs/trace.md
cd "$dir" || exit 99

command=$(sed -n 's/^`epml \(vectors .*\)` writes:$/\1/p' "$doc")
sed -n '/^# gpml/,/^```$/p' "$doc" | sed '$d' >expected

# shellcheck disable=SC2086  # the words of the command
"$epml" $command "$top/testvectors/vectors/gpml.json" >out 2>&1
result "the command of the example runs"
[ -s expected ] && diff expected trace.txt
result "the example is its trace"
finish
