#!/bin/sh
# SPDX-License-Identifier: BSD-2-Clause
#
# The ROM on Bochs: the vectors of smoke-image.c give the lines of smoke.expected, on pristine
# Bochs and on Bochs with the model; without an image, or with a damaged one, the ROM says so.
# Skipped without Bochs.
set -u

top=${abs_srcdir:-$(cd "$(dirname "$0")/../../.." && pwd)}
. "$top/scripts/tap.sh"
. "$top/guest-firmware/rom/tests/rom-on-bochs.sh"
smoke_image=$build/guest-firmware/rom/tests/smoke-image
runs=0

# run BOCHS IMAGE: the ROM's lines to $dir/output. Lines that are the same are printed once, and
# the stack pointer is left out: it depends on where the linker puts the stacks.
run()
{
	if [ "$kind" = stock ]; then
		write_bochsrc "$2"
	else
		write_bochsrc "$2" "epml: enabled=1, profile=hardened"
	fi
	rom_lines "$1" -f "$dir/bochsrc" | sed '/^g rsp /d' | uniq > "$dir/output"
	runs=$((runs + 1))
}

"$smoke_image" > "$dir/image" || exit 99
: > "$dir/empty"
head -c 5000 "$dir/image" > "$dir/cut" || exit 99
# The first word behind the image's header of 24 bytes is the size of the first vector.
{ head -c 24 "$dir/image"; printf '\0\0\0\0'; tail -c +29 "$dir/image"; } > "$dir/damaged" ||
	exit 99

for kind in stock model; do
	bochs=$build/bochs/$kind/bochs
	[ -x "$bochs" ] || continue

	run "$bochs" "$dir/image"
	diff "$top/guest-firmware/rom/tests/smoke.expected" "$dir/output"
	result "$kind: every line as expected"

	run "$bochs" "$dir/empty"
	printf '%s\n' '! no vector image' 'Z 0' | diff - "$dir/output"
	result "$kind: no image"

	run "$bochs" "$dir/cut"
	printf '%s\n' '! no vector image' 'Z 0' | diff - "$dir/output"
	result "$kind: an image that is longer than its file"

	run "$bochs" "$dir/damaged"
	printf '%s\n' '! the vector image is damaged' 'Z 0' | diff - "$dir/output"
	result "$kind: a vector of size 0"
done

# A processor without SPP.
bochs=$build/bochs/stock/bochs
if [ -x "$bochs" ]; then
	write_bochsrc "$dir/image" "cpu: model=corei7_skylake_x, count=1, ips=100000000"
	rom_lines "$bochs" -f "$dir/bochsrc" | sed -n '/^V 10$/,/^z 10$/p' > "$dir/output"
	diff - "$dir/output" <<-'END'
		V 10
		! this processor has no sub-page write permissions: bit 55 of MSR 48BH is 0
		z 10
	END
	result "a processor without SPP is told in one line"
fi

[ "$runs" -gt 0 ] || skip_all "no Bochs in $build/bochs"
finish
