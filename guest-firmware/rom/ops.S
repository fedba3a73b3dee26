/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * The instructions of guest steps, one small routine each, and the table that finds them.
 *
 * A routine gets the step's a, b and c in RDI, RSI and RDX, returns its result in RAX and the
 * flags that it reports in RDX. It may use every register: op_run saves them, and takes RSP back
 * from op_context, so that a fault can leave the routine anywhere (op_abort).
 */
#include "rom.h"

	.text

/* ---- struct op_result op_run(unsigned slot, uint64_t a, uint64_t b, uint64_t c) ---------- */

	.globl	op_run, op_abort
op_run:
	push	%rbx
	push	%rbp
	push	%r12
	push	%r13
	push	%r14
	push	%r15
	push	op_context(%rip)
	mov	%rsp, op_context(%rip)
	mov	%edi, %eax
	mov	%rsi, %rdi
	mov	%rdx, %rsi
	mov	%rcx, %rdx
	lea	op_table(%rip), %rbx
	movslq	(%rbx, %rax, 4), %rax
	add	%rax, %rbx
	call	*%rbx
op_done:
	mov	op_context(%rip), %rsp
	cld
	pop	op_context(%rip)
	pop	%r15
	pop	%r14
	pop	%r13
	pop	%r12
	pop	%rbp
	pop	%rbx
	ret
op_abort:					/* the event handler returns to here */
	mov	$OP_FAULTED, %edx
	jmp	op_done

/* A routine that reports no flags ends with this. */
	.macro	done
	xor	%edx, %edx
	ret
	.endm

/* CF and ZF as the instruction left them; RAX is the result. */
done_flags:
	pushfq
	pop	%rdx
	and	$0x41, %edx
	ret

/* ---- Stores and loads -------------------------------------------------------------------- */

store_1:
	mov	%sil, (%rdi)
	done
store_2:
	mov	%si, (%rdi)
	done
store_4:
	mov	%esi, (%rdi)
	done
store_8:
	mov	%rsi, (%rdi)
	done
store_16:
	movq	%rsi, %xmm0
	punpcklqdq %xmm0, %xmm0
	movups	%xmm0, (%rdi)
	done
store_32:
	vmovq	%rsi, %xmm0
	vpbroadcastq %xmm0, %ymm0
	vmovups	%ymm0, (%rdi)
	done
store_64:
	vpbroadcastq %rsi, %zmm0
	vmovups	%zmm0, (%rdi)
	done

load_1:
	movzbl	(%rdi), %eax
	done
load_2:
	movzwl	(%rdi), %eax
	done
load_4:
	mov	(%rdi), %eax
	done
load_8:
	mov	(%rdi), %rax
	done

push_8:
	lea	8(%rdi), %rsp
	push	%rsi
	jmp	op_done_no_flags

/* ---- Read-modify-write ------------------------------------------------------------------- */

rmw_1:
	add	%sil, (%rdi)
	done
rmw_2:
	add	%si, (%rdi)
	done
rmw_4:
	add	%esi, (%rdi)
	done
rmw_8:
	add	%rsi, (%rdi)
	done

lock_rmw_1:
	movzbl	%sil, %eax
	lock xadd %al, (%rdi)
	done
lock_rmw_2:
	movzwl	%si, %eax
	lock xadd %ax, (%rdi)
	done
lock_rmw_4:
	mov	%esi, %eax
	lock xadd %eax, (%rdi)
	done
lock_rmw_8:
	mov	%rsi, %rax
	lock xadd %rax, (%rdi)
	done

cmpxchg_1:
	movzbl	%sil, %eax
	lock cmpxchg %dl, (%rdi)
	done
cmpxchg_2:
	movzwl	%si, %eax
	lock cmpxchg %dx, (%rdi)
	done
cmpxchg_4:
	mov	%esi, %eax
	lock cmpxchg %edx, (%rdi)
	done
cmpxchg_8:
	mov	%rsi, %rax
	lock cmpxchg %rdx, (%rdi)
	done

cmpxchg16b:
	mov	%rsi, %rax			/* expected in RDX:RAX, new in RCX:RBX */
	mov	%rdx, %rbx
	xor	%edx, %edx
	xor	%ecx, %ecx
	lock cmpxchg16b (%rdi)
	done

/* ---- Strings ----------------------------------------------------------------------------- */

stos_1:
	mov	%rsi, %rcx
	mov	%rdx, %rax
	rep stosb
	done
stos_8:
	mov	%rsi, %rcx
	mov	%rdx, %rax
	rep stosq
	done
movs_1:
	mov	%rdx, %rcx
	rep movsb
	done
movs_8:
	mov	%rdx, %rcx
	rep movsq
	done

/* ---- Processor state (vecimg.h) ----------------------------------------------------------- */

fxsave_op:
	call	load_state
	fxsave64 (%rdi)
	done
xsave_op:
	call	load_state
	mov	$VI_STATE_XSAVE, %eax
	xor	%edx, %edx
	xsave64	(%rdi)
	done

