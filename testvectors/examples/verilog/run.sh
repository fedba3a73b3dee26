#!/bin/sh
# SPDX-License-Identifier: BSD-2-Clause
#
# Usage: run.sh EPML [FILE]...
#
# Replay exported vectors on gpml_unit with Icarus Verilog: the unit must pass, and each of its
# wrong variants must fail, in a vector that names the rule. EPML is the command, FILE its
# vector files or directories. Exit status: 0 if all is so, 1 if not, 2 if something is missing.
set -u

here=$(cd "$(dirname "$0")" && pwd)
epml=${1:?usage: run.sh EPML [FILE]...}
shift
chapters="gpml notify state vmacc properties"

for tool in iverilog vvp; do
	command -v $tool >/dev/null || {
		echo "verilog: $tool is missing; install the package iverilog" >&2
		exit 2
	}
done
work=$(mktemp -d) || exit 2
trap 'rm -rf "$work"' EXIT
trap 'exit 2' HUP INT TERM
status=0

# build NAME OPTION...
build() {
	name=$1
	shift
	iverilog -g2005 -Wall -Wno-timescale -I "$here" "$@" -o "$work/$name" \
		"$here/gpml_unit.v" "$here/gpml_tb.v" || exit 2
}

# replay NAME CHAPTER: lines of the testbench, without remarks of vvp about the size of its array.
replay() {
	vvp -n "$work/$1" +vectors="$work/$2.hex" | grep -v '^WARNING: .*Not enough words'
}

for chapter in $chapters; do
	"$epml" vectors export --format hex --filter "$chapter/*" -o "$work/$chapter.hex" "$@" ||
		exit 2
done

build right
for chapter in $chapters; do
	replay right "$chapter" >"$work/out"
	sed "s/^\([0-9]* passed\)/gpml_unit: $chapter: \1/" "$work/out"
	tail -n 1 "$work/out" | grep -q '^[1-9][0-9]* passed, 0 failed,' || status=1
done

# A mistake, a chapter with a vector that finds it, and the rule that must be named.
while read -r wrong chapter rule; do
	build wrong "-D$wrong"
	replay wrong "$chapter" >"$work/out"
	if line=$(grep -m 1 "^FAIL .* rules .*$rule\>" "$work/out"); then
		echo "gpml_unit with $wrong fails, as it must: $line"
	else
		echo "gpml_unit with $wrong: no vector with rule $rule fails"
		status=1
	fi
done <<'TABLE'
WRONG_WRAP gpml GPML-LOG-2
WRONG_ENTRY gpml GPML-LOG-1
WRONG_NOTIFY notify NOTIFY-2
WRONG_FULL gpml GPML-FULL-2
WRONG_FIELD vmacc VMACC-4
TABLE
[ $status -eq 0 ] && echo "verilog: passed" || echo "verilog: FAILED"
exit $status
