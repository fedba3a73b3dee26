/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * What happens when the log is full?
 *
 *	epml asm full-log.S
 *	epml asm --profile published full-log.S
 *	epml asm --param full=ve full-log.S
 *
 * The program leaves room for four entries and writes six pages. When the fourth entry is written
 * the index becomes FFFFH and the processor sends the notification, vector 40H. Its handler counts
 * in R15 but empties nothing, so that the fifth page finds the log full.
 *
 * hardened (full=exit): VM exit 62 before the fifth write. Nothing is lost: the hypervisor can
 *	empty the log, or tell the guest, and the write is executed again (rule GPML-FULL-2).
 * published (full=drop): the program ends, but pages 404000H and 405000H were modified and are in
 *	no log (rule GPML-FULL-1, property P1).
 * full=ve: #VE before the fifth write. Its handler empties the log without the hypervisor, counts
 *	in R14, and the write is executed again (rule GPML-FULL-3).
 *
 * A handler may change all registers; what it keeps goes to memory.
 */
#include <epml-guest.h>

	mov	$EPML_VMCS_GUEST_PML_INDEX, %esi
	mov	$3, %eax
	vmwrite	%rax, %rsi

	mov	$EPML_GUEST_DATA, %rdi
	mov	$6, %ecx
1:	movq	$1, (%rdi)
	add	$0x1000, %rdi
	loop	1b

	mov	notifications(%rip), %r15
	mov	emptied(%rip), %r14
	ret

/* The notification. */
vector_40:
	incq	notifications(%rip)
	ret

/* #VE: the log is full. What the log holds would be collected here. */
vector_14:
	mov	$EPML_VMCS_GUEST_PML_INDEX, %esi
	mov	$511, %eax
	vmwrite	%rax, %rsi
	mov	$EPML_GUEST_VE_INFO, %rbx
	movl	$0, EPML_VEINFO_BUSY(%rbx)	/* ready for the next #VE */
	incq	emptied(%rip)
	ret

	.data
notifications:
	.quad	0
emptied:
	.quad	0
