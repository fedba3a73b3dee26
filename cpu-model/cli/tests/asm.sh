#!/bin/sh
# SPDX-License-Identifier: BSD-2-Clause
#
# epml asm: the examples give the output that was worked out for them, every way in which a program
# can end is told, mistakes take one line, and neither processes nor files are left. Skipped
# without Bochs.
set -u

top=${abs_srcdir:-$(cd "$(dirname "$0")/../../.." && pwd)}
. "$top/scripts/tap.sh"
expected=$top/cpu-model/cli/tests
[ -x "${EPML_BOCHS:-$build/bochs/model/bochs}" ] || skip_all "no Bochs in $build/bochs"
cd "$dir" || exit 99
mkdir tmp
TMPDIR=$dir/tmp
export TMPDIR
cp "$top"/guest-firmware/rom/examples/*.[Sc] .

# asm WANTED-STATUS ARGUMENT...: output and messages to out and err.
asm() {
	wanted=$1
	shift
	"$epml" asm "$@" >out 2>err
	status=$?
	[ $status -eq "$wanted" ] || {
		echo "# epml asm $*: status $status, expected $wanted"
		cat out err
		return 1
	}
}

# example NAME CONFIG WANTED-STATUS OPTION...: RSP depends on where the ROM has its stack.
example() {
	name=$1 config=$2 wanted_status=$3
	shift 3
	asm "$wanted_status" "$@" "$name.S" &&
		sed 's/rsp [0-9a-f]*/rsp (stack)/' out | diff "$expected/$name.$config.expected" -
	result "$name.S, $config"
}

example hello-log hardened 0
example hello-log published 0 --profile published
example rearm hardened 0
example rearm published 0 --profile published
example full-log exit 1
example full-log drop 0 --profile published
example full-log ve 0 --param full=ve

# says TEXT: the first line of the output ends with it.
says() {
	head -n 1 out | grep -qF -- "$1" || {
		echo "# expected: $1"
		head -n 3 out
		return 1
	}
}

# ---- Profiles and parameters ----

cat > address.S <<'END'
#include <epml-guest.h>
	mov $EPML_VMCS_GUEST_PML_ADDRESS, %esi
	vmread %rsi, %rax
	mov $EPML_GUEST_PTE(EPML_GUEST_DATA + 0x5000), %rdx
	mov (%rdx), %rbx
	ret
END

asm 0 address.S && grep -q 'rax 0000000000300000' out
result "hardened: Guest PML Address is a guest-physical address"

asm 0 --profile published address.S && grep -q 'rax 0000000002300000' out
result "published: it is a host-physical address"

asm 0 --profile published --param translation=at-log address.S &&
	says 'address.S [published, translation=at-log]: returned' &&
	grep -q 'rax 0000000000300000' out
result "one parameter changed"

# Page 205000H, present, writable, user, neither accessed nor dirty.
asm 0 address.S && grep -q 'rbx 0000000000205007' out
result "EPML_GUEST_PTE is the paging-structure entry of its page"

# ---- Ends ----

printf '1:\tjmp 1b\n' > hang.S
asm 1 --limit 20000 hang.S &&
	says 'did not end within 20000 ticks of the VMX-preemption timer, at hang.S:1'
result "a program that hangs"

printf '\thlt\n\tret\n' > hlt.S
asm 1 --limit 20000 hlt.S && says 'did not end within 20000 ticks'
result "a program that halts for ever"

printf '\tlidt idt(%%rip)\n\tud2\nidt:\t.skip 10\n' > triple.S
asm 1 triple.S && says 'triple.S [hardened]: triple fault, at triple.S:2'
result "a triple fault"

printf '\tnop\n\tmovb $1, 0x123456\n\tret\n' > pf.S
asm 1 pf.S && says 'pf.S [hardened]: #PF, error code 2H, address 123456H, at pf.S:2'
result "an exception without a handler"

printf '\tjmp *%%rax\n' > null.S
asm 1 null.S && says 'null.S [hardened]: #PF, error code 10H, address 0H' &&
	grep -q 'rip 0000000000000000' out
result "a jump to address 0"

printf '\tnop\n\tcpuid\n\tret\n' > exit.S
asm 1 exit.S && says 'exit.S [hardened]: VM exit 10 CPUID, at exit.S:2'
result "a VM exit"

cat > moved.S <<'END'
#include <epml-guest.h>
	mov $EPML_VMCS_GUEST_PML_ADDRESS, %esi
	mov $0x800000, %eax
	vmwrite %rax, %rsi
	movb $1, EPML_GUEST_DATA
	ret
