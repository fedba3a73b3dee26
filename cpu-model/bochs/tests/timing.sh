#!/bin/sh
# SPDX-License-Identifier: BSD-2-Clause
#
# Cycles counted in Bochs: a program counts what was worked out by hand; RDTSC in the guest and the
# result tell the same; other clocks go along; two runs are equal; each part of the model is
# charged; with timing on, programs end as without. Skipped without Bochs.
set -u

top=${abs_srcdir:-$(cd "$(dirname "$0")/../../.." && pwd)}
. "$top/scripts/tap.sh"
need_bochs model timing
cd "$dir" || exit 99
mkdir tmp
TMPDIR=$dir/tmp
export TMPDIR

cp "$top/cpu-model/timing/costs/i7-8565u.json" "$top/cpu-model/bochs/tests/whole.json" .

# run OPTION...: a program, its result in out.
run() {
	"$epml" asm --format json --costs whole.json "$@" > out 2> err || {
		echo "# epml asm $*: status $?"
		cat out err
		return 1
	}
}

# register NAME
register() {
	echo $(($(sed -n "s/.*\"$1\": \"\(0x[0-9a-f]*\)\".*/\1/p" out)))
}

# cycles PHASE: likely, whole ones
cycles() {
	awk -v phase="$1" '
		/"phase": / { found = $2 == phase "," }
		/"total": / && found { getline; getline; print int($1 / 1000); exit }' out
}

# counts NAME NUMBER: in the whole program, phase 1
counts() {
	got=$(awk -v name="\"$1\":" '$1 == name { print int($2); exit }' out)
	[ "${got:-0}" -eq "$2" ] || {
		echo "# $1 was counted ${got:-0} times, expected $2"
		return 1
	}
}

# ---- A loop, and RDTSC ----

# The two readings and the two marks have the same instructions between them, and the fourth time
# all is in caches and TLBs. From mark to mark: 3 moves, RDTSC, and 1000 times a load, a store, an
# addition, a decrement and a jump that is mispredicted once.
cat > tsc.S <<'END'
#include <epml-guest.h>
	mov	$0x0202, %ebx
	mov	$EPML_GUEST_TEXT, %rdi
again:	rdtsc
	mov	%eax, %r8d
	mov	%bl, %al
	out	%al, $EPML_PHASE_PORT
	mov	$1000, %ecx
1:	mov	0x100(%rdi), %rsi
	mov	%rsi, 0x108(%rdi)
	add	%rsi, %rdx
	dec	%ecx
	jnz	1b
	rdtsc
	mov	%eax, %r9d
	mov	%bh, %al
	out	%al, $EPML_PHASE_PORT
	inc	%bl
	cmp	$6, %bl
	jne	again
	mov	%r9d, %eax
	sub	%r8d, %eax
	ret
END

# agree WANTED
agree() {
	[ "$(cycles 5)" = "$1" ] && [ "$(register rax)" = "$1" ] || {
		echo "# counted $(cycles 5), by RDTSC $(register rax), expected $1"
		return 1
	}
}

run --timing full tsc.S && agree $((3 + 25 + 17 + 1000 * (2 + 3 + 1 + 1 + 4)))
result "full: a loop takes what was worked out, and RDTSC says the same"
cp out first
run --timing full tsc.S && cmp first out
result "full: two runs are equal"
run --timing full --cpl 3 tsc.S && agree $((3 + 25 + 17 + 1000 * (2 + 3 + 1 + 1 + 4)))
result "full: the same at CPL 3"
run --timing events tsc.S && agree $((5 + 25 + 5 * 1000))
result "events: the same loop, all instructions at the average price"
cp out first
run --timing events tsc.S && cmp first out
result "events: two runs are equal"
EPML_BOCHS=$build/bochs/timing/bochs run --timing events tsc.S && cmp first out
result "events: both builds count the same"

# ---- Other clocks ----

# 8 million cycles are 4 ms: 4792 ticks of the interval timer, which counts downwards.
cat > pit.S <<'END'
#include <epml-guest.h>
	mov	$0x34, %al
	out	%al, $0x43
	xor	%eax, %eax
	out	%al, $0x40
	out	%al, $0x40
	call	latch
	mov	%esi, %r10d
	rdtsc
	mov	%eax, %r8d
	mov	$4000000, %ecx
1:	dec	%ecx
	jnz	1b
	rdtsc
	sub	%r8d, %eax
	mov	%eax, %r8d
	call	latch
	sub	%esi, %r10d
	movzwl	%r10w, %r9d
	ret
latch:	xor	%eax, %eax
	out	%al, $0x43
	in	$0x40, %al
	mov	%al, %cl
	in	$0x40, %al
	movzbl	%al, %esi
	shl	$8, %esi
	movzbl	%cl, %ecx
	or	%ecx, %esi
	ret
END
run --timing events pit.S && {
	ticks=$(register r9)
	wanted=$(($(register r8) * 1193 / 1992000))
	echo "# $ticks ticks, expected $wanted"
	[ "$ticks" -ge $((wanted - 10)) ] && [ "$ticks" -le $((wanted + 10)) ]
}
result "the interval timer goes at its rate beside the TSC"

# A halted guest waits for the VMX-preemption timer, which counts cycles here.
cat > halt.S <<'END'
1:	hlt
	jmp	1b
END
"$epml" asm --timing full --limit 10000000 --timing-out halt.json halt.S > out 2> err
grep -q 'did not end within' out && idle=$("$epml" timing halt.json |
	sed -n 's/.* Idle: \([0-9]*\)\.$/\1/p') && [ "$idle" -gt 9900000 ] &&
	[ "$idle" -le 10000000 ]
result "a halted guest waits until the timer is due, as idle"

