#!/bin/sh
# SPDX-License-Identifier: BSD-2-Clause
#
# epml vectors with a program in place of Bochs that behaves, crashes, hangs or prints nonsense:
# the vector in question fails, all others run, and neither processes nor files are left.
set -u

top=${abs_srcdir:-$(cd "$(dirname "$0")/../../.." && pwd)}
. "$top/scripts/tap.sh"
cd "$dir" || exit 99
mkdir tmp seen
TMPDIR=$dir/tmp
EPML_BOCHS=$dir/fake
EPML_BOCHS_STOCK=$dir/fake
FAKE_SEEN=$dir/seen
export TMPDIR EPML_BOCHS EPML_BOCHS_STOCK FAKE FAKE_SEEN

# The program in place of Bochs: FAKE tells what it does in the vector with index 1.
cat > fake <<'SH'
#!/bin/sh
n=$(od -An -tu4 -j12 -N4 bios.bin | tr -d ' ')
echo "$* $n" >> "$FAKE_SEEN/runs"
grep '^epml:' bochsrc >> "$FAKE_SEEN/epml"
echo $$ >> "$FAKE_SEEN/pids"
echo "noise before the first vector"
[ "$FAKE" != dead ] || { echo 'no BIOS' >&2; exit 1; }
i=0
while [ $i -lt "$n" ]; do
	echo "V $i"
	! grep -q 'trace=-' bochsrc || echo "t traced $i"
	[ "$FAKE" != result ] || echo "r 0 0 0"
	if [ $i -eq 1 ]; then
		case $FAKE in
		crash)
			printf '%s\n' '0p[CPU0  ] >>PANIC<< all is lost' '0i[SIM   ] bye' >&2
			exit 1
			;;
		hang) sleep 1000 & echo $! >> "$FAKE_SEEN/pids"; wait ;;
		chatter) while :; do echo more noise; sleep 0.1; done ;;
		garbage) echo 'x 1 zzz' ;;
		partial) printf 'z'; exit 0 ;;
		order) echo "V 7" ;;
		exit) echo "x 0 12 0 0 0 0 0 0 0" ;;
		esac
	fi
	echo "z $i"
	i=$((i + 1))
done
echo "Z $n"
[ "$FAKE" != deaf ] || sleep 1000
exit 1
SH
chmod +x fake

vector() {
	cat <<-JSON
	{"id": "test/$1", "title": "T.", "rules": ["PML-LOG-1"], "requires": "$2", $3
	 "setup": {}, "steps": [{"nop": 1}], "expect": {}}
	JSON
}
{
	echo '{"vectors": ['
	vector one epml '"profiles": ["hardened"],' && echo ,
	vector two epml '"profiles": ["hardened"],' && echo ,
	vector three epml '"profiles": ["hardened"],'
	echo ']}'
} > three.json

# Nothing is left: no process that was started, no file in TMPDIR.
nothing_left() {
	[ -z "$(ls tmp)" ] || return 1
	for pid in $(cat seen/pids); do
		[ ! -d "/proc/$pid" ] || grep -q '^State:.Z' "/proc/$pid/status" || return 1
	done
}

