#!/bin/sh
# SPDX-License-Identifier: BSD-2-Clause
#
# epml and epml vectors: help, wrong options, and the four formats.
set -u

top=${abs_srcdir:-$(cd "$(dirname "$0")/../../.." && pwd)}
. "$top/scripts/tap.sh"
cd "$dir" || exit 99

"$epml" --help > out && grep -q '^  vectors ' out && grep -q '^  spec ' out
result "epml --help"
"$epml" --version | grep -q '^epml [0-9]'
result "epml --version"
"$epml" vectors --help > out && grep -q '^usage: epml vectors' out
result "epml vectors --help"
"$epml" > out 2> err
[ $? -eq 2 ] && [ ! -s out ] && grep -q '^usage' err
result "no command"

# refuses "LINE" ARGUMENT...
refuses() {
	line=$1
	shift
	refusal "$line" "$epml" "$@"
}
refuses 'epml: there is no command "vector"; "epml --help" lists them' vector
refuses 'epml vectors: --on qemu: expected model, bochs or stock' vectors --on model,qemu
refuses 'epml vectors: --on: expected model, bochs or stock' vectors --on ''
refuses 'epml vectors: --profile x: expected published, hardened or all' vectors --profile x
refuses 'epml vectors: --format xml: expected text, tap, junit or json' vectors --format xml
refuses 'epml vectors: --shard 3/2: expected I/N with I from 1 to N' vectors --shard 3/2
refuses 'epml vectors: --shard 1: expected I/N with I from 1 to N' vectors --shard 1
refuses 'epml vectors: -j 0: expected a number from 1 to 64' vectors -j 0
refuses 'epml vectors: no vector is selected' vectors --on model --filter nothing
refuses "epml vectors: --trace $dir/no/file: No such file or directory" \
	vectors --on model --filter pml/write-logs-gpa --trace "$dir/no/file"
refuses "epml vectors: unrecognized option '--frobnicate'" vectors --frobnicate

# Two vectors, one of which fails, with characters that XML must quote.
cat > two.json <<'JSON'
{"vectors": [
 {"id": "test/a", "title": "<&\">", "rules": ["PML-LOG-1"], "requires": "epml",
  "profiles": ["hardened"], "setup": {}, "steps": [{"vmcall": 1}],
  "expect": {"exits": [{"reason": "VMCALL"}]}},
 {"id": "test/b", "title": "T.", "rules": ["PML-LOG-1", "PML-LOG-2"], "requires": "epml",
  "profiles": ["hardened"], "params": {"full": "ve"}, "setup": {}, "steps": [{"vmcall": 1}],
  "expect": {}}
]}
JSON
two() {
	"$epml" vectors --on model --format "$1" two.json > out 2> err
	[ $? -eq 1 ] && [ ! -s err ]
}
difference='VM exit 0 is unexpected: reason 18 (VMCALL) in step 0, qualification 0H, GPA 0H, GVA 0H'

two text && diff - out <<END
FAIL test/b [hardened, full=ve on model] rules PML-LOG-1, PML-LOG-2: $difference
hardened on model: 1 of 2 passed
1 passed, 1 failed
END
result "text"

two tap && diff - out <<END
1..2
ok 1 - test/a [hardened on model]
not ok 2 - test/b [hardened, full=ve on model]
# $difference
END
result "TAP"

if command -v python3 > /dev/null; then
	two json && python3 - out <<-'PYTHON'
	import json, sys
	run = json.load(open(sys.argv[1]))
	assert (run["passed"], run["failed"]) == (1, 1)
	a, b = run["results"]
	assert a["title"] == '<&">' and a["status"] == "passed" and "text" not in a
	assert b["status"] == "failed" and b["params"]["full"] == "ve" and b["host"] == "model"
	PYTHON
	result "JSON"

	two junit && python3 - out <<-'PYTHON'
	import sys, xml.etree.ElementTree as tree
	root = tree.parse(sys.argv[1]).getroot()
	assert (root.get("tests"), root.get("failures")) == ("2", "1")
	a, b = root.iter("testcase")
	assert a.find("failure") is None and "reason 18" in b.find("failure").get("message")
	PYTHON
	result "JUnit"
fi

"$epml" vectors --on model --trace trace two.json > out
[ "$(grep -c '^# test/' trace)" -eq 2 ] && [ "$(wc -l < trace)" -gt 4 ]
result "trace"

# Every vector of the project, as fast as they go.
"$epml" vectors --on model > out
result "all vectors on the model"
echo "# $(tail -n 1 out)"
[ "$(ls "$top/testvectors/vectors" | sed 's/\.json$//')" = \
	"$(sed -n 's,.*vectors/\([a-z]*\)\.json.*,\1,p' "$top/testvectors/local.mk" | sort)" ]
result "testvectors/local.mk installs every vector file"
finish
