#!/bin/sh
# SPDX-License-Identifier: BSD-2-Clause
#
# The architectural trace of all vectors is the same, line for line, from the standalone machine and
# from Bochs, and holds every kind of event.
set -u

top=${abs_srcdir:-$(cd "$(dirname "$0")/../../.." && pwd)}
. "$top/scripts/tap.sh"
need_bochs model

for host in model bochs; do
	"$epml" vectors --on $host --profile all --trace "$dir/$host" > "$dir/output"
	result "$host: all vectors pass"
done
lines=$(wc -l < "$dir/model")
diff "$dir/model" "$dir/bochs" > "$dir/diff"
result "the traces are the same ($lines lines)"
head -n 10 "$dir/diff"

for event in 'ept walk' 'ept linear' 'ept log' ept-flags pte-flags pml gpml \
	gpml-drop notify exit ve vmread vmwrite vmfail vmentry interrupt; do
	grep -q "^$event " "$dir/bochs"
	result "the trace has '$event'"
done

"$epml" vectors --on model --trace "$dir/no/such/place" > "$dir/output" 2>&1
[ $? -eq 2 ] && [ "$(wc -l < "$dir/output")" -eq 1 ]
result "a trace that cannot be written is refused in one line"
finish