# A second processor, which is never started, waits as long as the first one runs.
cat > two <<END
#!/bin/sh
sed -i 's/count=1/count=2/' bochsrc
exec $build/bochs/timing/bochs "\$@"
END
chmod +x two
EPML_BOCHS_TIMING=$dir/two run --timing full --timing-out two.json tsc.S &&
	set -- $(sed -n 's/.*"clock": \([0-9]*\), "idle": \([0-9]*\),.*/\1 \2/p' two.json) &&
	[ $# -eq 4 ] && [ "$2" -eq 0 ] && [ "$3" -eq "$4" ] &&
	[ $(($3 - $1)) -lt $(($1 / 100)) ] && [ $(($1 - $3)) -lt $(($1 / 100)) ]
result "two processors: the one that waits keeps up with the other"

# ---- What the model does ----

cat > events.S <<'END'
#include <epml-guest.h>
	mov	$EPML_GUEST_DATA, %rdi
	movq	$1, 0x0000(%rdi)
	movq	$1, 0x1000(%rdi)
	movq	$1, 0x2000(%rdi)
	mov	0x3000(%rdi), %rax
	mov	$EPML_GUEST_SPP, %rdi
	movq	$1, (%rdi)
	mov	$EPML_VMCS_GUEST_PML_INDEX, %esi
	vmread	%rsi, %rax
	vmwrite	%rax, %rsi
	invlpg	(%rdi)
	mov	%cr3, %rax
	mov	%rax, %cr3
	int	$0x41
	ret
vector_41:
	ret
END
for mode in events full; do
	run --timing $mode events.S && counts gpml-at-log 4 && counts gpml-at-vmwrite 0 &&
		counts pml-entry 4 && counts spp-start 1 && counts vmread-gpml 1 &&
		counts vmwrite-gpml 1 && counts invlpg 1 && counts cr3-flush 1 &&
		counts interrupt-software 1 && counts iret 1 && counts assist-dirty 4
	result "$mode: each event of a program is counted once, hardened"
	run --timing $mode --profile published events.S && counts gpml-at-vmwrite 4 &&
		counts gpml-at-log 0
	result "$mode: the other translation is charged as such, published"
done
run --timing full events.S &&
	[ "$(awk '/"spp-entry-/ { n += int($2) } END { print n + 0 }' out)" = 4 ]
result "full: a walk of the SPP table reads four entries"

run --timing full --timing-out result.json --timeline line.json events.S &&
	"$epml" timing --by phase --format json result.json > table &&
	grep -q '"program"' table && "$epml" timing --diff result.json result.json > out &&
	[ "$(grep -c '"name": "gpml-at-log"' line.json)" -eq 4 ] &&
	tail -n 1 line.json | grep -q '^]}$'
result "the count and a time line are kept"
refused_file() {
	! "$epml" asm --timing events --timing-out no/result.json events.S > out 2> err &&
		[ "$(wc -l < err)" -eq 1 ] && grep -q 'no/result.json: No such file' err
}
refused_file
result "a directory that is missing"

# Timing changes no result: registers, logs and events are those of a run without.
for program in hello-log rearm full-log; do
	cp "$top/guest-firmware/rom/examples/$program.S" .
	"$epml" asm --format json "$program.S" | grep -v -e '"r[a-z]*": ' > plain
	"$epml" asm --format json --timing full "$program.S" | sed '/"timing": {/,$d' |
		grep -v -e '"r[a-z]*": ' > timed
	sed '$d' plain | sed '$s/,*$//' > a
	sed '$s/,*$//' timed > b
	cmp a b
	result "$program.S ends as without timing"
done

# ---- Refusals ----

# refused STATUS TEXT ARGUMENT...: one line with the text
refused() {
	wanted=$1 text=$2
	shift 2
	"$epml" asm "$@" > out 2> err
	status=$?
	[ $status -eq "$wanted" ] && [ "$(wc -l < err)" -eq 1 ] && grep -qF -- "$text" err || {
		echo "# epml asm $*: status $status"
		cat err
		return 1
	}
}
refused 2 'expected events or full' --timing warp tsc.S
result "an unknown mode"
refused 2 '--costs is for --timing' --costs whole.json tsc.S
result "costs without timing"
refused 2 '--costs nothing' --timing full --costs nothing tsc.S
result "unknown costs"
sed 's/"low": 25/"low": -1/' whole.json > bad.json
refused 2 'bad.json' --timing full --costs bad.json tsc.S
result "a negative cost"

# panics TEXT OPTION: Bochs itself, with the model's option in bochsrc
panics() {
	printf '%s\n' 'panic: action=fatal' 'display_library: nogui' "epml: $2" > bochsrc
	"$build/bochs/model/bochs" -q -f bochsrc < /dev/null > out 2> err
	status=$?
	[ $status -eq 1 ] && grep -qF -- "$1" err || {
		echo "# epml: $2: status $status"
		cat err
		return 1
	}
}
panics "'timing=warp' is wrong, expected timing=off, events or full" 'enabled=1, timing=warp'
result "an unknown mode in bochsrc"
panics '"full" is for the build of "make bochs-timing"' 'enabled=1, timing=full'
result "full on the ordinary build"
panics "phase=NUMBER:NAME" 'enabled=1, phase=256:none'
result "a phase that there is not"
EPML_BOCHS_TIMING=$dir/nothing refused 2 'make bochs-timing' --timing full tsc.S
result "full without its build"
EPML_BOCHS_TIMING=$build/bochs/model/bochs refused 2 \
	': epml: '"'timing=full' is wrong" --timing full tsc.S
result "full on the ordinary build: the line with which Bochs refuses it"
ls -A tmp | grep .
[ $? -ne 0 ]
result "no files are left"
finish
