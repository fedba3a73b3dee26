#!/bin/sh
# SPDX-License-Identifier: BSD-2-Clause
#
# epml report: both documents and the plots, from small results; and what it refuses.
set -u

top=${abs_srcdir:-$(cd "$(dirname "$0")/../../.." && pwd)}
. "$top/scripts/tap.sh"
cd "$dir" || exit 99

# Is each file XML? HTML as written here is.
well_formed() {
	python3 -c 'import sys, xml.dom.minidom
for name in sys.argv[1:]:
	xml.dom.minidom.parse(name)' "$@"
}

cat > results.json <<'JSON'
{"version": "7.8", "date": "2030-01-02T03:04:05Z", "passed": 4, "failed": 1, "results": [
 {"id": "pml/a", "title": "A <b> & \"c\".", "rules": ["PML-LOG-1", "PML-LOG-2"],
  "properties": [], "host": "model", "profile": "published", "params": {}, "status": "passed"},
 {"id": "pml/a", "title": "A <b> & \"c\".", "rules": ["PML-LOG-1", "PML-LOG-2"],
  "properties": [], "host": "stock", "status": "known", "defect": 5,
  "text": "stock defect 5: low bits"},
 {"id": "gpml/d", "title": "Drop loses a page.", "rules": ["GPML-FULL-1"],
  "properties": ["P1", "P5"], "host": "model", "profile": "hardened",
  "params": {"full": "drop", "trigger": "guest-dirty"}, "status": "passed"},
 {"id": "gpml/d", "title": "Drop loses a page.", "rules": ["GPML-FULL-1"],
  "properties": ["P1", "P5"], "host": "bochs", "profile": "hardened",
  "params": {"full": "drop", "trigger": "guest-dirty"}, "status": "failed",
  "text": "index is 1 | expected <2>"},
 {"id": "pml/b", "title": "B.", "rules": ["PML-LOG-1"], "properties": [],
  "host": "model", "profile": "published", "params": {}, "status": "passed"}
]}
JSON
cat > bench.json <<'JSON'
{"version": "7.8", "date": "2030-01-03T00:00:00Z", "processor": "P & Q", "rounds": 5,
 "workloads": [{"name": "miss", "title": "misses", "accesses": 10, "on": [
  {"name": "stock", "title": "Bochs", "seconds": {"median": 1, "min": 1, "max": 1},
   "ratio": {"median": 1, "min": 1, "max": 1}},
  {"name": "on", "title": "EPML on", "seconds": {"median": 1.25, "min": 1, "max": 2},
   "ratio": {"median": 1.25, "min": 1.125, "max": 1.5}, "goal": 1.05}]}],
 "rates": [{"name": "r", "title": "walks", "per_second": {"median": 9, "min": 8, "max": 10}}]}
JSON

# ---- Markdown on standard output

"$epml" report --results results.json --bench bench.json > out 2> err && [ ! -s err ]
result "Markdown on standard output"
# has "LINE": the Markdown has this line
has() {
	grep -qxF -- "$1" out
	result "line: $1"
}
has 'Version 7.8 of the model, 2030-01-02T03:04:05Z. 3 vectors made 5 runs: 4 passed, 1 failed. '\
'1 of those that passed had to fail, on stock Bochs, because of a known defect.'
has '| chapter | published on model | stock | hardened on model | hardened on bochs |'
has '| pml | 2 passed | 0 passed, 1 known | - | - |'
has '| gpml | - | - | 1 passed | 0 passed, 1 failed |'
has '| `gpml/d` | hardened on bochs | GPML-FULL-1 | index is 1 \| expected <2> |'
has '| 5 | low bits | `pml/a` |'
has '| `gpml/d` | hardened + full=drop | 1 of 2 failed | model, bochs | Drop loses a page. |'
has '| misses | EPML on | 1.250 | 1.250 | 1.125 to 1.500 | 1.05, missed |'
has '| walks | 9 | 8 to 10 |'
[ "$(grep -c '^### P' out)" -eq 5 ] && [ "$(grep -cF 'No vector shows it.' out)" -eq 3 ]
result "five properties, three of them without vectors"
rules=$("$epml" spec rules --format json | grep -c '"id"')
grep -q "^3 of $rules rules have vectors in this run" out && ! grep -q '^| PML-LOG-1 ' out &&
	grep -q '^| PML-LOG-3 ' out
result "rules without vectors"

# ---- Micro-operations, from a directory in which a file is missing

