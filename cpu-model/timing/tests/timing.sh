#!/bin/sh
# SPDX-License-Identifier: BSD-2-Clause
#
# epml timing: traces whose cycles are worked out by hand, tables, comparison, and bad input.
set -u

top=${abs_srcdir:-$(cd "$(dirname "$0")/../../.." && pwd)}
. "$top/scripts/tap.sh"
cd "$dir" || exit 99
costs=$top/cpu-model/timing/costs

timing() {
	"$epml" timing "$@"
}

# small FILE [COST=LIKELY]...: a processor on which each cost is 0 but for these. No paging-
# structure caches; L1 and the first-level TLBs are those of the i7-8565U.
small() {
	"${PYTHON:-python3}" - "$costs/i7-8565u.json" "$@" <<'PY'
import json, sys
costs = json.load(open(sys.argv[1]))
costs["name"] = "small"
for cost in costs["costs"].values():
    cost.update(low=0, likely=0, high=0)
for word in sys.argv[3:]:
    name, cycles = word.split("=")
    costs["costs"][name].update(low=float(cycles) / 2, likely=float(cycles),
                                high=float(cycles) * 2)
json.dump(costs, open(sys.argv[2], "w"), indent=1)
PY
}

# A loop that sums up 64 KByte: 1024 lines of 64 bytes, each read 8 times, in 16 pages.
cat > loop.trace <<'END'
tables 0x10000
map 0x1000 0x400000 0x800000
map 0x1000 0x401000 0x801000
map 0x1000 0x402000 0x802000
map 0x1000 0x403000 0x803000
map 0x1000 0x404000 0x804000
map 0x1000 0x405000 0x805000
map 0x1000 0x406000 0x806000
map 0x1000 0x407000 0x807000
map 0x1000 0x408000 0x808000
map 0x1000 0x409000 0x809000
map 0x1000 0x40a000 0x80a000
map 0x1000 0x40b000 0x80b000
map 0x1000 0x40c000 0x80c000
map 0x1000 0x40d000 0x80d000
map 0x1000 0x40e000 0x80e000
map 0x1000 0x40f000 0x80f000
context 4level 0x1000
phase 1 sum			# cold: L1D has 512 lines, L2 4096, the TLB 64 pages
repeat 8192
  i insn-load			# one of them a cycle
  r 0x400000+8 0x800000+8 8
end
phase 2 again
repeat 8192
  i insn-load
  r 0x400000+8 0x800000+8 8
end
END

# By hand, cold: 8192 loads of 0.5 cycles; 1024 lines from memory, the rest from L1; 16 walks, with
# 4 entries for the first and 1 for each of the others, as the PDE is cached. The PTEs are 16 x 8
# bytes, two lines; the upper three entries are a line each.
# Again: no walk; the array is twice as large as L1D, so that LRU keeps nothing of it: L2 has it.
small loop.json insn-load=0.5 read-l1=1 read-l2=10 read-memory=100 walk-start=20 \
	walk-entry-memory=1000 walk-entry-l1=3 walk-entry-l2=7
timing --replay --costs ./loop.json --by all --format json -o result.json loop.trace
timing --by all --format json result.json > out &&
	"${PYTHON:-python3}" - <<'PY'
import json
rows = {(r["phase"], r["cause"]): r["likely"] for r in json.load(open("out"))}
assert rows["sum", "instructions"] == 8192 * 500, rows
assert rows["sum", "data cache"] == (1024 * 100 + 7168) * 1000, rows
# 3 upper entries and 2 lines of PTEs from memory. The other 14 PTEs are in a line last used 64
# lines of the array before: still in L1D, whose 64 sets each get one of those.
assert rows["sum", "page walk"] == (16 * 20 + 5 * 1000 + 14 * 3) * 1000, rows
assert rows["again", "instructions"] == 8192 * 500, rows
assert rows["again", "data cache"] == (1024 * 10 + 7168) * 1000, rows
assert ("again", "page walk") not in rows, rows
PY
result "a known loop takes the cycles worked out by hand"

