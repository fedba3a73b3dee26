#!/bin/sh
# SPDX-License-Identifier: BSD-2-Clause
#
# docs/trace.md: its example is what the command that stands above it writes.
set -u

top=$(cd "${srcdir:-.}" && pwd)
. "$top/scripts/tap.sh"
epml=$(cd "${builddir:-.}" && pwd)/epml
doc=$top/docs/trace.md
dir=$(mktemp -d)
trap 'rm -rf "$dir"' EXIT
cd "$dir" || exit 1

command=$(sed -n 's/^`epml \(vectors .*\)` writes:$/\1/p' "$doc")
sed -n '/^# gpml/,/^```$/p' "$doc" | sed '$d' >expected

# shellcheck disable=SC2086  # the words of the command
"$epml" $command "$top/testvectors/vectors/gpml.json" >out 2>&1
result "the command of the example runs"
[ -s expected ] && diff expected trace.txt
result "the example is its trace"
finish
