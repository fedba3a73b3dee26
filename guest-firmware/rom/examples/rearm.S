/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Re-arming: can the guest have a page logged a second time without its hypervisor?
 *
 *	epml asm rearm.S
 *	epml asm --profile published rearm.S
 *
 * The program writes a page, collects the log, re-arms the page by clearing the dirty flag of its
 * own paging-structure entry, and writes the page again. RAX is the number of entries that the
 * second write brought.
 *
 * With the profile hardened it is 1: the guest's own dirty flag is the trigger (rule GPML-TRIG-3).
 * With published it is 0, and the page is missing from the second collection: there the trigger is
 * the dirty flag in EPT, which the guest can neither see nor clear (property P4).
 */
#include <epml-guest.h>

	/* First round. */
	mov	$EPML_GUEST_DATA, %rdi
	movq	$1, (%rdi)

	/* Collect: this program only empties the log. */
	mov	$EPML_VMCS_GUEST_PML_INDEX, %esi
	mov	$511, %eax
	vmwrite	%rax, %rsi

	/* Re-arm. The processor may have cached that the page is dirty: INVLPG makes it forget. */
	mov	$EPML_GUEST_PTE(EPML_GUEST_DATA), %rbx
	lock andq $~EPML_PTE_DIRTY, (%rbx)
	invlpg	(%rdi)

	/* Second round. */
	movq	$2, (%rdi)
	vmread	%rsi, %rcx
	sub	%rcx, %rax
	ret