# In two dimensions, without any cache of structures: 24 entries.
cat > nested.trace <<'END'
tables 0x10000
map 0x1000 0x400000 0x5000
tables 0x20000
ept-map 0x2000 0x1000 0x1000
ept-map 0x2000 0x5000 0x5000
ept-map 0x2000 0x10000 0x10000
ept-map 0x2000 0x11000 0x11000
ept-map 0x2000 0x12000 0x12000
context 4level 0x1000 0x2000 0 1
r 0x400000 0x5000 8
END
cat > bare.json <<'END'
{ "name": "bare", "base": "i7-8565u.json", "geometry": {
  "pde-cache": {"entries": 0, "ways": 1, "source": "test", "status": "estimated"},
  "pdpte-cache": {"entries": 0, "ways": 1, "source": "test", "status": "estimated"},
  "pml4e-cache": {"entries": 0, "ways": 1, "source": "test", "status": "estimated"},
  "ept-pde-cache": {"entries": 0, "ways": 1, "source": "test", "status": "estimated"},
  "ept-pdpte-cache": {"entries": 0, "ways": 1, "source": "test", "status": "estimated"},
  "ept-pml4e-cache": {"entries": 0, "ways": 1, "source": "test", "status": "estimated"},
  "nested-tlb": {"entries": 0, "ways": 1, "source": "test", "status": "estimated"}
} }
END
cp "$costs/i7-8565u.json" .
timing --replay --costs ./bare.json --by cost --format json nested.trace > out &&
	"${PYTHON:-python3}" - <<'PY'
import json
n = {r["cost"]: r["count"] for r in json.load(open("out"))}
assert sum(n.get("walk-entry-" + l, 0) for l in ("l1", "l2", "llc", "memory")) == 4, n
assert sum(n.get("ept-entry-" + l, 0) for l in ("l1", "l2", "llc", "memory")) == 20, n
PY
result "a walk in two dimensions reads 24 entries; a costs file changes its base"

timing --replay -o a.json loop.trace && timing --replay -o b.json loop.trace &&
	cmp a.json b.json
result "two runs are identical, bit for bit"

# ---- Every cost by its name -------------------------------------------------------------------

# Each cost once for its number in the list; then one cycle more for each of them in turn.
timing --list costs --format json > costs.json
cat > each.py <<'PY'
import json, subprocess, sys
epml, base = sys.argv[1:]
names = [c["cost"] for c in json.load(open("costs.json"))]
with open("each.trace", "w") as f:
    for n, name in enumerate(names, 1):
        f.write(f"e {name} {n}\n")
def total(costs):
    rows = json.loads(subprocess.check_output(
        [epml, "timing", "--costs", costs, "--format", "json", "each.json"]))
    return [sum(r[k] for r in rows) for k in ("low", "likely", "high")]
subprocess.check_call([epml, "timing", "--replay", "-o", "each.json", "each.trace"])
before = total(base)
source = json.load(open(base))
for n, name in enumerate(names, 1):
    source["costs"][name]["high"] += 2
    source["costs"][name]["likely"] += 1
    json.dump(source, open("changed.json", "w"))
    after = total("./changed.json")
    source["costs"][name]["high"] -= 2
    source["costs"][name]["likely"] -= 1
    assert [a - b for a, b in zip(after, before)] == [0, 1000 * n, 2000 * n], (name, before, after)
PY
"${PYTHON:-python3}" each.py "$epml" "$costs/i7-8565u.json"
result "each cost changes exactly the cycles that it should"

"${PYTHON:-python3}" - <<'PY'
import json
r = json.load(open("each.json"))
prices = r["prices"]
total = [0, 0, 0]
for cpu in r["cpus"]:
    cpu_total = 0
    for phase in cpu["phases"]:
        for name, n in phase["counts"].items():
            for i in range(3):
                total[i] += n * prices[name][i]
            cpu_total += n * prices[name][1]
    assert cpu_total + cpu["idle"] == cpu["clock"]
assert total == r["total"]
PY
result "the sum of the causes is the total, and the clock"

