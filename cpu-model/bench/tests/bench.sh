#!/bin/sh
# SPDX-License-Identifier: BSD-2-Clause
#
# epml-bench: what it prints, writes and refuses. How fast anything is, no test asks.
set -u

top=${abs_srcdir:-$(cd "$(dirname "$0")/../../.." && pwd)}
. "$top/scripts/tap.sh"
bench=$build/epml-bench
cd "$dir" || exit 99
TMPDIR=$dir
export TMPDIR

"$bench" --help | grep -q '^usage: epml-bench'
result "--help"

"$bench" --only library --rounds 2 --output bench.json > out 2> err && [ ! -s err ] &&
	grep -q '^EPT walks for a read  *[0-9][0-9]*  *[0-9][0-9]*  *[0-9][0-9]*$' out
result "libepml alone"
[ "$(ls)" = "$(printf 'bench.json\nerr\nout')" ] && grep -q '"rounds": 2' bench.json
result "JSON, and nothing else is left"

# The guest programs end only if every pass did its work, so that wrong ones are seen here.
if [ -x "$build/bochs/model/bochs" ] && [ -x "$build/bochs/stock/bochs" ]; then
	for only in memory tlb-miss dirty store spp trapped; do
		"$bench" --only $only --rounds 1 --seconds 0.02 --output bench.json > out 2> err &&
			[ ! -s err ] && [ "$(grep -c "^$only " out)" -eq 5 ]
		result "five configurations of Bochs: $only"
	done
	printf '{"version": "1", "date": "now", "results": [{"id": "a/b", "title": "T.",
		"rules": [], "host": "stock", "status": "passed"}]}' > results.json
	"$epml" report --bench bench.json --results results.json > out &&
		[ "$(grep -c '^| stores to read-only pages ' out)" -eq 5 ]
	result "epml report reads the JSON"
else
	echo "# without Bochs: no test of guest programs"
fi

# refuses "MESSAGE" ARGUMENT...
refuses() {
	message=$1
	shift
	refusal "epml-bench: $message" "$bench" "$@"
}
refuses '--rounds 0: expected a number from 1 to 100' --rounds 0
refuses '--seconds x: expected a number from 0.01 to 60' --seconds x
refuses '--only all: expected memory, tlb-miss, dirty, store, spp, trapped, library or vectors' \
	--only all
refuses 'more: expected options only' more
EPML_BOCHS=$dir/none refuses "$dir/none is missing; run \"make bochs-model\"" --only memory
"$bench" --only library --rounds 1 --output no/bench.json > out 2> err
[ $? -eq 2 ] && [ "$(cat err)" = \
	"epml-bench: cannot write no/bench.json: No such file or directory" ]
result "a directory that is missing"
[ -z "$(find . -name 'epml-*')" ]
result "no temporary directory is left"

finish
