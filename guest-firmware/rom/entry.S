/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * VM entry and exit, the way into guest code, and the exception and interrupt stubs.
 *
 * Addresses are formed relative to RIP throughout: guest code runs in the system alias.
 */
#include "rom.h"

#define HANDLER_STACK	2048		/* bytes that guest_event and what it calls may use */
#define FRAME_STACK	256		/* at least the size of struct event_frame */

	.text

/* ---- unsigned vmx_enter(bool launched) --------------------------------------------------- */

	.macro	load_vmx reg, index
	mov	vmx_regs + 8 * \index(%rip), \reg
	.endm
	.macro	save_vmx reg, index
	mov	\reg, vmx_regs + 8 * \index(%rip)
	.endm

	.macro	load_frame reg, index
	mov	8 * \index(%rsp), \reg
	.endm
	.macro	save_frame reg, index
	mov	\reg, 8 * \index(%rsp)
	.endm

	.globl	vmx_enter
vmx_enter:
	push	%rbx
	push	%rbp
	push	%r12
	push	%r13
	push	%r14
	push	%r15
	mov	%rsp, root_rsp(%rip)
	test	%edi, %edi
	for_gprs load_vmx			/* leaves the flags alone */
	jnz	1f
	vmlaunch
	jmp	2f
1:	vmresume
2:	mov	$1, %eax			/* VMfailInvalid sets CF, VMfailValid ZF */
	jc	3f
	mov	$2, %eax
3:	jmp	4f

	.globl	vmx_exit			/* HOST_RIP */
vmx_exit:
	for_gprs save_vmx
	xor	%eax, %eax
4:	mov	root_rsp(%rip), %rsp
	cld
	pop	%r15
	pop	%r14
	pop	%r13
	pop	%r12
	pop	%rbp
	pop	%rbx
	ret

/* ---- Guest: GUEST_RIP of every entry that does not resume something ---------------------- */

	.globl	guest_start
guest_start:
	call	guest_run
	ud2					/* guest_run does not return */

/*
 * Guest: 256 stubs of 16 bytes. Every gate uses IST1, whose stack belongs to the vector and may
 * be used again by the next event: the stub moves the frame to the handler stack. The processor
 * has aligned RSP to 16 before it pushed five words, or six with an error code.
 */
	.balign	16
	.globl	guest_stubs
guest_stubs:
	vector = 0
	.rept	256
	.balign	16
	movl	$vector, event_vector(%rip)
	jmp	guest_stub_tail
	vector = vector + 1
	.endr

guest_stub_tail:
	mov	%rax, event_rax(%rip)
	mov	%rsp, event_rsp(%rip)
	mov	event_stack(%rip), %rsp
	mov	event_ist(%rip), %rax
	push	-8(%rax)			/* SS */
	push	-16(%rax)			/* RSP */
	push	-24(%rax)			/* RFLAGS */
	push	-32(%rax)			/* CS */
	push	-40(%rax)			/* RIP */
	sub	$48, %rax
	cmp	%rax, event_rsp(%rip)
	je	1f
	push	$0				/* error code */
	push	$0				/* there is none */
	jmp	2f
1:	push	(%rax)
	push	$1
2:	mov	event_vector(%rip), %eax
	push	%rax
	/* struct event_frame (guest.c): registers by index; R_RSP holds the place. */
	sub	$(8 * 16), %rsp
	mov	event_rax(%rip), %rax
	for_gprs save_frame
	mov	event_stack(%rip), %rax
	mov	%rax, 8 * R_RSP(%rsp)
	lea	-HANDLER_STACK(%rsp), %rax	/* an event in the handler goes below it */
	mov	%rax, event_stack(%rip)
	mov	%rsp, %rdi
	cld
	call	guest_event
	mov	8 * R_RSP(%rsp), %rax
	mov	%rax, event_stack(%rip)
	for_gprs load_frame
	add	$(8 * (16 + 3)), %rsp
	iretq

/* ---- Root: an exception in the ROM itself is a defect; say so and stop ------------------- */

	.balign	16
	.globl	root_stubs
root_stubs:
	vector = 0
	.rept	32
	.balign	16
	mov	$vector, %edi
	jmp	root_stub_tail
	vector = vector + 1
	.endr

root_stub_tail:
	mov	(%rsp), %rsi
	mov	8(%rsp), %rdx
	mov	%cr2, %rcx
	and	$~15, %rsp
	call	root_exception

/* ---- Data -------------------------------------------------------------------------------- */

	.bss
	.balign	16
	.globl	vmx_regs, event_ist, event_stack
vmx_regs:	.skip 8 * R_COUNT
root_rsp:	.skip 8
event_ist:	.skip 8
event_stack:	.skip 8
event_rax:	.skip 8
event_rsp:	.skip 8
event_vector:	.skip 8

	.macro	stack name, size
	.balign	4096
	.skip	\size
	.globl	\name\()_stack_top
\name\()_stack_top:
	.endm

	stack	root, 0x4000
	stack	exit, 0x1000
	stack	guest, 0x4000
	stack	ist, 0x1000
	stack	handler, (MAX_DEPTH * (HANDLER_STACK + FRAME_STACK))

	.section .note.GNU-stack, "", @progbits