# ---- Tables -----------------------------------------------------------------------------------

timing --by phase a.json > out && grep -q '^sum ' out && grep -q '^Cycles: ' out &&
	grep -q 'of the cycles published' out
result "text"
timing --by cost --format markdown a.json > out && grep -q '^| insn-load | published | 16384 |' out
result "Markdown"
timing --list costs --costs xeon-8480 > out && grep -q '^pml-entry ' out
result "--list costs"
timing --list processors > out && grep -q '^i7-8565u ' out && grep -q '^xeon-8480 ' out
result "--list processors"
cat > recalled.json <<EOF
{ "name": "recalled", "base": "i7-8565u.json", "costs": {
  "insn-load": {"low": 0.5, "likely": 0.5, "high": 1, "unit": "cycles", "source": "test",
    "status": "recalled"} } }
EOF
timing --list costs --costs ./recalled.json > out && grep -q '^insn-load .* recalled ' out &&
	timing --by cost --costs ./recalled.json --format markdown a.json > out &&
	grep -q '^| insn-load | recalled | 16384 |' out &&
	timing --by phase --costs ./recalled.json a.json > out &&
	grep -q 'of the cycles .*recalled' out
result "what was recalled, and not looked up, is said to be"
timing --list processors --format json > processors.json &&
	"${PYTHON:-python3}" - "$top" processors.json <<'PY'
import json, sys

top = sys.argv[1]
order = "published", "recalled", "calibrated", "estimated"
document = open(top + "/docs/timing.md").read()
listed = {p["name"]: p for p in json.load(open(sys.argv[2]))}
for name in "i7-8565u", "xeon-8480":
    processor = json.load(open(f"{top}/cpu-model/timing/costs/{name}.json"))
    for part in "costs", "geometry":
        status = [one["status"] for one in processor[part].values()]
        count = [status.count(s) for s in order]
        assert sum(count) == len(status), name
        row = f"| {name}, {part} | " + " | ".join(map(str, count)) + " |"
        assert row in document, f"docs/timing.md lacks: {row}"
        if part == "costs":
            assert count == [int(listed[name][s]) for s in order], name
PY
result "how many numbers are of which status, as docs/timing.md says"

cat > more.trace <<'END'
i insn-simple 10
exit 48
entry
e vmread-gpml 3
END
cat > less.trace <<'END'
i insn-simple 30
e vmread-gpml 3
END
small diff.json insn-simple=1 exit-ept-violation=1000 entry=500 vmread-gpml=40
timing --replay --costs ./diff.json -o more.json more.trace &&
	timing --replay --costs ./diff.json -o less.json less.trace &&
	timing --diff less.json more.json > out && diff - out <<'END'
what          A    B     B - A  low   high
instructions  30   10    -20    -40   -10
vm exit       0    1000  +1000  +500  +2000
vm entry      0    500   +500   +250  +1000
vmcs access   120  120   0      0     0
total         150  1630  +1480  +710  +2990
END
result "--diff"

timing --replay --timeline line.json -o a.json more.trace &&
	"${PYTHON:-python3}" - <<'PY'
