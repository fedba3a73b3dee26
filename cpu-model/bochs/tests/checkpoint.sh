#!/bin/sh
# SPDX-License-Identifier: BSD-2-Clause
#
# Save and restore of the model's state: a run of vectors that goes on from a checkpoint, taken at
# a VM entry in the middle, prints what the whole run printed from there on.
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

# checkpoints FILE "STATE" "what": the vectors of FILE; STATE is in the saved state each time
checkpoints()
{
	"$build/cpu-model/bochs/tests/vector-image" "$top/testvectors/vectors/$1" > "$dir/image" ||
		exit 99
	write_bochsrc "$dir/image" "epml: enabled=1, profile=hardened"

	run whole ''
	grep -q '^Z ' "$dir/whole.lines"
	result "$1: the whole run comes to its end"

	# The last line of Bochs's log carries the number of ticks.
	ticks=$(sed -n '$s/^0*\([0-9][0-9]*\)p.*/\1/p' "$dir/log")
	[ -n "$ticks" ] || exit 99

	for part in 2 5 8; do
		checkpoint "$1 at $part/10"
		grep -q "$2\$" "$dir/state/cpu0"
		result "$1 at $part/10: $3"
	done
}

checkpoint()
{
	rm -rf "$dir/state"
	run saved ", checkpoint=$dir/state, checkpoint-at=$((ticks * part / 10))"
	cmp -s "$dir/whole.lines" "$dir/saved.lines"
	result "$1: the run that saves goes on as before"

	rom_lines "$bochs" -r "$dir/state" > "$dir/restored.lines"
	n=$(wc -l < "$dir/restored.lines")
	[ "$n" -gt 10 ] && [ "$n" -lt "$(wc -l < "$dir/whole.lines")" ] &&
		tail -n "$n" "$dir/whole.lines" | cmp -s - "$dir/restored.lines"
	result "$1: the restored run prints the rest"
}

checkpoints gpml.json 'proc3 = 0x0*100000000' "the guest log is in use"
checkpoints spp.json 'spptp = 0x0*1120000' "sub-page permissions are in use"
finish
