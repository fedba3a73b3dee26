#!/bin/sh
# SPDX-License-Identifier: BSD-2-Clause
#
# With timing on, all clocks of a PC tell the same: TSC, timer of the local APIC and HPET. Of two
# processors that run at the same time each has a TSC of its own, which goes by what that processor
# executes. Two runs are equal. clocks.S is the program. Skipped without Bochs.
set -u

top=${abs_srcdir:-$(cd "$(dirname "$0")/../../.." && pwd)}
. "$top/scripts/tap.sh"
need_bochs timing
cd "$dir" || exit 99

rate=1992		# MHz, of the processor below
loops=100000		# clocks.S

cp "$top/cpu-model/timing/costs/i7-8565u.json" "$top/cpu-model/bochs/tests/whole.json" . || exit 99
cat > rom.ld <<'END'
OUTPUT_FORMAT(binary)
SECTIONS { . = 0xf0000; .text : { *(.text) } /DISCARD/ : { *(*) } }
END

# rom NAME OPTION...: NAME.bin from clocks.S
rom() {
	name=$1
	shift
	${CC:-gcc} -m32 -c "$@" "$top/cpu-model/bochs/tests/clocks.S" -o "$name.o" &&
		ld -m elf_i386 -T rom.ld "$name.o" -o "$name.bin" || exit 99
}
rom one
rom two -DTWO

# clocks ROM PROCESSORS MODE RESULT: the numbers that it prints, in decimal, as the parameters "$@"
# of what follows are set by: set -- $(clocks ...)
clocks() {
	cat > bochsrc <<-END
		megs: 32
		romimage: file=$1.bin
		vgaromimage: file=/dev/null
		pci: enabled=1, chipset=i440fx
		port_e9_hack: enabled=1
		cpu: model=corei7_icelake_u, count=$2, ips=100000000
		epml: enabled=1, timing=$3, costs=whole.json, timing-out=$4
		error: action=ignore
		info: action=ignore
		panic: action=fatal
		display_library: nogui
		clock: sync=none
		log: log
	END
	timeout 60 "$build/bochs/timing/bochs" -q -f bochsrc < /dev/null 2> err |
		tr -d '\r' | while read -r line; do
		case $line in
		*[!0-9A-F]* | '') ;;
		*) echo $((0x$line)) ;;
		esac
	done
}

# near VALUE WANTED ERROR
near() {
	[ "${1:-0}" -ge $(($2 - $3)) ] && [ "${1:-0}" -le $(($2 + $3)) ] || {
		echo "# $1, expected $2, up to $3 more or less"
		return 1
	}
}

# What a loop takes: instructions and the second RDTSC, and with "full" the branch that ends it.
for mode in events full; do
	wanted=$((loops * 2))
	[ $mode = events ] || wanted=$((loops * (1 + 4) + 17))
	set -- $(clocks one 1 $mode one.json)
	[ $# -eq 3 ] && near "$1" $((wanted + 25)) 500
	result "$mode: TSC"
	near "${2:-}" "$1" 200
	result "$mode: the timer of the local APIC goes along"
	near "${3:-}" $(($1 * 100 / rate)) 5
	result "$mode: the HPET goes along, at 100 MHz"
done

# Between the two readings there are two more instructions, and with "events" RDTSC counts as one of
# average price, too.
set -- $(clocks two 2 events two.json)
[ $# -eq 5 ] && [ "$4" -eq $((loops * 3 + 3 + 25)) ] && [ "$5" -eq $((loops * 2 + 3 + 25)) ]
result "events, two processors: each TSC counts what its processor executes"
set -- $(clocks two 2 full two.json)
[ $# -eq 5 ] && [ "$4" -eq $((loops * (3 + 1 + 4) + 17 + 2 + 25)) ] &&
	[ "$5" -eq $((loops * (1 + 4) + 17 + 2 + 25)) ]
result "full, two processors: the same" || echo "# $*"
set -- "$*" "$(clocks two 2 full again.json | tr '\n' ' ')"
[ "$1 " = "$2" ] && cmp two.json again.json
result "full, two processors: two runs are equal"
"$epml" timing two.json > out && grep -q 'processors: 2' out
result "the count of both is a result"
finish
