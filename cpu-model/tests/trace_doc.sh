#!/bin/sh
# SPDX-License-Identifier: BSD-2-Clause
#
# docs/trace.md: its example is what the command that stands above it writes, and the lines that it
# calls the same on all hosts are the same, for all vectors.
set -u

top=$(cd "${srcdir:-.}" && pwd)
. "$top/scripts/tap.sh"
build=$(cd "${builddir:-.}" && pwd)
epml=$build/epml
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

if [ -x "$build/bochs/model/bochs" ]; then
	filter=$(sed -n "s/^grep -E '\(.*\)' trace.txt\$/\1/p" "$doc")
	for host in model bochs; do
		"$epml" vectors --on $host --trace $host.txt "$top/testvectors/vectors" >out 2>&1
		grep -E "${filter:-nothing}" $host.txt >$host
	done
	[ -s model ] && diff model bochs
	result "the machine and Bochs write the same lines"
else
	echo "# Bochs is not built: its trace was not compared"
fi
finish
