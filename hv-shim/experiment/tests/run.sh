#!/bin/sh
# SPDX-License-Identifier: BSD-2-Clause
#
# epml xen run: what it refuses, before anything is started, and what it makes of records. Nothing
# is booted here.
set -u

top=${abs_srcdir:-$(cd "$(dirname "$0")/../../.." && pwd)}
. "$top/scripts/tap.sh"
cd "$dir" || exit 99

run() {
	"$epml" xen run "$@"
}

# refuses "TEXT" OPTION...: with this text behind the name of the command.
refuses() {
	refuses_text=$1
	shift
	refusal "epml xen run: $refuses_text" "$epml" xen run "$@"
}

# ---- Bad options --------------------------------------------------------------------------------

refuses '--sizes 0: expected a number from 1 to 1024' --sizes 0
refuses '--sizes 1,,2: expected no empty word' --sizes 1,,2
refuses '--sizes 1: expected them in ascending order' --sizes 2,1
refuses '--sizes: expected at most 7' --sizes 1,2,3,4,5,6,7,8
names='proc, ufd, ufd-async, spml, spml-indexed, epml or oracle'
refuses "--techniques alone: expected $names" --techniques proc,alone
refuses '--profile x: expected published, hardened or all' --profile published,x
refuses '--timing off: expected full or events' --timing off
refuses '--rounds 0: expected a number from 1 to 1000' --rounds 0
refuses '--vcpus 9: expected a number from 1 to 4' --vcpus 9
refuses '--every and --timer: expected one of them' --every 10 --timer 10
refuses '--format json: expected text or markdown' --format json
refuses 'x: expected options, or -- in front of a program' x
refuses '--from: expected no option of a run beside it' --from . --sizes 1
refuses '--from: expected no option of a run beside it' --from . -- ./program
refuses '--sizes, --every, --timer, --csv and --plots: expected no program' --sizes 1 -- ./program
refusal './plan.json:1: cannot be read (No such file or directory); expected a JSON file' \
	"$epml" xen run --from .
echo '{"figures": [{"kind": "cost", "name": "x", "source": "y", "sizes": [1], "values": []}]}' \
	> bad.json
refusal 'bad.json:1: "values": expected as many values as there are sizes' \
	"$epml" xen run --published bad.json
refusal './costs.json:1: cannot be read (No such file or directory); expected a JSON file' \
	"$epml" xen run --costs ./costs.json

hint='run "make bochs-timing"'
refusal "epml xen run: /dev/null/bochs is missing; $hint" \
	env EPML_BOCHS_TIMING=/dev/null/bochs "$epml" xen run -o kept
[ ! -e kept ]
result "nothing is left of a run that was refused"

# ---- Records ------------------------------------------------------------------------------------

# record MISSED PROFILE: base line and epml at 10 MB; 2 rounds of 1000 cycles and of 4000, an array
# that takes 500 to make; so many pages were missed.
record() {
	mkdir -p records
	cat > records/plan.json <<-JSON
		{"rounds": 2, "sizes": [10], "techniques": ["epml"], "profiles": ["$2"]}
	JSON
	"${PYTHON:-python3}" - "$1" > "records/$2.lines" <<-'PY'
		import json, sys
		cycles = dict(tsc_khz=1000, made=500, tracked=0, tracker=0)
		names = ('syscalls faults entries duplicates foreign lost overflows lookups '
		         'notifications switches spills calls vmaccesses').split()
		phases = ('setup', 'tracked', 'collect', 'rearm', 'stop')
		print(json.dumps(dict(cycles, run='alone', mb=10, outcome='ok', written=2000,
		                      elapsed=2000, phases=dict(alone=1))))
		print(json.dumps(dict(cycles, run='epml', mb=10, outcome='ok',
		                      phases={p: i + 2 for i, p in enumerate(phases)},
		                      written=3000, elapsed=8000, setup=1, stop=1, rounds=6,
		                      dirty=9000, reported=9000 - int(sys.argv[1]),
		                      missed=int(sys.argv[1]), spurious=0,
		                      **{n: 0 for n in names})))
		print(json.dumps(dict(run='end', runs=2)))
	PY
}

# says STATUS "TEXT": "run --from records" ends with this status and prints the text.
says() {
	run --from records > out 2> err
	[ $? -eq "$1" ] && [ ! -s err ] && grep -qF -- "$2" out
	result "$2"
}

record 0 hardened
says 0 'Under `hardened`, every technique that ran reported exactly the pages'
# (500 + 4000) / (500 + 1000)
says 0 'Slowdown under `hardened`: `epml`: 3.00 at 10 MB (published 1.04)'
record 1 hardened
says 1 'Under `hardened`, `epml` missed 1 of 9000 pages'
says 1 'PAGES MISSED'
rm -r records
record 1 published
says 0 'missed by design'
sed -i 2d records/published.lines
says 1 'no result: the guest ended before'

record 0 hardened
run --from records --csv rows.csv --format markdown > out &&
	[ "$(wc -l < rows.csv)" -eq 3 ] &&
	grep -q '^hardened,epml,10,ok,1000,500,3000,8000,' rows.csv
result "CSV"
grep -qx '| hardened | epml | 10 | 9000 | 0 | 0 | 3.00 | 1.04 | 4.00 | 0.6 | 0.0 |  |' out
result "Markdown"

if command -v gnuplot > gnuplot.path; then
	run --from records --plots plots > out &&
		"${PYTHON:-python3}" -c 'import sys, xml.dom.minidom
for name in sys.argv[1:]:
	xml.dom.minidom.parse(name)' plots/slowdown-hardened.svg plots/parts-hardened.svg \
			plots/overhead-hardened.svg
	result "plots"
else
	skip "plots" "gnuplot is missing"
fi

if "${PYTHON:-python3}" -c 'import jsonschema' 2> err; then
	"${PYTHON:-python3}" - "$top/hv-shim/experiment/published-tracking" <<-'PY'
		import json, jsonschema, sys
		jsonschema.validate(json.load(open(sys.argv[1] + '.json')),
		                    json.load(open(sys.argv[1] + '.schema.json')))
	PY
	result "the published figures fit their schema"
else
	skip "the published figures fit their schema" "python3-jsonschema is missing"
fi

finish