mkdir counted
missing='cannot be read (No such file or directory); expected a JSON file'
refusal "counted/hardened.json:1: $missing" "$epml" report --results results.json --micro counted

if [ -x "$build/bochs/model/bochs" ]; then
	"$epml" timing micro --mode events -o counted > /dev/null &&
		"$epml" report --results results.json --micro counted > out
	result "micro-operations"
	has '## What operations cost'
	has '### The published formulas'
	grep -q '^| vmcall | .* | 0.3 us | 540 to 1380 | calibrated |' out
	result "their table"
else
	skip "micro-operations" "no Bochs in $build/bochs/model"
fi

# ---- Both documents and the plots

if command -v gnuplot > /dev/null; then
	"$epml" report --results results.json --bench bench.json -o new > out 2> err &&
		[ ! -s out ] && [ ! -s err ] &&
		[ "$(ls new | tr '\n' ' ')" = "bench.svg report.html report.md vectors.svg " ]
	result "-o DIR: four files"
	well_formed new/bench.svg new/vectors.svg new/report.html
	result "SVG and HTML are well-formed"
	[ "$(grep -c 'src="data:image/svg+xml,' new/report.html)" -eq 2 ] &&
		! grep -qE '(src|href)="[^d]' new/report.html
	result "HTML is one file"
	grep -q 'index is 1 | expected &lt;2&gt;' new/report.html &&
		grep -q '<td class="bad">0 passed, 1 failed</td>' new/report.html
	result "HTML: the failure"
	grep -q '^!.*(vectors.svg)$' new/report.md && grep -q '^!.*(bench.svg)$' new/report.md
	result "Markdown names the plots"
	"$epml" report --results results.json --bench bench.json -o new > out 2> err
	result "-o DIR that exists"
else
	echo "# without gnuplot: no test of the documents in a directory"
fi

mkdir empty
PATH=$dir/empty "$epml" report --results results.json -o none > out 2> err
[ $? -eq 2 ] && [ ! -e none ] && [ "$(wc -l < err)" -eq 1 ] && grep -q 'gnuplot' err
result "without gnuplot: one line, nothing written"

# ---- A real run

"$epml" vectors --on model --filter 'gpml/drop*' --format json > real.json &&
	"$epml" report --results real.json > out && grep -q '`gpml/drop`' out
result "results of epml vectors"

# ---- Bad input

# refuses "LINE" ARGUMENT...: the report, if any was begun, goes to the directory "bad".
refuses() {
	line=$1
	shift
	refusal "$line" "$epml" report "$@"
}
refuses 'epml report: x: expected options only' x
refuses 'epml report: -j 0: expected a number from 1 to 64' -j 0
refuses "epml report: unrecognized option '--frobnicate'" --frobnicate
refuses 'none.json:1: cannot be read (No such file or directory); expected a JSON file' \
	--results none.json
# wrong "LINE: TEXT" SED-SCRIPT: results changed by the script
wrong() {
	sed "$2" results.json > wrong.json
	refuses "wrong.json:$1" --results wrong.json -o bad
}
wrong '1: expected results of "epml vectors --format json"' 's/"results"/"outcome"/'
wrong '1: expected a string "date"' 's/"date"/"day"/'
wrong '2: expected a string "title"' '2s/"title"/"name"/'
wrong '3: host "qemu": expected model, bochs or stock' '3s/"model"/"qemu"/'
wrong '3: profile "x": expected published or hardened' '3s/"published"/"x"/'
wrong '2: id "A;b": expected a name out of a-z, 0-9, '\''-'\'' and '\''/'\' '2s,"pml/a","A;b",'
wrong '4: status "known": expected passed, failed, or known with a defect' '5s/5/0/'
wrong '8: properties: expected P1 to P5' '8s/P5/P6/'
wrong '2: rules: expected strings' '2s/"PML-LOG-1"/17/'
sed 's/"max": 2}/"max": "2"}/' bench.json > wrong.json
refuses 'wrong.json:5: seconds: expected a number "max"' --results results.json \
	--bench wrong.json -o bad
refuses 'results.json:1: expected what "make bench" writes' --results results.json \
	--bench results.json -o bad
[ ! -e bad ]
result "nothing is written with bad input"
touch file
"$epml" report --results results.json -o file > out 2> err
[ $? -eq 2 ] && [ "$(wc -l < err)" -eq 1 ]
result "-o names a file"
"$epml" report --results results.json > /dev/full 2> err
[ $? -eq 2 ] && [ "$(wc -l < err)" -eq 1 ]
result "a full disk"

finish
