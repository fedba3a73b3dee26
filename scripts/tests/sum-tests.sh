#!/bin/sh
# SPDX-License-Identifier: BSD-2-Clause
#
# sum-tests counts every kind of result, and above all does not lose a failure.
set -u

top=${abs_srcdir:-$(cd "$(dirname "$0")/../.." && pwd)}
. "$top/scripts/tap.sh"
cd "$dir" || exit 99

# program NAME RESULT: a test program that ended so, with its output on standard input.
program() {
	echo ":global-test-result: $2" >"build/$1.trs"
	cat >"build/$1.log"
}

# sums_of "what" "expected line" STATUS TEST...: as sums, of these tests only
sums_of() {
	what=$1 expected=$2 status=$3
	shift 3
	line=$("$top/scripts/sum-tests" build "$@" 2>&1)
	[ $? -eq "$status" ] && [ "$line" = "$expected" ]
	result "$what"
}

# sums "what" "expected line" STATUS
sums() {
	line=$("$top/scripts/sum-tests" build 2>&1)
	[ $? -eq "$3" ] && [ "$line" = "$2" ]
	result "$1"
	rm -rf build
	mkdir build
}

mkdir build
sums "no results" "sum-tests: no test results in build; run make check first" 2

program one PASS <<'LOG'
ok 1 - one
LOG
program two FAIL <<'LOG'
not ok 1 - two
LOG
sums_of "one of two programs" "1 passed, 0 failed" 0 one.sh
sums_of "a program without a result" "1 passed, 1 failed" 1 one.sh three.sh
sums "both programs" "1 passed, 1 failed" 1

program cmocka PASS <<'LOG'
[==========] Running 3 test(s).
[  PASSED  ] 3 test(s).
LOG
program tap PASS <<'LOG'
ok 1 - one
ok 2 - two
1..2
LOG
program plain PASS </dev/null
sums "passed tests of each kind" "6 passed, 0 failed" 0

program cmocka FAIL <<'LOG'
[  PASSED  ] 2 test(s).
[  FAILED  ] 1 test(s), listed below:
[  FAILED  ] a_test
 1 FAILED TEST(S)
LOG
program tap FAIL <<'LOG'
ok 1 - one
not ok 2 - two
LOG
sums "failed tests of each kind" "3 passed, 2 failed" 1

program crash FAIL <<'LOG'
[  PASSED  ] 4 test(s).
Segmentation fault
LOG
program error ERROR </dev/null
sums "programs that fail without a failed test" "4 passed, 2 failed" 1

program skip SKIP <<'LOG'
a package is missing
LOG
program part PASS <<'LOG'
ok 1 - one
ok 2 - two # SKIP not built
LOG
sums "skipped programs and tests are not counted" "1 passed, 0 failed" 0

finish