import json
events = json.load(open("line.json"))["traceEvents"]
for track in {e["tid"] for e in events}:
    kinds = "".join(e["ph"] for e in events if e["tid"] == track and e["ph"] in "BE")
    assert kinds == "BE" * (len(kinds) // 2), kinds
assert any(e.get("name") == "exit-ept-violation" for e in events)
PY
result "--timeline: what begins also ends"

if command -v gnuplot >/dev/null; then
	timing --plot plot.svg result.json > /dev/null && grep -q '<svg' plot.svg &&
		grep -q 'page walk' plot.svg
	result "--plot"
else
	skip "--plot" "gnuplot is missing"
fi

cat > technique.trace <<'END'
phase 1 alone
i insn-simple 1000
phase 2 tracked
i insn-simple 1000
repeat 4
exit 62
entry
end
e dtlb-stlb 50
e invlpg 1
phase 3 processing
i insn-simple 100
phase 4 reverse-mapping
i insn-simple 900
phase 5 re-arm
i insn-simple 200
END
small formula.json insn-simple=1 exit-pml-full=700 entry=300 dtlb-stlb=10 invlpg=20
timing --replay --costs ./formula.json -o technique.json technique.trace &&
	timing --formulas spml technique.json | sed '1d; s/  *$//; s/   */ | /g' > out &&
	diff - out <<'END'
spml | 1 tracker | 1000 | 1200 | 83.33 | 100.00 | phase re-arm: 200
spml | 3 tracked with tracker | 6000 | 6720 | 89.29 | 99.70 | tlb: 500, phase re-arm: 200
END
result "--formulas"

# ---- docs/timing.md ---------------------------------------------------------------------------

page=$top/docs/timing.md
# shellcheck disable=SC2016  # the backquotes are Markdown's
sed -n '/^```trace$/,/^```$/p' "$page" | sed '1d;$d' > page.trace
timing --replay --by all page.trace > out && grep -q '^touch .*guest log ' out &&
	grep -q '^collect .*vm exit ' out
result "the trace of docs/timing.md"
# shellcheck disable=SC2016
sed -n '/^```json$/,/^```$/p' "$page" | sed '1d;$d' > page.json
timing --list costs --costs ./page.json > out && grep -q '^gpml-at-log .* 50 *100 *400 ' out
result "the costs file of docs/timing.md"
sed -n 's/^\t{ "\([a-z0-9-]*\)", .*/\1/p' "$top/cpu-model/timing/replay.c" > verbs
while read -r verb; do
	grep -q "^|.*\`${verb}[ \`]" "$page" || echo "$verb"
done < verbs > out
grep -q '^gpml$' verbs && [ ! -s out ]
result "docs/timing.md has all verbs"

# ---- Bad input --------------------------------------------------------------------------------

# refuses_costs "LINE" PYTHON: the statement spoils the costs "c" of a good file.
refuses_costs() {
	"${PYTHON:-python3}" -c "
import json
c = json.load(open('$costs/i7-8565u.json'))
$2
json.dump(c, open('bad.json', 'w'))"
	refusal "./bad.json:1: $1" "$epml" timing --list costs --costs ./bad.json
}
refuses_costs 'entry: "likely" is not a cost; expected cycles from 0 to 1000000' \
	'c["costs"]["entry"]["likely"] = -1'
refuses_costs 'entry: "high" is not a cost; expected cycles from 0 to 1000000' \
	'c["costs"]["entry"]["high"] = 2e6'
refuses_costs 'entry: "low" is not a cost; expected cycles from 0 to 1000000' \
	'del c["costs"]["entry"]["low"]'
refuses_costs 'entry: expected low <= likely <= high' 'c["costs"]["entry"]["low"] = 1000'
refuses_costs 'entry: "low" is 0.0001; expected at most three decimals' \
	'c["costs"]["entry"]["low"] = 0.0001'
refuses_costs 'entry: "unit" is "ns"; expected cycles' 'c["costs"]["entry"]["unit"] = "ns"'
refuses_costs 'entry: "source" is missing; expected where the numbers come from' \
	'del c["costs"]["entry"]["source"]'
statuses='published, measured, estimated, calibrated or recalled'
refuses_costs "entry: \"status\" is \"sure\"; expected $statuses" \
	'c["costs"]["entry"]["status"] = "sure"'
refuses_costs 'there is no cost "entyr"; "epml timing --list costs" prints all' \
	'c["costs"]["entyr"] = c["costs"]["entry"]'
every='expected every cost that "epml timing --list costs" prints'
refuses_costs "the cost \"entry\" is missing; $every" 'del c["costs"]["entry"]'
refuses_costs \
	'the structure "llc" is missing in "geometry"; expected its size, which may be 0' \
	'del c["geometry"]["llc"]'
refuses_costs 'l2: its size is not a number of whole sets of 3 ways; expected one that is' \
	'c["geometry"]["l2"]["ways"] = 3'
refuses_costs '"frequency_mhz" is not a frequency; expected a number from 1 to 100000' \
	'c["frequency_mhz"] = 0'
refuses_costs 'unknown key "cots"; expected one of name, base, ...' 'c["cots"] = {}'

# refuses_trace N "LINE" TEXT: the trace with this text is refused at line N.
refuses_trace() {
	printf '%b' "$3" > bad.trace
	refusal "bad.trace:$1: $2" "$epml" timing --replay bad.trace
}
refuses_trace 2 'there is no verb "g"; expected one of docs/timing.md' 'flush\ng 1\n'
refuses_trace 1 'there is no event "vmraed"; "epml timing --list costs" prints all' 'e vmraed\n'
refuses_trace 1 '"-4" is not a number; expected NUMBER or NUMBER+STEP' 'n -4\n'
refuses_trace 1 '"0x1000+" is not a number; expected NUMBER or NUMBER+STEP' 'r 0x1000+\n'
refuses_trace 1 'r: too few arguments; expected LIN [PHYS [SIZE]]' 'r\n'
refuses_trace 1 'r: too many arguments; expected LIN [PHYS [SIZE]]' 'r 1 1 1 1\n'
context='off|32bit|pae|4level [CR3 [EPTP [PCID [VPID]]]]'
refuses_trace 1 "context: there is no \"5level\"; expected $context" 'context 5level\n'
refuses_trace 3 'end: there is no repeat that it ends' 'repeat 2\nend\nend\n'
refuses_trace 2 'repeat: there is no end' '# loop\nrepeat 2\ni insn-simple\n'
refuses_trace 1 'repeat: expected 1 to 1000000000 turns' 'repeat 0\nend\n'
crosses='expected an access of 1 to 4096 bytes that does not cross a page'
refuses_trace 1 'expected a phase from 0 to 255' 'phase 256\n'
refuses_trace 1 'expected a name of printable ASCII characters' 'phase 1 \377\n'
refuses_trace 1 'expected a type from 0 to 3' 'invpcid 4\n'
refuses_trace 1 'expected at most 1000000000000 at a time' 'n 1000000000001\n'
refuses_trace 1 'expected a cycle up to 1000000000000000' 'idle 0xffffffffffffffff\n'
refuses_trace 2 "$crosses" 'i insn-load\nr 0xffc 0xffc 8\n'
[ ! -e bad.out ] && ! timing --replay -o bad.out bad.trace 2> /dev/null && [ ! -e bad.out ]
result "a refused trace leaves no file"

sed 's/"walk-start": 16/"walk-start": 17/' result.json > bad.json
timing bad.json 2> err
[ $? -eq 2 ] && grep -q '^bad.json:[0-9]*: the counters give .* expected "clock" less "idle"' err
result "a result whose sums do not agree is refused"

# refuses "LINE" ARGUMENT...
refuses() {
	line=$1
	shift
	refusal "epml timing: $line" "$epml" timing "$@"
}
refusal 'none.json:1: cannot be read (No such file or directory); expected a JSON file' \
	"$epml" timing none.json
refuses '--costs i9: expected a file, or a name that "epml timing --list processors" prints' \
	--costs i9 result.json
refuses 'expected 1 file, 0 were given'
refuses 'expected 2 files, 1 were given' --diff a.json
refuses '--diff: more.json and result.json have different prices; expected --costs, for both' \
	--diff more.json result.json
refuses '--by what: expected cause, phase, cost or all' --by what a.json
refuses '--diff: expected --by cause or cost' --diff --by phase more.json less.json
refuses '--mode fast: expected full or events' --mode fast --replay loop.trace
refuses '-o, --timeline and --mode are for --replay' -o x a.json
refuses '--formulas epm: expected proc, spml or epml' --formulas epm a.json
refuses '--formulas: the run has no phase "alone"' --formulas epml a.json
refuses '--plot a.gif: expected a name that ends with .svg or .png' --plot a.gif result.json
refuses '--diff, --formulas, --replay and --list: expected one of them' --diff --replay a b
refuses '-o no/file: No such file or directory' --replay -o no/file loop.trace

finish
