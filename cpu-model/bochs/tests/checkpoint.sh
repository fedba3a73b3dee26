#!/bin/sh
# SPDX-License-Identifier: BSD-2-Clause
#
# Save and restore of the model's state: a run of the guest log's vectors that goes on from a
# checkpoint, taken at a VM entry in the middle, prints what the whole run printed from there on.

src=${abs_srcdir:-$(cd "$(dirname "$0")/../../.." && pwd)}
build=${abs_builddir:-$(pwd)}
bochs=$build/bochs/model/bochs
[ -x "$bochs" ] || exit 77

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

# The lines of the ROM out of what Bochs prints.
rom_lines()
{
	sed -n '/^[VnxergfmzZ!] /p'
}

# run NAME OPTION...: run Bochs with more words for the option "epml"
run()
{
	name=$1
	sed "s|^epml:.*|&$2|" "$dir/bochsrc" > "$dir/bochsrc.$name"
	timeout 60 "$bochs" -q -f "$dir/bochsrc.$name" < /dev/null 2> /dev/null |
		rom_lines > "$dir/$name.lines"
}

"$build/cpu-model/bochs/tests/vector-image" "$src/testvectors/vectors/gpml.json" > "$dir/image" ||
	exit 99
{
	cat "$dir/image"
	head -c $((-$(wc -c < "$dir/image") & 4095)) /dev/zero
	cat "$build/guest-firmware/rom/rom.bin"
} > "$dir/bios"
cat > "$dir/bochsrc" <<-END
	megs: 64
	romimage: file=$dir/bios
	vgaromimage: file=/dev/null
	port_e9_hack: enabled=1
	cpu: model=corei7_icelake_u, count=1, ips=100000000
	error: action=ignore
	info: action=ignore
	panic: action=fatal
	display_library: nogui
	clock: sync=none
	log: $dir/log
	epml: enabled=1, profile=hardened
END

run whole ''
grep -q '^Z ' "$dir/whole.lines"
report $? "the whole run comes to its end"

# The last line of Bochs's log carries the number of ticks.
ticks=$(sed -n '$s/^0*\([0-9][0-9]*\)p.*/\1/p' "$dir/log")
[ -n "$ticks" ] || exit 99

for part in 2 5 8; do
	run saved ", checkpoint=$dir/state.$part, checkpoint-at=$((ticks * part / 10))"
	cmp -s "$dir/whole.lines" "$dir/saved.lines"
	report $? "checkpoint at $part/10: the run that saves goes on as before"

	timeout 60 "$bochs" -q -r "$dir/state.$part" < /dev/null 2> /dev/null |
		rom_lines > "$dir/restored.lines"
	n=$(wc -l < "$dir/restored.lines")
	[ "$n" -gt 10 ] && [ "$n" -lt "$(wc -l < "$dir/whole.lines")" ] &&
		tail -n "$n" "$dir/whole.lines" | cmp -s - "$dir/restored.lines"
	report $? "checkpoint at $part/10: the restored run prints the rest"

	grep -q 'proc3 = 0x0*100000000$' "$dir/state.$part/cpu0"
	report $? "checkpoint at $part/10: the guest log is in use"
done
exit $((failures != 0))
