#!/bin/sh
# SPDX-License-Identifier: BSD-2-Clause
#
# The ROM on Bochs: the vectors of smoke-image.c give the lines of smoke.expected, on pristine
# Bochs and on Bochs with the model; without an image, or with a damaged one, the ROM says so.
# Skipped without Bochs.

src=${abs_srcdir:-$(cd "$(dirname "$0")/../../.." && pwd)}/guest-firmware/rom
build=${abs_builddir:-$(pwd)}
rom=$build/guest-firmware/rom/rom.bin
smoke_image=$build/guest-firmware/rom/tests/smoke-image

dir=$(mktemp -d) || exit 99
trap 'rm -rf "$dir"' EXIT
trap 'exit 99' HUP INT TERM
failures=0
runs=0

report()	# status text
{
	if [ "$1" -eq 0 ]; then
		echo "ok - $2"
	else
		echo "not ok - $2"
		failures=$((failures + 1))
	fi
}

# run BOCHS IMAGE: the ROM's lines to $dir/output. Lines that are the same are printed once, and
# the stack pointer is left out: it depends on where the linker puts the stacks.
run()
{
	size=$(($(wc -c < "$2")))
	{ cat "$2"; head -c $((-size & 4095)) /dev/zero; cat "$rom"; } > "$dir/bios"
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
	END
	[ "$kind" = stock ] || echo 'epml: enabled=1, profile=hardened' >> "$dir/bochsrc"
	timeout 60 "$1" -q -f "$dir/bochsrc" < /dev/null 2> /dev/null |
		sed -n '/^[VnxergfmzZ!] /p' | sed '/^g rsp /d' | uniq > "$dir/output"
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
	diff "$src/tests/smoke.expected" "$dir/output"
	report $? "$kind: every line as expected"

	run "$bochs" "$dir/empty"
	printf '%s\n' '! no vector image' 'Z 0' | diff - "$dir/output"
	report $? "$kind: no image"

	run "$bochs" "$dir/cut"
	printf '%s\n' '! no vector image' 'Z 0' | diff - "$dir/output"
	report $? "$kind: an image that is longer than its file"

	run "$bochs" "$dir/damaged"
	printf '%s\n' '! the vector image is damaged' 'Z 0' | diff - "$dir/output"
	report $? "$kind: a vector of size 0"
done

if [ "$runs" -eq 0 ]; then
	echo "skipped: no Bochs in $build/bochs"
	exit 77
fi
exit $((failures != 0))
