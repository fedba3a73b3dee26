#!/bin/sh
# SPDX-License-Identifier: BSD-2-Clause
#
# The quick part of the proofs: what "make prove" refuses, that the model has no state which the
# proofs do not know of, and one proof with its two faults. "make prove" makes all proofs.
set -u

top=${abs_srcdir:-$(cd "$(dirname "$0")/../../.." && pwd)}
. "$top/scripts/tap.sh"
python=${PYTHON:-python3}
proofs=$top/cpu-model/proofs

command -v "$python" >/dev/null || skip_all "$python is missing: nothing is proved"

# ---- The data ------------------------------------------------------------------------------

# A tree with what the proofs read; the files below proofs/ can be changed.
mkdir -p "$dir/tree/cpu-model" "$dir/tree/testvectors"
ln -s "$top/vmcs-spec" "$dir/tree"
ln -s "$top/testvectors/vectors" "$dir/tree/testvectors"
ln -s "$top/cpu-model/lib" "$top/cpu-model/include" "$dir/tree/cpu-model"
cp -R "$proofs" "$dir/tree/cpu-model/proofs"
changed=$dir/tree/cpu-model/proofs

# refused SED-SCRIPT "LINE": designs.json with this change is refused with this line.
refused() {
	sed "$1" "$proofs/designs.json" >"$changed/designs.json"
	refusal "cpu-model/proofs/designs.json: $2" "$python" "$proofs/designs.py" "$dir/tree"
}
refused 's,properties/option-drop,properties/nothing,' \
	"hardened full=drop, P1: there is no vector properties/nothing"
refused 's,properties/option-drop,properties/p1-full-masked,' \
	"hardened full=drop, P1: the vector properties/p1-full-masked does not run in this design"
refused 's,properties/p4-collect,properties/p2-vmread,' \
	"published, P4: the vector properties/p2-vmread does not name the property"
refused 's/"full": \["exit", "ve"\]/"full": ["exit"]/' \
	"hardened full=ve, P1: expected either a proof or a vector, found neither"
refused 's/, "full": \["exit", "ve"\]//' \
	"hardened full=drop, P1: expected either a proof or a vector, found both"
refused 's/"full": "drop"/"full": "drip"/' "full = drip is not a parameter and its value"
cp "$proofs/designs.json" "$changed/designs.json"

# Anything that the model kept from one step to the next would be unknown to the proofs.
# (Names with two underscores are those of compilers that count or check.)
objdump -t "$build/cpu-model/lib/libepml.a" >"$dir/symbols" && [ -s "$dir/symbols" ] &&
	! grep -E '[[:space:]]O[[:space:]]+(\.data|\.bss|\*COM\*)' "$dir/symbols" |
	grep -v -e '\.data\.rel\.ro' -e ' __'
result "the model has no variables of its own"

# ---- The tool ------------------------------------------------------------------------------

mkdir "$dir/empty"
sh=$(command -v sh)
echo wrong | tee "$dir/empty/cbmc_5.12-5_amd64.deb" >"$dir/empty/minisat_1%3a2.2.1-5+b3_amd64.deb"
DISTFILES=$dir/empty "$sh" "$proofs/fetch-cbmc.sh" "$dir/cache" >"$dir/out" 2>"$dir/err"
[ $? -eq 2 ] && [ ! -s "$dir/out" ] && [ -z "$(ls "$dir/cache")" ] &&
	grep -q '^fetch-cbmc: .*: not the expected package, whose sha256 is ' "$dir/err"
result "a package with a wrong hash is refused, and nothing is kept"

cache=$(sed -n 's/^CACHE_DIR = //p' "$build/Makefile" 2>/dev/null)
if ! cbmc=$("$sh" "$proofs/fetch-cbmc.sh" "${cache:-$dir/cache}" 2>"$dir/err"); then
	skip "proofs" "$(tail -n 1 "$dir/err")"
	finish
	exit
fi

prove() {
	"$python" "$proofs/prove.py" "$@"
}
sed 's/"return pte_dirty;"/"return nothing;"/' "$proofs/mutants.json" >"$changed/mutants.json"
refusal "prove: gpml.c: 0 places with 'return nothing;', expected 1" \
	prove --mutants "$dir/tree" "$build/vmcs-spec" "$cbmc"
refusal "prove: there is no P6; expected one of P1 P2 P3 P4 P5 fails holds p1_no_lost_page \
p2_no_hpa p3_confinement p4_rearm p5_no_spurious spp_no_denied_write spp_walk walk" \
	prove "$top" "$build/vmcs-spec" "$cbmc" P6

prove "$top" "$build/vmcs-spec" "$cbmc" walk spp_walk >"$dir/out" 2>&1
result "walks of EPT and of the SPPT are the paths of the other proofs" ||
	sed 's/^/# /' "$dir/out"
prove --mutants "$top" "$build/vmcs-spec" "$cbmc" walk spp_walk >"$dir/out" 2>&1
result "and faults in them are found" || sed 's/^/# /' "$dir/out"

# The proof must also fail where it ought to, and say so.
sed 's/n_reads == from/n_reads != from/' "$proofs/walk.c" >"$changed/walk.c"
prove "$dir/tree" "$build/vmcs-spec" "$cbmc" walk >"$dir/out" 2>&1
[ $? -eq 1 ] && grep -q 'NOT PROVED: 1: one read for each entry' "$dir/out" &&
	[ "$(tail -n 1 "$dir/out")" = "0 passed, 1 failed" ]
result "a claim that does not hold is a failure"
sed 's/example(end ==/assume(false); &/' "$proofs/walk.c" >"$changed/walk.c"
prove "$dir/tree" "$build/vmcs-spec" "$cbmc" walk >"$dir/out" 2>&1
[ $? -eq 1 ] && grep -q 'NOT PROVED: the example is impossible' "$dir/out"
result "assumptions that contradict each other are a failure"

finish
