# SPDX-License-Identifier: BSD-2-Clause
# shellcheck shell=sh
#
# For tests that run the ROM on Bochs without the command epml, to be sourced after scripts/tap.sh.

# write_bochsrc IMAGE [LINE]: the ROM with this vector image before it in $dir/bios, and
# $dir/bochsrc for it, with one more line.
write_bochsrc() {
	{
		cat "$1"
		head -c $((-$(wc -c <"$1") & 4095)) /dev/zero
		cat "$build/guest-firmware/rom/rom.bin"
	} >"$dir/bios"
	cat >"$dir/bochsrc" <<-END
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
		${2-}
	END
}

# rom_lines BOCHS OPTION...: run Bochs; the lines of the ROM out of what it prints.
rom_lines() {
	rom_bochs=$1
	shift
	timeout 60 "$rom_bochs" -q "$@" </dev/null 2>/dev/null | sed -n '/^[VnxergfmzZ!] /p'
}
