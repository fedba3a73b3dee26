#!/bin/sh
# SPDX-License-Identifier: BSD-2-Clause
#
# Random vectors on the standalone machine and, as real instructions, on Bochs with the model: both
# must report the same lines. EPML_RANDOM_SEED and EPML_RANDOM_COUNT choose other vectors; a
# difference is printed with the number of its vector ("V").

src=${abs_srcdir:-$(cd "$(dirname "$0")/../../.." && pwd)}
build=${abs_builddir:-$(pwd)}
bochs=$build/bochs/model/bochs
seed=${EPML_RANDOM_SEED:-1}
count=${EPML_RANDOM_COUNT:-150}

# shellcheck source=scripts/tap.sh
. "$src/scripts/tap.sh"

if [ ! -x "$bochs" ]; then
	echo "1..0 # SKIP no Bochs with the model in $build/bochs"
	exit 77
fi
dir=$(mktemp -d) || exit 99
trap 'rm -rf "$dir"' EXIT
trap 'exit 99' HUP INT TERM

# Addresses of the guest's own program differ: it lies below 16 MByte in the system alias. So do
# the words with which a host gives up.
comparable()
{
	sed -E -e '/^[Vnxerfmz!] /!{/^Z /!d;}' -e 's/ 8000[0-9a-f]{6}\b/ SYSTEM/g' -e 's/^! .*/!/'
}

# compare PROFILE [PARAMETER=VALUE]...
compare()
{
	name=$*
	"$build/cpu-model/machine/tests/random-vectors" "$seed" "$count" "$1" "$dir/image" \
		$(shift && echo "$*") > "$dir/lines" || exit 99
	comparable < "$dir/lines" > "$dir/machine"

	size=$(($(wc -c < "$dir/image")))
	{
		cat "$dir/image"
		head -c $((-size & 4095)) /dev/zero
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
		epml: enabled=1, profile=$(echo "$name" | sed 's/ /, /g')
	END
	timeout 60 "$bochs" -q -f "$dir/bochsrc" < /dev/null 2> /dev/null |
		comparable > "$dir/bochs"
	# A difference is shown with its vector's lines up to there.
	diff -U 12 --label machine --label bochs "$dir/machine" "$dir/bochs" > "$dir/diff"
	status=$?
	head -n 60 "$dir/diff" | sed 's/^/# /'
	[ $status -eq 0 ] && [ "$(grep -c '^z ' "$dir/machine")" -eq "$count" ]
	result "seed $seed, $count vectors, $name"
	seed=$((seed + 1))
}

compare published
compare hardened
compare hardened full=ve
compare hardened full=drop notification=when-full
compare hardened trigger=ept-dirty walk-writes=logged
compare published trigger=guest-dirty full=exit
finish
