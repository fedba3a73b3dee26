#!/bin/sh
# SPDX-License-Identifier: BSD-2-Clause
#
# The architectural trace of all vectors is the same, line for line, from the standalone machine and
# from Bochs, and holds every kind of event.

build=${abs_builddir:-$(pwd)}
[ -x "$build/bochs/model/bochs" ] || exit 77

dir=$(mktemp -d) || exit 99
trap 'rm -rf "$dir"' EXIT
trap 'exit 99' HUP INT TERM
failures=0

report()	# status text
{
	if [ "$1" -eq 0 ]; then
		echo "ok - $2"
	else
		echo "not ok - $2"
		failures=$((failures + 1))
	fi
}

for host in model bochs; do
	"$build/epml" vectors --on $host --profile all --trace "$dir/$host" > "$dir/output"
	report $? "$host: all vectors pass"
done
diff "$dir/model" "$dir/bochs" > "$dir/diff"
report $? "the traces are the same ($(wc -l < "$dir/model") lines)"
head -n 10 "$dir/diff"

for event in 'ept walk' 'ept linear' 'ept log' ept-flags pte-flags pml gpml \
	gpml-drop notify exit ve vmread vmwrite vmfail vmentry interrupt; do
	grep -q "^$event " "$dir/bochs"
	report $? "the trace has '$event'"
done

"$build/epml" vectors --on model --trace "$dir/no/such/place" > "$dir/output" 2>&1
[ $? -eq 2 ] && [ "$(wc -l < "$dir/output")" -eq 1 ]
report $? "a trace that cannot be written is refused in one line"
exit $((failures != 0))
