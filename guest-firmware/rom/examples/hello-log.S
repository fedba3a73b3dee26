/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * The guest's log: three pages are written, in an order of their own, and then read back from the
 * log, as a program that tracks its own memory would do.
 *
 *	epml asm hello-log.S
 *
 * Each page is logged once, by its guest-virtual address, from entry 511 downwards; the second
 * write to the last page adds nothing. RAX is the number of entries, RBX, RCX and RDX are the
 * entries themselves. The hypervisor's log has the same pages by their guest-physical addresses.
 */
#include <epml-guest.h>

	mov	$EPML_GUEST_DATA, %rdi
	movq	$1, 0x2008(%rdi)
	movq	$2, 0x0ff8(%rdi)
	movb	$3, 0x1000(%rdi)
	movb	$4, 0x1fff(%rdi)		/* the page is logged already */

	/* The index is that of the next entry: 511 less the number of entries. */
	mov	$EPML_VMCS_GUEST_PML_INDEX, %esi
	vmread	%rsi, %rsi
	mov	$511, %eax
	sub	%rsi, %rax

	mov	$EPML_GUEST_LOG, %rsi
	mov	8 * 511(%rsi), %rbx
	mov	8 * 510(%rsi), %rcx
	mov	8 * 509(%rsi), %rdx
	ret
