/* SPDX-License-Identifier: BSD-2-Clause */
/* Ways into the handlers: save what C may change, call it, IRET. Root and guest use the same. */
#include "../rom.h"

#define SAVED	9

	.text

	.macro	save_registers
	push	%rax
	push	%rcx
	push	%rdx
	push	%rsi
	push	%rdi
	push	%r8
	push	%r9
	push	%r10
	push	%r11
	.endm

	.macro	restore_registers
	pop	%r11
	pop	%r10
	pop	%r9
	pop	%r8
	pop	%rdi
	pop	%rsi
	pop	%rdx
	pop	%rcx
	pop	%rax
	.endm

	.globl	page_fault_stub, ve_stub, notification_stub
page_fault_stub:
	save_registers
	cld
	call	handle_page_fault
	restore_registers
	add	$8, %rsp			/* error code */
	iretq

ve_stub:
	save_registers
	lea	8 * SAVED(%rsp), %rdi		/* where RIP is */
	cld
	call	handle_ve
	restore_registers
	iretq

notification_stub:
	save_registers
	cld
	call	handle_notification
	restore_registers
	iretq

	.section .note.GNU-stack, "", @progbits
