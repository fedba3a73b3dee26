#!/bin/sh
# SPDX-License-Identifier: BSD-2-Clause
#
# Defects of Bochs that are always mended (docs/bochs.md), seen by a ROM of their own: the published
# build has each of them, those with the model inside have none, whether the model is on or off. And
# the seed of RDRAND.
set -u

top=${abs_srcdir:-$(cd "$(dirname "$0")/../../.." && pwd)}
. "$top/scripts/tap.sh"
. "$top/guest-firmware/rom/tests/rom-on-bochs.sh"
need_bochs stock model timing
: >"$dir/empty"

# run KIND [LINE]: the checks that failed, one "DEFECT CHECK" each, to $dir/failed
run() {
	write_bochsrc "$dir/empty" "${2-}"
	cp "$build/cpu-model/bochs/tests/mends.bin" "$dir/bios"
	rom_lines "$build/bochs/$1/bochs" -f "$dir/bochsrc" >"$dir/lines"
	sed -n 's/^r \([0-9a-f]* [0-9a-f]*\) 0 .*/\1/p' "$dir/lines" >"$dir/failed"
	# The last line: the guest ended by VMCALL (12H).
	[ "$(sed -n '$p' "$dir/lines")" = "Z 0 12" ] && [ "$(grep -c '^r ' "$dir/lines")" -eq 18 ]
	result "$1${2:+, $2}: every check is made" || cat "$dir/lines"
}

run stock
# Of 11 only that the TLB keeps nothing: SMAP works. Of 23 not that WRMSR of the old value does.
printf '%s\n' '7 0' 'a 0' '8 0' '8 1' '8 2' 'b 1' '17 0' '17 2' '16 0' '16 1' '16 2' '16 3' |
	diff - "$dir/failed"
result "the published build has defects 7, 8, 10, 11, 22 and 23"

for kind in model timing; do
	run $kind
	[ ! -s "$dir/failed" ]
	result "$kind: the model is off, nothing is left of them" || cat "$dir/lines"
	run $kind "epml: enabled=1, profile=hardened"
	[ ! -s "$dir/failed" ]
	result "$kind: the model is on, nothing is left of them" || cat "$dir/lines"
done

# seeded VALUE: the random number of a run with this seed
seeded() {
	write_bochsrc "$dir/empty" "epml: seed=$1"
	cp "$build/cpu-model/bochs/tests/mends.bin" "$dir/bios"
	rom_lines "$build/bochs/model/bochs" -f "$dir/bochsrc" | grep '^n '
}

seeded 1 >"$dir/one" && sleep 1 && seeded 1 | cmp -s - "$dir/one"
result "the same seed gives the same random number, a second later too"
seeded 2 >"$dir/two" && ! cmp -s "$dir/one" "$dir/two"
result "another seed gives another one"
for bad in 0 -1 x 1x 4294967296; do
	write_bochsrc "$dir/empty" "epml: seed=$bad"
	timeout 60 "$build/bochs/model/bochs" -q -f "$dir/bochsrc" </dev/null >"$dir/said" 2>&1
	[ $? -eq 1 ] && grep -q "'seed=$bad' is wrong, expected seed=NUMBER, from 1" "$dir/said"
	result "seed=$bad is refused"
done
finish
