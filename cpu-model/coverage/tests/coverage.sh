#!/bin/sh
# SPDX-License-Identifier: BSD-2-Clause
#
# The vectors execute every line and branch of the model; and coverage.awk finds what is missing.
set -u

top=${abs_srcdir:-$(cd "$(dirname "$0")/../../.." && pwd)}
. "$top/scripts/tap.sh"
awk=$top/cpu-model/coverage/coverage.awk
text=$dir/text

# Run the awk program over stdin; the rest of its output, without the table, is in $text.
findings() {
	awk -v top=/top/ -f "$awk" >"$text.all"
	status=$?
	sed -n '/^all /,$p' "$text.all" | sed 1d >"$text"
	return $status
}

# Expect findings $2 (a pattern of the only line) from the code on stdin; $1 says which case it is.
finds() {
	findings
	[ $? -eq 1 ] && [ "$(wc -l <"$text")" -eq 1 ] && grep -q "$2" "$text"
	result "$1" || cat "$text"
}

findings <<'TEXT'
        -:    0:Source:/usr/include/x.h
    #####:    1:	other(1);
        -:    0:Source:/top/a.c
        -:    1:/* a comment */
        2:    2:	if (a)
branch  0 taken 1 (fallthrough)
branch  1 taken 1
call    0 returned 0
        1:    3:		return b;
TEXT
result "complete coverage, and other files do not count"

finds "a line" '^a\.c:3: not executed by any vector$' <<'TEXT'
        -:    0:Source:/top/a.c
        1:    2:	a = b;
    #####:    3:	b = c;
TEXT

finds "a branch" '^a\.c:2: branch 2 of 2 not taken by any vector$' <<'TEXT'
        -:    0:Source:/top/a.c
        1:    2:	if (a)
branch  0 taken 1 (fallthrough)
branch  1 taken 0
        1:    3:		return b;
TEXT

findings <<'TEXT'
        -:    0:Source:/top/a.c
        -:    1:	/* cover: never without b */
        1:    2:	if (a)
branch  0 taken 0 (fallthrough)
branch  1 taken 1
    #####:    3:		return b;
        1:    4:	a = c;
TEXT
result "a reason on the line before, for the whole statement"

findings <<'TEXT'
        -:    0:Source:/top/a.c
    #####:    2:	return b;	/* cover: not with c */
TEXT
result "a reason on the line itself"

finds "a reason ends with its statement" '^a\.c:3: not executed' <<'TEXT'
        -:    0:Source:/top/a.c
    #####:    2:	return b;	/* cover: not with c */
    #####:    3:	return c;
TEXT

finds "a comment without a reason" '^a\.c:2: .* needs a reason$' <<'TEXT'
        -:    0:Source:/top/a.c
    #####:    2:	return b;	/* cover: */
TEXT

finds "a reason that is not needed" '^a\.c:2: .* is not needed$' <<'TEXT'
        -:    0:Source:/top/a.c
        7:    2:	return b;	/* cover: not with c */
TEXT

findings <<'TEXT'
        -:    0:Source:/top/a.h
        1:    2:	return a ? b : c;
branch  0 taken 0 (fallthrough)
branch  1 taken 1
        -:    0:Source:/top/b.c
        1:    2:	return a;
        -:    0:Source:/top/a.h
        1:    2:	return a ? b : c;
branch  0 taken 1 (fallthrough)
branch  1 taken 0
TEXT
result "a header adds up over the files that use it"

finds "no input" 'no file of' </dev/null

(cd "$build" && env -u MAKEFLAGS -u MFLAGS make -s coverage) >"$text" 2>&1
status=$?
cat "$text"
if grep -q '^coverage: .*\(needed\|missing\)' "$text"; then
	skip "vectors execute all of the model" "no gcov"
else
	[ $status -eq 0 ]
	result "vectors execute all of the model"
fi
finish
