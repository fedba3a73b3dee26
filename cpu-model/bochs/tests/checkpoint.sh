#!/bin/sh
# SPDX-License-Identifier: BSD-2-Clause
#
# Save and restore of the model's state: a run of the guest log's vectors that goes on from a
# checkpoint, taken at a VM entry in the middle, prints what the whole run printed from there on.
set -u

top=${abs_srcdir:-$(cd "$(dirname "$0")/../../.." && pwd)}
. "$top/scripts/tap.sh"
. "$top/guest-firmware/rom/tests/rom-on-bochs.sh"
need_bochs model
bochs=$build/bochs/model/bochs

# run NAME OPTION...: run Bochs with more words for the option "epml"
run()
{
	name=$1
	sed "s|^epml:.*|&$2|" "$dir/bochsrc" > "$dir/bochsrc.$name"
	rom_lines "$bochs" -f "$dir/bochsrc.$name" > "$dir/$name.lines"
}

"$build/cpu-model/bochs/tests/vector-image" "$top/testvectors/vectors/gpml.json" > "$dir/image" ||
	exit 99
write_bochsrc "$dir/image" "epml: enabled=1, profile=hardened"

run whole ''
grep -q '^Z ' "$dir/whole.lines"
result "the whole run comes to its end"

# The last line of Bochs's log carries the number of ticks.
ticks=$(sed -n '$s/^0*\([0-9][0-9]*\)p.*/\1/p' "$dir/log")
[ -n "$ticks" ] || exit 99

for part in 2 5 8; do
	run saved ", checkpoint=$dir/state.$part, checkpoint-at=$((ticks * part / 10))"
	cmp -s "$dir/whole.lines" "$dir/saved.lines"
	result "checkpoint at $part/10: the run that saves goes on as before"

	rom_lines "$bochs" -r "$dir/state.$part" > "$dir/restored.lines"
	n=$(wc -l < "$dir/restored.lines")
	[ "$n" -gt 10 ] && [ "$n" -lt "$(wc -l < "$dir/whole.lines")" ] &&
		tail -n "$n" "$dir/whole.lines" | cmp -s - "$dir/restored.lines"
	result "checkpoint at $part/10: the restored run prints the rest"

	grep -q 'proc3 = 0x0*100000000$' "$dir/state.$part/cpu0"
	result "checkpoint at $part/10: the guest log is in use"
done
finish
