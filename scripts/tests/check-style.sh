#!/bin/sh
# SPDX-License-Identifier: BSD-2-Clause
#
# check-style finds each thing that it looks for, with file and line, and nothing else.
set -u

top=${abs_srcdir:-$(cd "$(dirname "$0")/../.." && pwd)}
. "$top/scripts/tap.sh"
cd "$dir" || exit 99
licence='/* SPDX-License-Identifier: BSD-2-Clause */'

# finds "what" "expected line": check-style prints just that for the text on standard input.
finds() {
	mkdir -p tree
	cat >tree/a.c
	[ "$("$top/scripts/check-style" tree)" = "$2" ]
	result "$1"
	rm -rf tree
}

finds "nothing in a good file" "" <<END
$licence
int a;

int b;
END
finds "no licence" "a.c:3: no SPDX licence line at the start of the file" <<END
int a;

int b;
END
finds "blank at the end" "a.c:2: blank at the end of the line" <<END
$licence
int a;$(printf ' ')
END
finds "long line" "a.c:2: line of 101 columns, at most 100 were expected" <<END
$licence
$(printf '\t%093d\n\t%092d' 0 0)
END
finds "long file" "a.c:501: 501 lines, at most 500 were expected" <<END
$licence
$(yes 'int a;' | head -n 500)
END
finds "unfinished" "a.c:2: unfinished: /* FIX""ME: later */" <<END
$licence
/* FIX$(printf ME): later */
END

finish
