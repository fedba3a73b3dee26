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

	ticks=$(ticks)
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

# ticks: when the last run has ended, by the last line of Bochs's log
ticks()
{
	sed -n '$s/^0*\([0-9][0-9]*\)p.*/\1/p' "$dir/log"
}

# clock FILE: cycles that a run has counted
clock()
{
	sed -n 's/.*"clock": \([0-9]*\)[0-9]\{3\},.*/\1/p' "$1"
}

# timed MODE PARTS: with timing, the restored run counts from 0, and time goes on, so that it ends
# when the whole run ended; but for a fraction of a cycle that is lost, and but for empty caches,
# which may take one part in so many as PARTS.
timed()
{
	options=", timing=$1, costs=$top/cpu-model/timing/costs/i7-8565u.json"
	options="$options, timing-out=$dir/count.json"
	run timed "$options"
	end=$(ticks)
	cmp -s "$dir/whole.lines" "$dir/timed.lines"
	result "$1: cycles are counted"

	rm -rf "$dir/state"
	run saved "$options, checkpoint=$dir/state, checkpoint-at=$((end / 2))"
	[ "$(ticks)" -eq "$end" ] && cmp -s "$dir/whole.lines" "$dir/saved.lines"
	result "$1: the run that saves goes on as before"

	rom_lines "$bochs" -r "$dir/state" > "$dir/restored.lines"
	n=$(wc -l < "$dir/restored.lines")
	[ "$n" -gt 10 ] && tail -n "$n" "$dir/whole.lines" | cmp -s - "$dir/restored.lines"
	result "$1: the restored run prints the rest"

	late=$(($(ticks) - end))
	[ "$late" -ge -1 ] && [ "$late" -le $((end / $2)) ]
	result "$1: it ends at the same time" || echo "# $late ticks late"
	counted=$(clock "$dir/count.json")
	[ "$counted" -gt $((end / 4)) ] && [ "$counted" -le $((end / 2 + late)) ]
	result "$1: it counts its own cycles" || echo "# $counted of $end"
}

checkpoints gpml.json 'proc3 = 0x0*100000000' "the guest log is in use"
checkpoints spp.json 'spptp = 0x0*1120000' "sub-page permissions are in use"
timed events 1000000000
bochs=$build/bochs/timing/bochs
[ ! -x "$bochs" ] || timed full 20
finish