END
asm 1 moved.S && says 'VM exit 48 EPT_VIOLATION, at moved.S:5' &&
	grep -q 'exit qualification 2H: Data write$' out &&
	grep -q 'guest-physical address 800FF8H' out && ! grep -q guest-linear out
result "a log that EPT does not map: qualification in words"

asm 1 --profile published moved.S && says 'VM exit 48 EPT_VIOLATION, at moved.S:4'
result "the same with at-vmwrite: the VMWRITE exits"

# Bytes 80H to FFH are not writable: 8 bytes at 78H are, one more is not.
cat > sub-page.S <<'END'
#include <epml-guest.h>
	mov $EPML_GUEST_SPP + 0x3000, %edi
	mov $EPML_GUEST_SPPT(EPML_GUEST_SPP + 0x3000), %rsi
	mov (%rsi), %rax
	movq $0x11, (%rsi)
	movq $1, 0x78(%rdi)
	movq $2, 0x79(%rdi)
	ret
END
asm 1 sub-page.S && says 'VM exit 48 EPT_VIOLATION, at sub-page.S:7' &&
	grep -q 'rax 5555555555555555' out && grep -q 'guest-physical address 403079H' out &&
	grep -q '^    511  503000H$' out
result "a write that sub-page permissions deny"

cat > sppt-miss.S <<'END'
#include <epml-guest.h>
	mov $EPML_GUEST_SPPT(EPML_GUEST_SPP) - 0x1000 + 2 * 8, %rax	/* its PDE */
	movq $0, (%rax)
	movb $1, EPML_GUEST_SPP + 5
	ret
END
asm 1 sppt-miss.S && says 'VM exit 66 SPP, at sppt-miss.S:4' &&
	grep -q 'exit qualification 800H: SPPT miss$' out &&
	grep -q 'guest-physical address 400005H' out && grep -q 'guest-linear address 500005H' out
result "an SPPT miss"
sed 's/movq $0, (/movq $3, (/' sppt-miss.S > sppt-misconfiguration.S
asm 1 sppt-misconfiguration.S && says 'VM exit 66 SPP' &&
	grep -q 'exit qualification 0H: SPPT misconfiguration$' out
result "an SPPT misconfiguration"

printf '1:\tint $0x40\n\tjmp 1b\n' > many.S
asm 1 many.S && says 'gave up: too many reports' && grep -q 'interrupt 40H  2000 times' out
result "a program that does nothing but interrupt itself"

# ---- CPL and handlers ----

printf '\tmov %%cs, %%eax\n\tand $3, %%eax\n\tint $0x33\n\tret\n' > cpl.S
asm 0 --cpl 3 cpl.S && grep -q 'rax 0000000000000003' out && grep -q 'interrupt 33H  1 time$' out
result "CPL 3, and an interrupt that nobody handles"

asm 1 --cpl 3 rearm.S && says '#GP, error code 0H, at rearm.S:25'
result "VMWRITE at CPL 3"

cat > handlers.S <<'END'
	mov $1, %eax
	ud2
	mov $2, %ebx
	ret
vector_06:
	mov 0, %rax
	ret
END
asm 1 --limit 20000 handlers.S &&
	grep -q '^the handler of vector 06H ended with #PF, error code 0H, address 0H' out
result "an exception in a handler"

printf '\tint $0x20\n\tret\nvector_20:\n\tcpuid\n\tret\n' > handler-exit.S
asm 1 handler-exit.S && says 'VM exit 10 CPUID, in the handler of vector 20H' &&
	! grep -q registers out
result "a VM exit in a handler"

cat > frame.S <<'END'
	ud2
	mov $7, %ebx
	ret
vector_06:
	addq $2, (%rdi)
	ret
END
asm 0 frame.S && grep -q 'rbx 0000000000000007' out && grep -q '#UD  *1 time$' out
result "a handler that changes where the program goes on"

# ---- C, and printing ----

cat > print.c <<'END'
#include <epml-print.h>

static int initialised = 42, zero[100];

static void first_in_the_file(unsigned n)
{
	epml_printf("%-5s|%5s|%s%%\n", "ab", "cd", "ef");
	epml_printf("%lu %lx %4u|%-4x|\n", ~0ul, 0x123456789ABCDEFul, n, 255u);
}

void program(void)
{
	first_in_the_file((unsigned)(initialised + zero[99]));
	epml_printf("\nbell \a, no newline");
}
END
cat > print.expected <<'END'
print.c [hardened]: returned

