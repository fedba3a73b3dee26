#!/bin/sh
# SPDX-License-Identifier: BSD-2-Clause
#
# The micro-operations on Bochs: each phase of the ROM holds the events that its operation must
# cause, and no more; two runs are identical; the table, and bad input.
set -u

top=${abs_srcdir:-$(cd "$(dirname "$0")/../../.." && pwd)}
. "$top/scripts/tap.sh"
cd "$dir" || exit 99
published=$top/cpu-model/timing/published.json

micro() {
	"$epml" timing micro "$@"
}

# ---- Bad input, without Bochs -------------------------------------------------------------------

refusal 'epml timing micro: x: expected no file' "$epml" timing micro x
refusal 'epml timing micro: --mode off: expected full or events' "$epml" timing micro --mode off
refusal 'epml timing micro: --profile x: expected published or hardened' \
	"$epml" timing micro --profile x
refusal 'epml timing micro: -o and --mode are for a run, not for --from' \
	"$epml" timing micro --from . -o there
refusal './hardened.json:1: cannot be read (No such file or directory); expected a JSON file' \
	"$epml" timing micro --from .
hint='run "make bochs-timing" or set EPML_BOCHS_TIMING'
refusal "epml timing micro: /dev/null/bochs is missing; $hint" \
	env EPML_BOCHS_TIMING=/dev/null/bochs "$epml" timing micro

# refuses_figure "LINE" PYTHON: the statement spoils the figure "f".
refuses_figure() {
	"${PYTHON:-python3}" -c "
import json
p = json.load(open('$published'))
f = next(f for f in p['figures'] if f['operation'] == 'vmcall')
$2
json.dump(p, open('bad.json', 'w'))"
	refusal "bad.json:1: $1" "$epml" timing micro --from . --published bad.json
}
refuses_figure '"operation" is "vmcal"; expected one that "epml timing micro" prints' \
	'f["operation"] = "vmcal"'
refuses_figure '"value": expected a number above 0, up to 1000000000' 'f["value"] = -1'
refuses_figure '"value": expected a number above 0, up to 1000000000' 'del f["value"]'
refuses_figure '"unit": expected cycles or us' 'f["unit"] = "ns"'
mhz='"mhz": expected, for us only, the lowest and the highest clock, from 1 to 100000'
refuses_figure "$mhz" 'del f["mhz"]'
refuses_figure "$mhz" 'f["mhz"] = [4600, 1800]'
refuses_figure "$mhz" 'f["mhz"] = [0, 1800]'
refuses_figure "$mhz" 'f["unit"] = "cycles"'
refuses_figure '"source": expected a text of 1 to 199 characters' 'f["source"] = ""'
refuses_figure '"calibrates": expected a list of costs' 'f["calibrates"] = []'
refuses_figure '"exit" is not a cost; expected one that "epml timing --list costs" prints' \
	'f["calibrates"] = ["exit"]'
keys='operation, value, unit, mhz, source, holds or calibrates'
refuses_figure "unknown key \"us\"; expected $keys" 'f["us"] = 1'
refuses_figure 'expected a list "figures" of at most 64' 'p["figures"] = {}'

# ---- On Bochs -----------------------------------------------------------------------------------

