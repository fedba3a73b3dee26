#!/bin/sh
# SPDX-License-Identifier: BSD-2-Clause
#
# Usage: insert-xen.sh TREE
#
# Put the call-outs of the OoH part into TREE, the directory "xen" of a source tree of Xen, with the
# ed scripts in "insertions" and the checks of cpu-model/bochs/insert.sh.
#
# Versions of Xen differ in where things are. Scripts whose names are equal up to the first dot are
# alternatives: exactly one of them must fit the tree. A script fits if its file exists and, where
# it has a line "# If: TEXT", if the file contains this text.
# The exit status is 2, after one line, if that does not hold; TREE is then of no use.
set -eu

die() {
	echo "$*" >&2
	exit 2
}

# header NAME SCRIPT: what stands behind "# NAME:" in the script.
header() {
	sed -n "s/^# $1:[[:space:]]*//p" "$2" | head -n 1
}

fits() {
	file=$tree/$(header File "$1")
	text=$(header If "$1")
	[ -f "$file" ] && grep -qF -- "$text" "$file"
}

[ $# -eq 1 ] || die "usage: insert-xen.sh TREE"
tree=$1
here=$(cd "$(dirname "$0")" && pwd)
[ -d "$tree" ] || die "insert-xen.sh: $tree is not a directory"

set --
# shellcheck disable=SC2012  # our own names: no blanks in them
for group in $(cd "$here/insertions" && ls -- *.ed | sed 's/\..*//' | sort -u); do
	found=
	for script in "$here/insertions/$group".*; do
		fits "$script" || continue
		[ -z "$found" ] || die "$script:1: $found fits $tree too"
		found=$script
	done
	[ -n "$found" ] || die "$here/insertions/$group.*: none of them fits $tree"
	set -- "$@" "$found"
done
sh "$here/../../cpu-model/bochs/insert.sh" "$tree" "$@"