printed
    ab   |   cd|ef%
    18446744073709551615 123456789ABCDEF   42|FF  |

    bell ?, no newline

END
asm 0 print.c && sed '/^registers/,$d' out | diff print.expected -
result "a program in C that prints"
asm 0 --cpl 3 --format json print.c && python3 - <<'END'
import json
lines = json.load(open("out"))["printed"].split("\n")
assert lines[0] == "ab   |   cd|ef%" and lines[2:] == ["", "bell ?, no newline"], lines
END
result "the same at CPL 3, as JSON"
asm 0 --format json hello-log.S && grep -q '"printed": ""' out && asm 0 hello-log.S &&
	! grep -q '^printed' out
result "a program that does not print"

cat > much.c <<'END'
#include <epml-print.h>

void program(void)
{
	for (unsigned i = 0; i < 10000; i++)
		epml_printf("%u", i % 10);
}
END
asm 0 much.c && [ "$(sed -n 4p out | tr -d ' ' | wc -c)" -eq 4097 ]
result "what does not fit is lost"

cat > crash.c <<'END'
#include <epml-print.h>

void vector_0d(struct epml_guest_frame *frame)
{
	epml_printf("#GP\n");
	frame->rip = 0x1000;
}

void program(void)
{
	*(volatile int *)(1ul << 63) = 1;
}
END
asm 1 crash.c && says 'crash.c [hardened]: #PF, error code 10H, address 1000H' &&
	[ "$(sed -n 4p out)" = '    #GP' ]
result "a handler in C; what was printed before the program failed"

# ---- A heap with guards ----

# row NAME: the numbers of a row that heap-guards.c prints.
row() {
	sed -n "s/^ *$1  *//p" out | tr -s ' '
}

asm 0 heap-guards.c && [ "$(row 'bytes per buffer')" = '256 8192' ] &&
	[ "$(row 'of them guard')" = '128 4096' ] && [ "$(row 'bytes in all')" = '4096 131072' ] &&
	grep -q 'take 32 times less' out && [ "$(row overflows)" = '512 512' ] &&
	[ "$(row 'of them caught')" = '512 512' ] &&
	grep -q '#PF  *512 times$' out && grep -q '#VE  *512 times$' out
result "guards: every overflow is caught, with 32 times less memory"
row 'by the instruction at' > caught

# Without handlers the program ends there; other names do not move the code.
line=$(grep -n '^	tab\[4\] = 4;$' heap-guards.c | cut -d : -f 1)
sed 's/vector_14/unused_14/; s/vector_0e/unused_0e/' heap-guards.c > no-handler.c
asm 1 no-handler.c && says "VM exit 48 EPT_VIOLATION, at no-handler.c:$line" &&
	grep -q 'guest-linear address 5F0080H' out &&
	rip=$(sed -n 's/.*rip 0*\([0-9a-f]*\) .*/\1/p' out | tr a-f A-F) &&
	[ "$(cat caught)" = "${rip}H ${rip}H" ]
result "guards: caught at the instruction of tab[4] = 4"

# The pages with all sub-pages writable, instead.
sed 's/EPML_GUEST_SPP2/EPML_GUEST_SPP/' heap-guards.c > writable.c
asm 0 writable.c && [ "$(row 'of them caught')" = '0 512' ] && ! grep -q '#VE' out
result "guards: without protected sub-pages nothing is caught"
sed 's/^	tab\[4\] = 4;$/	tab[3] = 4;/' heap-guards.c > inside.c
asm 0 inside.c && [ "$(row 'of them caught')" = '0 0' ] && ! grep -q '^events' out
result "guards: writes inside of the buffer pass"

# ---- JSON and trace ----

asm 1 --format json full-log.S && python3 - <<'END'
import json
r = json.load(open("out"))
assert r["end"]["kind"] == "vm-exit" and r["end"]["location"] == "full-log.S:30", r["end"]
assert r["exits"] == [{"reason": 62, "name": "PML_FULL", "qualification": "0x1",
                       "qualification_text": "The guest log is full",
                       "gpa": "0x204000", "gva": "0x404000"}], r["exits"]
assert r["events"] == [{"vector": 64, "count": 1}]
assert r["guest_log"]["index"] == 0xffff
assert [e["address"] for e in r["guest_log"]["entries"]] == \
       ["0x400000", "0x401000", "0x402000", "0x403000"]
assert r["registers"]["rdi"] == "0x404000" and r["parameters"]["full"] == "exit"
END
result "JSON"