# run MODE OPTION...: out, err and status
run() {
	FAKE=$1
	shift
	rm -f seen/*
	"$epml" vectors --on bochs --timeout 1 "$@" > out 2> err
	status=$?
	[ ! -s err ] || sed 's/^/# /' err
}

# ends STATUS "last line of output"
ends() {
	[ $status -eq "$1" ] && [ "$(tail -n 1 out)" = "$2" ] && nothing_left
}

run good three.json
ends 0 "3 passed, 0 failed" && [ "$(cat seen/runs)" = "-q -f bochsrc 3" ]
result "three vectors in one run of Bochs"

run crash three.json
ends 1 "2 passed, 1 failed" &&
	grep -q '^FAIL test/two \[hardened on bochs\] rule PML-LOG-1: Bochs ended in this' out &&
	grep -q 'vector: exit status 1 (Bochs: all is lost)$' out &&
	[ "$(cut -d' ' -f4 seen/runs | tr '\n' ' ')" = "3 1 " ]
result "a crash: the rest goes on in a new run"

run hang three.json
ends 1 "2 passed, 1 failed" && grep -q 'Bochs hung in this vector: no output for 1 seconds' out
result "a hang"

run chatter three.json
ends 1 "2 passed, 1 failed" && grep -q 'Bochs hung in this vector' out
result "output that is no progress does not keep a vector alive"

run garbage three.json
ends 1 "2 passed, 1 failed" && grep -q 'unreadable output "x 1 zzz"' out
result "garbage"

run order three.json
ends 1 "2 passed, 1 failed" && grep -q 'unreadable output "V 7"' out
result "a vector out of order"

run partial three.json
ends 1 "2 passed, 1 failed"
result "the last line is cut off"

run exit three.json
ends 1 "2 passed, 1 failed" && grep -q 'VM exit 0 is unexpected: reason 18 (VMCALL) in step 0' out
result "a vector that fails"

run deaf --timeout 30 three.json
ends 0 "3 passed, 0 failed"
result "a Bochs that does not end after the last line is ended"

run dead three.json
[ $status -eq 2 ] && [ ! -s out ] && [ "$(wc -l < err)" -eq 1 ] && nothing_left &&
	grep -q "fake: no vector has begun: exit status 1 (Bochs: no BIOS)$" err
result "a Bochs that does not start is a failure of the environment"

# Signals
FAKE=hang
rm -f seen/*
"$epml" vectors --on bochs three.json > out 2> err &
pid=$!
while [ "$(cat seen/pids 2> /dev/null | wc -l)" -lt 2 ]; do sleep 0.05; done
kill -TERM $pid
wait $pid 2> /dev/null
[ $? -eq 143 ] && [ ! -s out ] && nothing_left
result "SIGTERM ends the command and its Bochs"

# Several at once, and the design parameters
{
	echo '{"vectors": ['
	vector one sdm '"stock": {"defect": 4, "text": "text"},' && echo ,
	vector two epml '"params": {"full": "ve"},' && echo ,
	vector three sdm ''
	echo ']}'
} > mixed.json

run good -j 4 mixed.json
ends 0 "6 passed, 0 failed" && [ "$(sort seen/epml)" = "$(cat <<-END
	epml: enabled=1, profile=hardened
	epml: enabled=1, profile=hardened, full=ve
	epml: enabled=1, profile=published
	epml: enabled=1, profile=published, full=ve
	END
)" ]
result "one run for each set of parameters, four at a time"

run good --profile hardened --filter '*/two' mixed.json
ends 0 "1 passed, 0 failed"
result "profile and filter"

run good --shard 1/4 mixed.json
ends 0 "2 passed, 0 failed"
run good --shard 4/4 mixed.json
ends 0 "1 passed, 0 failed"
result "shards"

run good --trace "$dir/trace" --profile hardened mixed.json
ends 0 "3 passed, 0 failed" && [ "$(grep -c '^# test/.* \[hardened' trace)" -eq 3 ] &&
	[ "$(grep -v '^#' trace | tr '\n' ' ')" = 'traced 0 traced 1 traced 0 ' ]
result "traces of all runs, one after the other, each vector with its title"

# Stock Bochs
rm -f seen/*
FAKE=good
"$epml" vectors --on stock mixed.json > out 2> err
[ $? -eq 1 ] && [ ! -s seen/epml ] && [ "$(tail -n 1 out)" = "1 passed, 1 failed" ] &&
	grep -q '^FAIL test/one \[stock\] .*passes, but defect 4 of stock Bochs (text) should' out
result "a defect of stock Bochs that does not show is a failure"

sed 's/"expect": {}/"expect": {"results": []}/' mixed.json > known.json
FAKE=result
"$epml" vectors --on stock --filter '*/one' known.json > out 2> err
[ $? -eq 0 ] && [ "$(tail -n 1 out)" = "1 passed, 0 failed" ] &&
	grep -q '^KNOWN test/one stock defect 4: text$' out
result "a known defect passes"

# No Bochs at all
EPML_BOCHS=$dir/none "$epml" vectors --on bochs three.json > out 2> err
[ $? -eq 2 ] && grep -q 'none is missing; run "make bochs-model" or set EPML_BOCHS$' err
result "Bochs is missing"
echo 'no program' > fake
EPML_BOCHS=$dir/fake "$epml" vectors --on bochs three.json > out 2> err
[ $? -eq 2 ] && [ "$(wc -l < err)" -eq 1 ] && [ -z "$(ls tmp)" ]
result "Bochs is no program"
finish
