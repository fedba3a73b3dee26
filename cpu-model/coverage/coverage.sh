#!/bin/sh
# SPDX-License-Identifier: BSD-2-Clause
#
# Usage: coverage.sh DIRECTORY
#
# Run all vectors on a build of libepml that counts, and print which of its lines and branches they
# execute. Works in DIRECTORY, which it makes and removes. Run in the build tree by "make coverage",
# which sets srcdir, CC, CFLAGS and LIBS.
# Exit status: 0, 1 if something was not executed, 2 if it could not be measured, 77 without gcov.
set -eu

top=$(cd "$srcdir" && pwd)
build=$(pwd)

# gcov belongs to the compiler that has made the objects.
case $($CC --version 2>/dev/null) in
*clang* | '')
	echo "coverage: gcc and its gcov are needed, but the compiler is $CC"
	exit 77
	;;
esac
gcov=$($CC -print-prog-name=gcov)
command -v "$gcov" >/dev/null || {
	echo "coverage: $gcov is missing; install the package of $CC that has it"
	exit 77
}

rm -rf "$1"
mkdir -p "$1"
dir=$(cd "$1" && pwd)
trap 'rm -rf "$dir"' EXIT
trap 'exit 2' INT TERM HUP

# Without optimization each condition of the source is a branch of its own.
# shellcheck disable=SC2086  # lists of words
(
	cd "$dir"
	for source in "$top"/cpu-model/lib/*.c; do
		$CC $CFLAGS -O0 --coverage -I"$top/cpu-model/include" -I"$build/vmcs-spec" \
			-c "$source"
	done
	cd "$build"
	$CC $CFLAGS -O0 --coverage -o "$dir/run-vectors" "$dir"/*.o $LIBS
) || exit 2
"$dir/run-vectors" "$top/testvectors/vectors" || {
	echo "coverage: a vector fails; coverage is measured when all pass" >&2
	exit 2
}
(cd "$dir" && LC_ALL=C $gcov -b -c -t ./*.gcda) >"$dir/gcov.txt" || exit 2
awk -v top="$top/" -f "$top/cpu-model/coverage/coverage.awk" "$dir/gcov.txt"