asm 0 --trace trace hello-log.S &&
	head -n 1 trace | grep -q '^vmentry gpml-address 0000000000300000 gpml-index 01ff$' &&
	[ "$(grep -c '^gpml ' trace)" -eq 3 ] && [ "$(grep -c '^vmread 0820 ' trace)" -eq 1 ] &&
	! grep -q '^exit' trace && ! grep -q 'gva 0000008000' trace
result "the trace is that of the program alone"

asm 1 --trace - exit.S && grep -q '^exit reason 10 ' out && grep -q '^registers' out
result "--trace - prints it, with the program's own VM exit"

# ---- Mistakes ----

# mistake TEXT ARGUMENT...: status 2, and one line that begins with the text.
mistake() {
	text=$1
	shift
	asm 2 "$@" && [ ! -s out ] && [ "$(wc -l < err)" -eq 1 ] && case $(cat err) in
	"$text"*) ;;
	*) echo "# expected: $text"; cat err; false ;;
	esac
}

printf '\tnop\n\tmove %%eax\n' > syntax.S
mistake 'syntax.S:2: Error: ' syntax.S
result "a syntax error"
printf '\tnop\n\tcall nowhere\n' > undefined.S
mistake 'undefined.S:2: undefined reference to `nowhere' undefined.S
result "a label that does not exist"
printf '\n#include "none.h"\n' > include.S
mistake 'include.S:2:10: fatal error: ' include.S
result "an include file that does not exist"
printf 'void program(void)\n{\n\tint x = "a";\n}\n' > type.c
mistake 'type.c:3:17: error: initialization of' type.c
result "C: a mistake that gcc only warns of"
printf 'int main(void)\n{\n\treturn 0;\n}\n' > main.c
mistake "main.c: required symbol \`program' not defined" main.c
result "C: no program()"
cat > libc.c <<'END'
#include <string.h>
int x[9];
void program(void)
{
	memcpy(x, x + 1, x[1]);
}
END
mistake "libc.c:5: undefined reference to \`memcpy'" libc.c
result "C: there is no library"
printf '\tret\n\t.bss\n\t.skip 0x10000\n' > large.S
mistake 'large.S: code and data take more than 0x10000 bytes' large.S
result "a program that is too large"
mistake 'empty.S: No such file or directory' empty.S && : > empty.S &&
	mistake 'empty.S: there is no code in it' empty.S
result "a file that is missing, a file that is empty"

mistake 'epml asm: expected one file, 0 were given' &&
	mistake 'epml asm: --param full=x: expected drop, exit or ve' --param full=x exit.S &&
	mistake 'epml asm: --param fool=ve: expected trigger, ' --param fool=ve exit.S &&
	mistake 'epml asm: --cpl 1: expected 0 or 3' --cpl 1 exit.S &&
	mistake 'epml asm: --limit 0: expected a number from 1 ' --limit 0 exit.S &&
	mistake 'epml asm: --format xml: expected text or json' --format xml exit.S &&
	mistake 'epml asm: --profile p: expected published or hardened' --profile p exit.S &&
	mistake 'epml asm: --trace none/trace: ' --trace none/trace exit.S
result "options"

(PATH=/nonexistent && export PATH && "$epml" asm exit.S) >out 2>err
[ $? -eq 2 ] && [ "$(cat err)" = "epml: cannot run gcc: it is not installed, or not in PATH" ]
result "no assembler"
(EPML_BOCHS=$dir/none && export EPML_BOCHS && mistake "epml asm: $dir/none is missing; " exit.S)
result "no Bochs"
printf '#!/bin/sh\necho "no BIOS" >&2\nexit 1\n' > fake && chmod +x fake
(EPML_BOCHS=$dir/fake && export EPML_BOCHS && mistake "epml asm: $dir/fake: " exit.S)
result "a Bochs that does not start"

# ---- Nothing is left ----

"$epml" asm --limit 4000000000 hang.S >out 2>err &
pid=$!
for _ in 1 2 3 4 5 6 7 8 9 10 11 12 13 14 15 16 17 18 19 20; do
	# The run's own directory is the second; it is there when Bochs starts.
	[ "$(ls tmp | wc -l)" -lt 2 ] || break
	sleep 0.1
done
sleep 0.3
kill -TERM $pid
wait $pid
[ $? -eq 143 ] && [ ! -s out ]
result "SIGTERM"

[ -z "$(ls tmp)" ] || { ls tmp; false; }
result "no files are left"
# A Bochs of this test would have its directory below ours.
! ls -l /proc/[0-9]*/cwd 2>/dev/null | grep -qF "$dir/tmp"
result "no processes are left"

finish
