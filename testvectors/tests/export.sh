#!/bin/sh
# SPDX-License-Identifier: BSD-2-Clause
#
# epml vectors export: the three formats to the letter, all vectors of the project in each of them,
# the replay of the C form, and what is refused. Where the layout changes on purpose, docs/export.md
# and EXPORT_VERSION change too.
set -u

top=${abs_srcdir:-$(cd "$(dirname "$0")/../.." && pwd)}
. "$top/scripts/tap.sh"
expected=$top/testvectors/tests/export
cd "$dir" || exit 99

"$epml" vectors --on model "$expected/vectors.json" >out
result "the vectors of this test pass"

"$epml" vectors export --format json "$expected/vectors.json" | diff "$expected/json.expected" -
result "json, to the letter"
for format in c hex; do
	"$epml" vectors export --format $format --filter export/rest "$expected/vectors.json" |
		diff "$expected/$format.expected" -
	result "$format, to the letter"
done

# Everything, in files.
"$epml" vectors export --format hex -o all.hex &&
	[ "$(grep -vc '^//' all.hex)" -eq "$((0x$(sed -n '4s/ .*//p' all.hex)))" ] &&
	[ "$(grep -c '^//' all.hex)" -eq "$((0x$(sed -n '3s/ .*//p' all.hex)))" ]
result "hex: the counts of words and vectors are right"
if command -v python3 >/dev/null; then
	"$epml" vectors export --format json -o all.json && python3 - <<-'PYTHON'
	import json
	root = json.load(open("all.json"))
	assert root["format"] == "epml-vectors" and root["version"] == 1
	count = open("all.hex").read().split("\n")[2]
	assert len(root["vectors"]) == int(count.split()[0], 16)
	keys = ["id", "title", "rules", "properties", "requires", "profile", "params", "setup",
	        "steps", "expect"]
	assert all(list(v) == keys for v in root["vectors"])
	PYTHON
	result "json: readable, with as many vectors as hex"
fi
"$epml" vectors export --format c --profile hardened -o vectors.h &&
	${CC:-cc} -std=c99 -pedantic -Wall -Werror -I. -o replay \
		"$top/testvectors/examples/c/replay.c" &&
	./replay >out && grep -q '^[1-9][0-9]* passed, 0 failed' out
result "c: compiles without warnings, and a model of another author passes" || cat out
sed 's/m->index--/m->index -= 2/' "$top/testvectors/examples/c/replay.c" >wrong.c
${CC:-cc} -I. -o wrong wrong.c && ! ./wrong >out && grep -q '^FAIL gpml/.*GPML-LOG-2' out
result "c: a model with a mistake fails, and the rule is named" || cat out

# refuses "LINE" ARGUMENT...
refuses() {
	line=$1
	shift
	refusal "$line" "$epml" vectors export "$@"
}
refuses 'epml vectors export: --format is missing: expected json, c or hex'
refuses 'epml vectors export: --format xml: expected json, c or hex' --format xml
refuses 'epml vectors export: --profile x: expected published, hardened or all' \
	--format c --profile x
refuses 'epml vectors export: no vector is selected' --format c --filter 'nothing/*'
refuses "epml vectors export: unrecognized option '--frobnicate'" --frobnicate
refuses "epml vectors export: -o $dir/no/file: No such file or directory" \
	--format hex -o "$dir/no/file"
echo '{"vectors": [{"id": "a/b"}]}' >bad.json
"$epml" vectors export --format json -o kept.json bad.json 2>err
[ $? -eq 2 ] && [ ! -e kept.json ] && grep -q '^bad.json:1: ' err
result "a wrong vector file: its line is named, and nothing is written"
echo old >kept.json
"$epml" vectors export --format json -o kept.json bad.json 2>err
[ "$(cat kept.json)" = old ] && [ "$(ls kept.json*)" = kept.json ]
result "a file that is there stays if the export fails"
# Links of this test's own, so that a mistake does no harm outside.
ln -s /proc/self/fd/1 link
"$epml" vectors export --format hex --filter export/log -o link "$expected/vectors.json" >out &&
	[ -L link ] && head -n 1 out | grep -q '^45504d4c56454358 '
result "-o writes through a link and leaves it a link"
if [ -w /dev/full ]; then
	ln -s /dev/full full
	"$epml" vectors export --format json -o full 2>err
	[ $? -eq 2 ] &&
		[ "$(cat err)" = 'epml vectors export: -o full: No space left on device' ]
	result "a full device is an error"
fi

mkdir empty
PATH=$dir/empty /bin/sh "$top/testvectors/examples/verilog/run.sh" "$epml" >out 2>err
[ $? -eq 2 ] && grep -q '^verilog: iverilog is missing; install the package iverilog$' err
result "make verilog without iverilog says what to install"

finish
