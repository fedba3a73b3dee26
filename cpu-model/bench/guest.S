/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * The guest programs that are timed: data here, copied into the guest's memory at GUEST_CODE.
 * Each is called with VI_CALL, may use all registers, and makes PARAM_PASSES passes.
 */
#include "epml-spec.inc"
#include "guest.h"

#define PARAM(n)	(GUEST_PARAMS + 8 * (n))

	.section .rodata
	.balign	4096
	.globl	guest_code, guest_code_end, guest_memory, guest_miss, guest_dirty, guest_store

	/* A program: passes of what stands between this and end_passes. */
	.macro	passes
	mov	PARAM(PARAM_PASSES), %rcx
	test	%rcx, %rcx
	jz	9f
1:
	.endm
	.macro	end_passes
	incq	PARAM(PARAM_DONE)
	dec	%rcx
	jnz	1b
9:
	ret
	.endm

guest_code:
	/* Loads and stores to a few pages, whose translations are in the TLB all the time. */
guest_memory:
	passes
	mov	$GUEST_DATA, %edi
2:
	mov	(%rdi), %rax
	add	%rcx, %rax
	mov	%rax, 8(%rdi)
	add	$MEMORY_STRIDE, %rdi
	cmp	$(GUEST_DATA + MEMORY_PAGES * 4096), %rdi
	jne	2b
	end_passes

	/* Each load and each store misses the TLB: the two translations drive each other out. */
guest_miss:
	passes
	mov	$GUEST_DATA, %edi
2:
	mov	(%rdi), %rax
	add	%rcx, %rax
	mov	%rax, (GUEST_ALIAS - GUEST_DATA)(%rdi)
	add	$4096, %rdi
	cmp	$(GUEST_DATA + GUEST_PAGES * 4096), %rdi
	jne	2b
	end_passes

	/*
	 * Each store sets the guest's dirty flag, as a tracker that re-arms page by page makes it.
	 * With the guest's log, one pass fills it: the index is set back after the pass.
	 */
guest_dirty:
	mov	PARAM(PARAM_PTES), %rsi
	mov	$EPML_VMCS_GUEST_PML_INDEX, %ebp
	mov	$EPML_LOG_FIRST_INDEX, %ebx
	passes
	mov	$GUEST_DATA, %edi
	xor	%edx, %edx
2:
	andq	$~EPML_PTE_DIRTY, (%rsi, %rdx, 8)
	invlpg	(%rdi)
	mov	%rcx, (%rdi)
	inc	%edx
	add	$4096, %rdi
	cmp	$(GUEST_DATA + GUEST_PAGES * 4096), %rdi
	jne	2b
	cmpq	$0, PARAM(PARAM_LOG)
	je	3f
	vmwrite	%rbx, %rbp
3:
	end_passes

	/* A store to each page, to a sub-page of even number that changes with the pass. */
guest_store:
	passes
	mov	%ecx, %edi
	shl	$8, %edi
	and	$0xF00, %edi
	add	$GUEST_DATA, %edi
	mov	$STORE_PAGES, %edx
2:
	mov	%rcx, (%rdi)
	add	$4096, %rdi
	dec	%edx
	jnz	2b
	end_passes
guest_code_end:

	.section .note.GNU-stack, "", @progbits
