#!/bin/sh
# SPDX-License-Identifier: BSD-2-Clause
#
# Usage: insert.sh TREE SCRIPT...
#
# Put the call-outs of the model into an unpacked source tree of Bochs. Each SCRIPT is an ed script
# for one upstream file, which a comment line names:
#
#	# File: cpu/paging.cc
#
# Scripts may only insert lines. Three things are checked for each of them: every anchor exists,
# nothing of the original was changed or lost, and something was inserted.
# The exit status is 2 if one does not hold; TREE is then of no use.
set -eu

die() {
	echo "$*" >&2
	exit 2
}

# Report the failing line of script $1 from the messages of ed in file $2; $3 is the upstream file.
anchor_missing() {
	line=$(sed -n 's/^script, line \([0-9]*\): .*/\1/p' "$2" | head -n 1)
	why=$(sed -n 's/^script, line [0-9]*: //p' "$2" | head -n 1)
	[ -n "$line" ] || die "$1: ed failed on $3: $(head -n 1 "$2")"
	line=$((line - 1))	# ed also read the "H" that precedes the script
	[ "$line" -le "$(wc -l <"$1")" ] ||
		die "$1:$(wc -l <"$1"): the text to insert is not ended by a line with a dot"
	die "$1:$line: anchor '$(sed -n "${line}p" "$1")' in $3: ${why:-failed}"
}

insert() {
	script=$1
	file=$(sed -n 's/^# File:[[:space:]]*\([^[:space:]]*\)[[:space:]]*$/\1/p' "$script")
	case $file in
	'') die "$script:1: no line '# File: PATH' names the upstream file" ;;
	*[[:space:]]*) die "$script:1: more than one line '# File: PATH'" ;;
	esac
	[ -f "$tree/$file" ] || die "$script:1: $file is not a file of this Bochs source"

	cp "$tree/$file" "$scratch/before"
	{
		echo H
		cat "$script"
		printf 'w\nq\n'
	} >"$scratch/script"
	ed -s "$tree/$file" <"$scratch/script" >"$scratch/messages" 2>&1 ||
		anchor_missing "$script" "$scratch/messages" "$file"

	# diff ends with 1: the files differ, as they should.
	rc=0
	diff "$scratch/before" "$tree/$file" >"$scratch/diff" || rc=$?
	[ $rc -eq 1 ] || die "$script:1: nothing was inserted into $file"
	lost=$(sed -n 's/^< //p' "$scratch/diff" | head -n 1)
	! grep -q '^<' "$scratch/diff" ||
		die "$script:1: changes an upstream line of $file, but may only insert: $lost"
	count=$(grep -c '^>' "$scratch/diff")
	echo "$file: $count lines inserted by $(basename "$script")"
}

[ $# -ge 2 ] || die "usage: insert.sh TREE SCRIPT..."
tree=$1
shift
[ -d "$tree" ] || die "insert.sh: $tree is not a directory"
scratch=$(mktemp -d)
trap 'rm -rf "$scratch"' EXIT
trap 'exit 2' HUP INT TERM
for script; do
	insert "$script"
done
