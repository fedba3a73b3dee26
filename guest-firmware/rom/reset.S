/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * From the reset vector to C: real mode, protected mode, copy to RAM, long mode.
 *
 * All of it is one section at a known offset of the ROM, so that the assembler computes every
 * address itself: the rest of the ROM runs at two addresses and must not contain relocations.
 */
#include "rom.h"

#define RESET_OFFSET	0xFE00			/* as in rom.ld */
#define ROM_ADDR(label)	(ROM_TOP + RESET_OFFSET + ((label) - reset16))
#define RAM_ADDR(label)	(ROM_BASE + RESET_OFFSET + ((label) - reset16))

#define CR0_PE		0x00000001
#define CR0_MP		0x00000002
#define CR0_NE		0x00000020
#define CR0_WP		0x00010000
#define CR0_CD_NW	0x60000000
#define CR0_PG		0x80000000
#define CR4_PAE		0x20
#define MSR_EFER	0xC0000080
#define EFER_LME_NXE	0x900
#define PTE_RW		0x03			/* present, writable */
#define PTE_RW_LARGE	0x83			/* the same, 2-MByte page */

#define SEL_CODE32	0x08
#define SEL_DATA32	0x10
#define SEL_CODE64	0x18

	.section .reset, "ax"
	.code16
	.globl	reset16
reset16:
	cli
	cld
	lgdtl	%cs:(RESET_OFFSET + gdtr - reset16)
	mov	%cr0, %eax
	and	$~CR0_CD_NW, %eax
	or	$(CR0_PE | CR0_MP | CR0_NE), %eax
	mov	%eax, %cr0
	ljmpl	$SEL_CODE32, $ROM_ADDR(reset32)

	.code32
reset32:
	mov	$SEL_DATA32, %eax
	mov	%eax, %ds
	mov	%eax, %es
	mov	%eax, %ss
	mov	$ROM_TOP, %esi
	mov	$ROM_BASE, %edi
	mov	$(ROMIMAGE_ROM_SIZE / 4), %ecx
	rep movsl

	/* Identity map of 4 GByte: one PML4E, four PDPTEs, four page directories. */
	xor	%eax, %eax
	mov	$ROM_PAGING, %edi
	mov	$(2 * 4096 / 4), %ecx
	rep stosl
	movl	$(ROM_PAGING + 0x1000 + PTE_RW), ROM_PAGING
	mov	$(ROM_PAGING + 0x2000 + PTE_RW), %eax
	mov	$(ROM_PAGING + 0x1000), %edi
	mov	$4, %ecx
1:	mov	%eax, (%edi)
	add	$8, %edi
	add	$0x1000, %eax
	loop	1b
	mov	$PTE_RW_LARGE, %eax
	mov	$(ROM_PAGING + 0x2000), %edi
	mov	$(4 * 512), %ecx
2:	mov	%eax, (%edi)
	movl	$0, 4(%edi)
	add	$8, %edi
	add	$0x200000, %eax
	loop	2b

	mov	$CR4_PAE, %eax
	mov	%eax, %cr4
	mov	$ROM_PAGING, %eax
	mov	%eax, %cr3
	mov	$MSR_EFER, %ecx
	rdmsr
	or	$EFER_LME_NXE, %eax
	wrmsr
	mov	%cr0, %eax
	or	$(CR0_PG | CR0_WP), %eax
	mov	%eax, %cr0
	ljmpl	$SEL_CODE64, $RAM_ADDR(reset64)

	.code64
reset64:
	lea	__bss_start(%rip), %rdi
	lea	__bss_end(%rip), %rcx
	sub	%rdi, %rcx
	xor	%eax, %eax
	rep stosb
	lea	root_stack_top(%rip), %rsp
	call	rom_main
3:	hlt
	jmp	3b

	.balign	8
gdt:	.quad	0
	.quad	0x00CF9B000000FFFF		/* 32-bit code */
	.quad	0x00CF93000000FFFF		/* data */
	.quad	0x00AF9B000000FFFF		/* 64-bit code */
gdtr:	.word	gdtr - gdt - 1
	.long	ROM_ADDR(gdt)

	/* The last 16 bytes of the ROM: where the processor begins. */
	.org	0x1F0
	.code16
	jmp	reset16
	.org	0x200
