#!/bin/sh
# SPDX-License-Identifier: BSD-2-Clause
#
# epml spec coverage: nothing is missing; and in a copy of the sources, each thing that can be
# missing is found.
set -u

top=${abs_srcdir:-$(cd "$(dirname "$0")/../../.." && pwd)}
. "$top/scripts/tap.sh"
tree=$dir/tree

# A fresh copy of what the command reads.
fresh() {
	rm -rf "$tree"
	mkdir -p "$tree/cpu-model" "$tree/vmcs-spec" "$tree/testvectors"
	cp -r "$top/testvectors/vectors" "$tree/testvectors"
	cp "$top"/vmcs-spec/*.json "$tree/vmcs-spec"
	for part in include lib machine bochs tests; do
		cp -r "$top/cpu-model/$part" "$tree/cpu-model"
	done
	chmod -R u+w "$tree"
}

# run STATUS LINES: the exit status and the number of lines on standard error are as given.
run() {
	want=$1
	lines=$2
	shift 2
	"$epml" spec coverage --tree "$tree" "$@" >"$dir/out" 2>"$dir/err"
	[ $? -eq "$want" ] && [ "$(wc -l <"$dir/err")" -eq "$lines" ]
}

# finds FILE SED PATTERN NAME: after an edit of FILE, the only finding matches PATTERN.
finds() {
	fresh
	sed -i "$2" "$tree/$1"
	! cmp -s "$top/$1" "$tree/$1" && run 1 1 && grep -q "$3" "$dir/err"
	result "$4" || cat "$dir/err"
}

# ignores FILE SED NAME: an edit that is no finding.
ignores() {
	fresh
	sed -i "$2" "$tree/$1"
	! cmp -s "$top/$1" "$tree/$1" && run 0 0
	result "$3" || cat "$dir/err"
}

# refuses FILE SED PATTERN NAME: after an edit of FILE, it is bad input.
refuses() {
	fresh
	sed -i "$2" "$tree/$1"
	run 2 1 && grep -q "$3" "$dir/err"
	result "$4" || cat "$dir/err"
}

"$epml" spec coverage --tree "$top" >/dev/null
result "nothing is missing"
fresh
run 0 0
result "a copy of the sources"

vectors=testvectors/vectors
rules=vmcs-spec/rules.json
finds $vectors/gpml.json 's/"GPML-TRIG-4"/"GPML-TRIG-2"/' \
	'^vmcs-spec/rules.json:[0-9]*: GPML-TRIG-4 has no vector with hardened$' \
	"a rule without a vector in a profile"
finds $vectors/gpml.json 's/"GPML-FULL-4"/"GPML-FULL-3"/' \
	'GPML-FULL-4 has no vector with full=ve$' "a rule without a vector outside of the profiles"
finds $vectors/ept.json '0,/"EPT-WALK-1"/s//"EPT-WALK-1", "GPML-FULL-3"/' \
	"^$vectors/ept.json:[0-9]*: ept/[^ ]* names GPML-FULL-3, which holds in none" \
	"a vector that names a rule which does not hold"
finds $rules 's/physical_accesses/no_such_test/' \
	'^vmcs-spec/rules.json:[0-9]*: GPML-TRIG-5: there is no test .*:no_such_test$' \
	"evidence that does not exist"
finds cpu-model/tests/test_gpml.c 's/fx_test(physical_accesses),//' 'GPML-TRIG-5: there is no' \
	"evidence that does not run"

lib=cpu-model/lib
finds $lib/pml.c 's/index - 1;/index - 2;/' "^$lib/pml.c:[0-9]*: the statement at PML-LOG-3" \
	"a cited statement that has changed"
finds $lib/gwalk.c 's/set = EPML_PTE_ACCESSED;/set = EPML_PTE_DIRTY;/' \
	"^$lib/gwalk.c:[0-9]*: the statement at GWALK-1" "a cited function that has changed"
finds $lib/access.c 's:/\* PML-LOG-4 \*/::' \
	"^vmcs-spec/citations.json:[0-9]*: $lib/access.c does not cite PML-LOG-4 any more" \
	"a citation that is gone"

# The last citation of a rule: the rule has none, and the file has one that is gone.
fresh
sed -i 's:/\* EPT-AD-5 \*/::' "$tree/$lib/access.c"
run 1 2 && grep -q '^vmcs-spec/rules.json:[0-9]*: EPT-AD-5 is cited by no line' "$dir/err"
result "a rule without a citation" || cat "$dir/err"

finds $lib/pml.c 's:/\* PML-LOG-3 \*/:/* PML-LOG-3, PML-LOG-1 */:' 'a new line cites PML-LOG-1' \
	"a new citation"
finds $lib/pml.c 's:/\* PML-LOG-3 \*/:/* PML-LOG-3, PML-LOG-99 */:' 'there is no rule PML-LOG-99' \
	"a citation of an unknown rule"
ignores $lib/pml.c '/PML-LOG-3/s/^\t/\t\t  /' "another layout is no change"
ignores $lib/pml.c 's:/\* PML-LOG-3 \*/:/* one less, PML-LOG-3; see UTF-8 */:' \
	"other words in the comment are no change"

fresh
sed -i 's/index - 1;/index - 2;/' "$tree/$lib/pml.c"
run 0 0 --update && run 0 0
result "--update takes a change over"
cmp -s "$tree/vmcs-spec/citations.json" "$top/vmcs-spec/citations.json"
[ $? -eq 1 ]
result "... and writes the file"

# A proof appears with the rules and properties that it names.
fresh
mkdir "$tree/cpu-model/proofs"
printf '/* Proves: P1, PML-LOG-3 */\n' >"$tree/cpu-model/proofs/p1.c"
run 0 0 && grep -q '^PML-LOG-3 .*p1\.c.* lib/pml\.c:[0-9]' "$dir/out" &&
	grep -q '^P1 .*p1\.c' "$dir/out"
result "proofs"
run 0 0 --format json && grep -q '"GPML-TRIG-5"' "$dir/out" && grep -q '"file": ' "$dir/out"
result "JSON"
run 0 0 --format markdown && grep -q '^| GPML-TRIG-5 | - | tests |' "$dir/out"
result "Markdown"

refuses $vectors/ept.json 's/"EPT-WALK-1"/"EPT-WALK-77"/' '^.*ept.json:[0-9]*: .*EPT-WALK-77' \
	"a vector that names an unknown rule"
refuses $vectors/ept.json '0,/"rules": \[.*\]/s//"rules": []/' '^.*ept.json:[0-9]*: .*rule' \
	"a vector that names no rule"
refuses $rules 's/"EPT-WALK-1"/"EPT-WALK-77"/' 'rules.json:[0-9]*: .*newer' \
	"rules that are not those of the program"
refuses vmcs-spec/citations.json 's/"citations"/"c"/' 'citations.json:[0-9]*: ' \
	"another file as citations.json"
fresh
rm -r "$tree/cpu-model/lib"
run 2 1
result "no sources"
fresh
run 2 1 --format tabs
result "a bad option"
finish
