#!/bin/sh
# SPDX-License-Identifier: BSD-2-Clause
#
# docs/isa-extension.md agrees with what it describes: its tables are those that the programs
# print, it cites every rule and no others, and every "must" has one. The links of all pages lead
# somewhere, in Markdown and, if cmark-gfm is installed, in HTML.
set -u

top=${abs_srcdir:-$(cd "$(dirname "$0")/../.." && pwd)}
. "$top/scripts/tap.sh"
page=$top/docs/isa-extension.md
python=${PYTHON:-python3}

command -v "$python" >/dev/null || skip_all "$python is missing: pages are not checked"

pages() {
	"$python" "$top/docs/tests/pages.py" "$@"
}

# ---- Generated parts -----------------------------------------------------------------------

"$build/vmcs-spec/specgen" --document "$top/vmcs-spec" "$dir/spec.md" &&
	"$top/scripts/update-blocks" --check "$page" "$dir/spec.md"
result "encodings, parameters and rules are those of vmcs-spec"
"$build/cpu-model/tests/cost" >"$dir/cost.md" &&
	"$top/scripts/update-blocks" --check "$page" "$dir/cost.md"
result "memory accesses are those of the model"
"$python" "$top/cpu-model/proofs/designs.py" "$top" >"$dir/designs.md" &&
	"$top/scripts/update-blocks" --check "$page" "$dir/designs.md"
result "properties of the designs are those that make prove checks"

sed 's/0820H/0822H/' "$page" >"$dir/changed.md"
"$top/scripts/update-blocks" --check "$dir/changed.md" "$dir/spec.md" >"$dir/out"
[ $? -eq 1 ] && grep -q "^$dir/changed.md:[0-9]*: generated part is out of date" "$dir/out"
result "a table that was edited is found"
"$top/scripts/update-blocks" "$dir/changed.md" "$dir/spec.md"
! diff "$page" "$dir/changed.md" | grep -q '^[<>] |'
result "and made anew"
sed '/^<!-- end -->/d' "$page" >"$dir/changed.md"
"$top/scripts/update-blocks" "$dir/changed.md" "$dir/spec.md" 2>"$dir/out"
[ $? -eq 2 ] && [ "$(wc -l <"$dir/out")" -eq 1 ]
result "a part without an end is refused"

# ---- Rules, vectors, links -----------------------------------------------------------------

pages cited "$top" "$page"
result "every rule is cited"
pages known "$top" "$top"/*.md "$top"/docs/*.md
result "all rules and vectors that are named exist"
pages normative "$top" "$page"
result "every must and shall has a rule"
pages links "$top" "$top"/*.md "$top"/docs/*.md
result "all links between pages lead somewhere"

# spoilt CHECK SED-SCRIPT: the check finds what the script has changed.
spoilt() {
	sed "$2" "$page" >"$dir/changed.md"
	pages "$1" "$top" "$dir/changed.md" >"$dir/out"
	[ $? -eq 1 ] && [ "$(grep -c "^$dir/changed.md:[0-9]*: " "$dir/out")" -eq 1 ]
	result "found: $3"
}
spoilt cited 's/GPML-TRIG-3/GPML-TRIG-2/' "a rule that is cited in the appendix only"
spoilt known '/^## 2\./a See [GPML-LOG-99].' "an unknown rule"
spoilt known '/^## 2\./a See `gpml/no-such-vector`.' "an unknown vector"
spoilt normative '/^## 2\./a The processor must do this.' "a must without a rule"
spoilt links 's/(#appendix-a-rules)/(#appendix-b)/' "a link to a heading that is not there"

# ---- HTML ----------------------------------------------------------------------------------

if command -v cmark-gfm >/dev/null; then
	"$python" "$top/docs/make-html.py" "$top" "$dir/html" "$top"/docs/*.md
	result "HTML pages are made, and all their links lead somewhere"
	grep -q 'href="isa-extension.html#GPML-LOG-1"' "$dir/html/vectors.html" &&
		grep -q 'href="vectors.html#by-GPML-LOG-1"' "$dir/html/isa-extension.html"
	result "rules and vectors link to each other"
else
	echo "# no cmark-gfm: HTML pages are not checked"
fi

finish