# counts MODE DIR: the events of each phase, worked out by hand. An operation is done on each of
# 256 pages, or 1000 times; 2560 pages are more than the TLB holds.
counts() {
	"${PYTHON:-python3}" - "$top/guest-firmware/rom/micro/micro_ops.h" "$@" <<'PY'
import json, re, sys

header, mode, directory = sys.argv[1:]
names = re.findall(r"\bX\((\w+), (?:ROOT|GUEST),", open(header).read())
number = {name: i + 1 for i, name in enumerate(names)}
wrong = 0

def expect(run, phase, **counts):
    global wrong
    result = json.load(open(f"{directory}/{run}.json"))
    found = next((p["counts"] for p in result["cpus"][0]["phases"]
                  if p["id"] == number[phase]), {})
    for cost, count in counts.items():
        cost = cost.replace("_", "-")
        if found.get(cost, 0) != count:
            print(f"# {run}, {phase}: {found.get(cost, 0)} of {cost}, expected {count}")
            wrong += 1

for run, entry in ("hardened", "gpml_at_log"), ("published", "gpml_at_vmwrite"):
    for phase in "FAULT", "FAULT_ZERO", "G_FAULT", "G_FAULT_ZERO":
        expect(run, phase, exception_pf=256, iret=256, exit_exception=0, invlpg=0)
    for phase in "PROTECT", "G_PROTECT":
        expect(run, phase, exception_pf=256, iret=256, invlpg=256, exit_exception=0)
    expect(run, "CR3", cr3_flush=1000)
    expect(run, "G_CR3", cr3_flush=1000, exit_cr=0)
    expect(run, "VMREAD", vmread_root=1000)
    expect(run, "VMWRITE", vmwrite_root=1000)
    expect(run, "INVEPT", invept=1000)
    expect(run, "INVVPID", invvpid=1000)
    expect(run, "INVLPG", invlpg=256)
    expect(run, "EPT_FAULT", exit_ept_violation=256, entry=256)
    expect(run, "VMCALL", exit_vmcall=1000, entry=1000, vmread_root=3000, vmwrite_root=1000)
    expect(run, "VMREAD_SHADOW", vmread_shadow=1000, vmread_gpml=0, entry=0)
    expect(run, "VMWRITE_SHADOW", vmwrite_shadow=1000, vmwrite_gpml=0, entry=0)
    expect(run, "VMREAD_EXIT", exit_vmread=1000, entry=1000, vmread_shadow=0)
    expect(run, "VMWRITE_EXIT", exit_vmwrite=1000, entry=1000, vmwrite_shadow=0)
    expect(run, "VMREAD_GPML", vmread_gpml=1000, vmread_shadow=0, entry=0)
    expect(run, "VMWRITE_GPML", vmwrite_gpml=1000, vmwrite_shadow=0, entry=0)
    expect(run, "STORE", assist_dirty=0, assist_ept_dirty=0, pml_entry=0)
    expect(run, "STORE_CLEAN", assist_dirty=256, assist_ept_dirty=256, pml_entry=0, **{entry: 0})
    expect(run, "PML", assist_dirty=256, assist_ept_dirty=256, pml_entry=256, **{entry: 0})
    expect(run, "GPML", pml_entry=0, entry=0, self_ipi=0, **{entry: 256})
    expect(run, "PML_FULL", exit_pml_full=256, entry=256, pml_entry=256)
    expect(run, "NOTIFY", self_ipi=256, interrupt_virtual=256, iret=256, vmwrite_gpml=256,
           exit_interrupt=0, **{entry: 256})
    expect(run, "SPP_WALK", spp_start=256, entry=0)
    expect(run, "SPP_CACHED", spp_start=0, entry=0)
    expect(run, "SPP_DENY", exit_ept_violation=256, entry=256)
    expect(run, "SPP_DENY_VE", exception_ve=256, iret=256, exit_ept_violation=0)
    if mode == "full":
        expect(run, "WALK", walk_start=2560, ept_start=0)
        expect(run, "G_WALK", walk_start=2560)
        expect(run, "WALK_COLD", walk_start=256, walk_entry_memory=0)
        expect(run, "VMWRITE_ADDRESS", vmwrite_gpml=1000, walk_start=0,
               ept_start=1000 if run == "published" else 0)
        expect(run, "LOOP", insn_load=0, insn_store=0, walk_start=0)
expect("hardened", "GPML_FULL", exit_gpml_full=256, entry=256, gpml_at_log=256, gpml_drop=0)
expect("hardened-ve", "GPML_FULL", exception_ve=256, iret=256, entry=0, gpml_at_log=256)
expect("published", "GPML_FULL", gpml_drop=256, entry=0, exception_ve=0, gpml_at_vmwrite=0)
sys.exit(wrong != 0)
PY
}

for mode in events full; do
	kind=model
	[ $mode = events ] || kind=timing
	if [ ! -x "$build/bochs/$kind/bochs" ]; then
		skip "$mode mode" "no Bochs in $build/bochs/$kind"
		continue
	fi
	micro --mode $mode -o $mode.1 > table && micro --mode $mode -o $mode.2 > again
	result "$mode: the ROM does all operations"
	diff -r $mode.1 $mode.2 && diff table again
	result "$mode: two runs are identical"
	counts $mode $mode.1
	result "$mode: each operation causes the events that it must"
	micro --from $mode.1 | diff table -
	result "$mode: --from prints the same table"
	[ "$(grep -c ' calibrated ' table)" -eq 1 ] && grep -q '^vmcall .* calibrated ' table
	result "$mode: what is calibrated is marked"
	micro --from $mode.1 --profile published > out && grep -q '^gpml-full-drop ' out &&
		! grep -q '^gpml-full-exit ' out && grep -q '^vmcall ' out
	result "$mode: operations of one profile"
	micro --from $mode.1 --formulas > out &&
		[ "$(grep -cE '^(proc|spml|epml (published|hardened)) ' out)" -eq 8 ]
	result "$mode: --formulas has all techniques"
	micro --from $mode.1 --costs xeon-8480 > out 2> err && grep -q '^vmcall .* predicted ' out
	result "$mode: other prices"
	micro --from $mode.1 --format json > out &&
		"${PYTHON:-python3}" -c '
import json
rows = {r["operation"]: r for r in json.load(open("out"))}
assert all(r["low"] <= r["likely"] <= r["high"] for r in rows.values())
assert rows["walk-native"]["published_cycles"] == "36"
assert rows["vmcall"]["error"] == "+0"'
	result "$mode: --format json"
done

if [ -x "$build/bochs/stock/bochs" ]; then
	cat > bochsrc <<-END
		megs: 64
		romimage: file=$build/guest-firmware/rom/micro/micro.bin
		vgaromimage: file=/dev/null
		port_e9_hack: enabled=1
		cpu: model=corei7_icelake_u, count=1, ips=100000000
		error: action=ignore
		info: action=ignore
		panic: action=fatal
		display_library: nogui
		clock: sync=none
		log: log
	END
	timeout 60 "$build/bochs/stock/bochs" -q -f bochsrc < /dev/null 2> /dev/null > out
	grep -q '^! VM entry failed' out && ! grep -q '^Z ' out
	result "a processor without EPML is told"
fi

finish
