#!/bin/sh
# SPDX-License-Identifier: BSD-2-Clause
#
# insert.sh: what it inserts, and that it refuses every script that does more or does not fit.
set -u

top=${abs_srcdir:-$(cd "$(dirname "$0")/../../.." && pwd)}
. "$top/scripts/tap.sh"
insert=$top/cpu-model/bochs/insert.sh
cd "$dir" || exit 99

# Run insert.sh on a fresh tree with the script on standard input.
run() {
	rm -rf tree
	mkdir -p tree/cpu
	printf 'one\ntwo\nthree\n' >tree/cpu/x.cc
	cat >s.ed
	"$insert" tree s.ed >out 2>err
}

# refuses "what" "message": the script on standard input ends with status 2 and that line.
refuses() {
	run
	[ $? -eq 2 ] && [ "$(cat err)" = "$2" ]
	result "$1"
}

run <<'ED'
# File: cpu/x.cc
/two/a
inserted
.
ED
[ ! -s err ] && [ "$(cat tree/cpu/x.cc)" = "one
two
inserted
three" ] && [ "$(cat out)" = "cpu/x.cc: 1 lines inserted by s.ed" ]
result "inserts after an anchor"

refuses "missing anchor" "s.ed:3: anchor '/four/a' in cpu/x.cc: No match" <<'ED'
# A comment.
# File: cpu/x.cc
/four/a
inserted
.
ED
refuses "deleted line" \
	"s.ed:1: changes an upstream line of cpu/x.cc, but may only insert: one" <<'ED'
# File: cpu/x.cc
/one/d
ED
refuses "changed line" \
	"s.ed:1: changes an upstream line of cpu/x.cc, but may only insert: two" <<'ED'
# File: cpu/x.cc
/two/s/two/2/
ED
refuses "nothing inserted" "s.ed:1: nothing was inserted into cpu/x.cc" <<'ED'
# File: cpu/x.cc
/one/
ED
refuses "unknown file" "s.ed:1: cpu/y.cc is not a file of this Bochs source" <<'ED'
# File: cpu/y.cc
/one/
ED
refuses "no file named" "s.ed:1: no line '# File: PATH' names the upstream file" <<'ED'
/one/
ED
refuses "two files named" "s.ed:1: more than one line '# File: PATH'" <<'ED'
# File: cpu/x.cc
# File: cpu/y.cc
/one/
ED
refuses "text without end" \
	"s.ed:3: the text to insert is not ended by a line with a dot" <<'ED'
# File: cpu/x.cc
/one/a
inserted
ED

finish
