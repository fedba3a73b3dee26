#!/bin/sh
# SPDX-License-Identifier: BSD-2-Clause
#
# ooh-bench and ooh-track on this machine's kernel. The oracle needs nothing of it; what the others
# need may be missing, and then they have to say so in their row.
set -u

top=${abs_srcdir:-$(cd "$(dirname "$0")/../../../.." && pwd)}
. "$top/scripts/tap.sh"
cd "$dir" || exit 99
bench=$build/guest-firmware/linux/bench/ooh-bench
track=$build/guest-firmware/linux/bench/ooh-track

# ---- Bad options --------------------------------------------------------------------------------

refusal 'ooh-bench: --sizes 0: expected a number from 1 to 1024' "$bench" --sizes 0
refusal 'ooh-bench: --sizes 1x: expected a number from 1 to 1024' "$bench" --sizes 1x
refusal 'ooh-bench: --sizes: expected them in ascending order' "$bench" --sizes 2,1
refusal 'ooh-bench: --techniques magic: there is no such technique' "$bench" --techniques magic
refusal 'ooh-bench: --techniques proc: expected it once' "$bench" --techniques proc,proc
refusal 'ooh-bench: --rounds 0: expected a number from 1 to 1000' "$bench" --rounds 0
refusal 'ooh-bench: --every and --timer: expected one of them' "$bench" --every 1 --timer 1
refusal 'ooh-bench: x: expected options only' "$bench" x
refusal 'ooh-track: expected a program; see --help' "$track"
refusal 'ooh-track: --technique magic: there is no such technique' "$track" --technique magic true
refusal 'ooh-track: --interval 0: expected a number from 1 to 60000' "$track" --interval 0 true
refusal 'ooh-track: ./nothing: No such file or directory' "$track" ./nothing

# ---- The benchmark ------------------------------------------------------------------------------

# rows PYTHON: the result lines in "out" are objects, and the expression over their list r holds.
rows() {
	"${PYTHON:-python3}" -c "
import json, sys
r = [json.loads(l.split(' ', 1)[1]) for l in open('out') if l.startswith('EPML-RESULT ')]
sys.exit(not ($1))"
}

# 256 pages: all in the warm-up and 3 rounds, then half, 7 and none.
written=$((4 * 256 + 128 + 7))
"$bench" --techniques oracle --rounds 3 > out && rows "[x['run'] for x in r] == ['alone',
	'oracle', 'end'] and r[1]['dirty'] == r[1]['reported'] == $written and r[1]['rounds'] == 7
	and r[1]['missed'] == r[1]['spurious'] == 0"
result "the oracle finds the pages of all rounds, and no others"

rows "r[0]['phases'] == {'alone': 1} and sorted(r[1]['phases'].values()) == [2, 3, 4, 5, 6]"
result "each part of a run has a phase"

rows "0 < r[1]['written'] < r[1]['elapsed'] and r[1]['made'] > 0 and r[1]['setup'] > 0"
result "durations"

"$bench" --techniques oracle --rounds 2 --every 100 > out &&
	rows "r[1]['missed'] == r[1]['spurious'] == 0 and r[1]['dirty'] == $((written - 256))"
result "collecting after every 100 pages finds the same"

"$bench" --techniques oracle --rounds 2 --timer 1 > out &&
	rows "r[1]['missed'] == r[1]['spurious'] == 0 and r[1]['dirty'] == $((written - 256))"
result "collecting while pages are written finds the same"

"$bench" --rounds 1 > out && rows "len(r) == 9 and all(
	x['outcome'] == 'failed' and x['text'] or x['missed'] == x['spurious'] == 0
	for x in r[1:-1])"
result "every technique has a row: exact, or the reason why there is none"

"$bench" --techniques oracle --sizes 1,8 --limit 1 > out && rows "
	[x['outcome'] for x in r[:-1]] == ['ok', 'ok', 'ok', 'left-out'] and
	r[3]['estimate'] > 0.001 and r[3]['text'].startswith('would take about ')"
result "what would take too long is left out, with the reason"

# ---- Any program --------------------------------------------------------------------------------

cat > program.py <<'PY'
import time
a = bytearray(1 << 20)
for i in range(30):
    a[i * 4096] = i + 1
    b = bytearray(100000)
    time.sleep(0.01)
raise SystemExit(7)
PY
"$track" --technique oracle --interval 50 --result -- "${PYTHON:-python3}" program.py > out
[ $? -eq 7 ] && rows "len(r) == 1 and r[0]['intervals'] > 1 and r[0]['dirty'] > 0 and
	r[0]['missed'] == r[0]['unchanged'] == 0 and r[0]['reported'] == r[0]['dirty']"
result "ooh-track: the program's status, and what the oracle says of itself"

"$track" --technique oracle -- sh -c 'kill -9 $$' > out
[ $? -eq 137 ]
result "ooh-track: a program that a signal ends"

finish