/* All that VI_FXSAVE and VI_XSAVE save: x87 state and MXCSR, and RSI in all vector registers. */
load_state:
	fxrstor64 state(%rip)
	vmovq	%rsi, %xmm0
	vpbroadcastq %xmm0, %ymm0
	.irp	n, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15
	vmovdqa	%ymm0, %ymm\n
	.endr
	ret

	.section .rodata
	.balign	16
state:
	.word	VI_STATE_FCW, 0, VI_STATE_FTW
	.skip	24 - (. - state)
	.long	VI_STATE_MXCSR, 0
	.rept	8
	.quad	VI_STATE_ST_SIGNIFICAND, VI_STATE_ST_EXPONENT
	.endr
	.skip	VI_FXSAVE_SIZE - (. - state)
	.text

/* ---- VMX --------------------------------------------------------------------------------- */

vmread_reg:
	xor	%eax, %eax
	vmread	%rdi, %rax
	jmp	done_flags
vmwrite_reg:
	mov	$0, %eax
	vmwrite	%rsi, %rdi
	jmp	done_flags
vmread_mem:
	mov	$0, %eax
	vmread	%rsi, (%rdi)
	jmp	done_flags
vmwrite_mem:
	mov	$0, %eax
	vmwrite	(%rdi), %rsi
	jmp	done_flags
vmcall_reported:
	xor	%eax, %eax			/* not CALL_MAGIC */
	vmcall
	done
vmfunc_eptp:
	xor	%eax, %eax			/* VM function 0: EPTP switching */
	mov	%edi, %ecx
	vmfunc
	done

/* ---- Paging, interrupts ------------------------------------------------------------------ */

invlpg_op:
	invlpg	(%rdi)
	done
mov_cr3:
	mov	%rdi, %cr3
	done
cli_op:
	cli
	done
sti_op:
	sti
	nop
	done
hlt_op:
	hlt
	done
nop_op:
	nop
	done
int_op:
	lea	int_table(%rip), %rax
	movzbl	%dil, %edi
	lea	(%rax, %rdi, 4), %rax
	call	*%rax
	done

write_tpr:
	mov	$0x808, %ecx			/* IA32_X2APIC_TPR */
	jmp	write_msr
write_eoi:
	xor	%edi, %edi
	mov	$0x80B, %ecx			/* IA32_X2APIC_EOI */
	jmp	write_msr
write_self_ipi:
	mov	$0x83F, %ecx			/* IA32_X2APIC_SELF_IPI */
write_msr:
	mov	%edi, %eax
	xor	%edx, %edx
	wrmsr
	done

/* ---- A program --------------------------------------------------------------------------- */

	.macro	load_user reg, index
	mov	user_regs + 8 * \index(%rip), \reg
	.endm
	.macro	save_user reg, index
	mov	\reg, user_regs + 8 * \index(%rip)
	.endm
call_user:
	mov	%rdi, call_target(%rip)
	xor	%eax, %eax			/* the same flags in every run */
	for_gprs load_user
	call	*call_target(%rip)
	for_gprs save_user
	mov	%rsp, user_regs + 8 * R_RSP(%rip)
	pushfq
	pop	user_regs + 8 * R_RFLAGS(%rip)
	done

op_done_no_flags:
	xor	%edx, %edx
	jmp	op_done

/* int n; ret: four bytes each */
	.balign	4
int_table:
	vector = 0
	.rept	256
	.byte	0xCD, vector, 0xC3, 0x90
	vector = vector + 1
	.endr

/* ---- op_table: a row for each operation from VI_STORE on, a column for each size 1 to 64 ---- */

	.section .rodata
	.balign	4
	.macro	cell routine
	.ifb	\routine
	.long	0
	.else
	.long	\routine - op_table
	.endif
	.endm
	.macro	row c1:req, c2, c4, c8, c16, c32, c64
	cell	\c1
	cell	\c2
	cell	\c4
	cell	\c8
	cell	\c16
	cell	\c32
	cell	\c64
	.endm

	.globl	op_table
op_table:
	row	store_1, store_2, store_4, store_8, store_16, store_32, store_64
	row	load_1, load_2, load_4, load_8
	row	rmw_1, rmw_2, rmw_4, rmw_8
	row	lock_rmw_1, lock_rmw_2, lock_rmw_4, lock_rmw_8
	row	cmpxchg_1, cmpxchg_2, cmpxchg_4, cmpxchg_8
	row	cmpxchg16b
	row	push_8
	row	stos_1, , , stos_8
	row	movs_1, , , movs_8
	row	vmread_reg
	row	vmwrite_reg
	row	vmread_mem
	row	vmwrite_mem
	row	invlpg_op
	row	mov_cr3
	row	cli_op
	row	sti_op
	row	hlt_op
	row	int_op
	row	vmcall_reported
	row	vmfunc_eptp
	row	write_tpr
	row	write_eoi
	row	write_self_ipi
	row	call_user
	row	nop_op
	row	fxsave_op
	row	xsave_op
	.if	. - op_table - 4 * OP_ROWS * OP_COLUMNS
	.error	"op_table does not have OP_ROWS rows"
	.endif

	.bss
	.balign	8
	.globl	op_context, user_regs
op_context:	.skip 8
call_target:	.skip 8
user_regs:	.skip 8 * R_COUNT

	.section .note.GNU-stack, "", @progbits
