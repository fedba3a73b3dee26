/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * From the entry of a PVH guest, 32-bit protected mode without paging, to 64-bit mode; exceptions
 * and interrupts; and the way to user mode and back.
 */
#define PRESENT_WRITE_USER	7
#define ACCESSED_DIRTY		0x60
#define LARGE			0x80

	.section .note.Xen, "a", @note
	.align	4
	.long	2f - 1f, 4f - 3f, 18		/* XEN_ELFNOTE_PHYS32_ENTRY */
1:	.asciz	"Xen"
2:	.align	4
3:	.long	entry32
4:

	.text
	.code32
	.globl	entry32
entry32:
	cld
	mov	$stack_top, %esp
	mov	%ebx, start_info

	/* The first and the last GByte below 4 GByte by large pages, dirty already. */
	movl	$pdpt + PRESENT_WRITE_USER, pml4
	movl	$pd_low + PRESENT_WRITE_USER, pdpt
	movl	$pd_test + PRESENT_WRITE_USER, pdpt + 8
	movl	$pd_high + PRESENT_WRITE_USER, pdpt + 3 * 8
	movl	$pt_test + PRESENT_WRITE_USER, pd_test
	xor	%ecx, %ecx
1:	mov	%ecx, %eax
	shl	$21, %eax
	or	$PRESENT_WRITE_USER + ACCESSED_DIRTY + LARGE, %eax
	mov	%eax, pd_low(, %ecx, 8)
	or	$0xc0000000, %eax
	mov	%eax, pd_high(, %ecx, 8)
	inc	%ecx
	cmp	$512, %ecx
	jb	1b

	mov	$0x20, %eax			/* PAE */
	mov	%eax, %cr4
	mov	$pml4, %eax
	mov	%eax, %cr3
	mov	$0xc0000080, %ecx		/* EFER: LME */
	xor	%edx, %edx
	mov	$0x100, %eax
	wrmsr
	mov	$0x80010033, %eax		/* PG, WP, NE, ET, MP, PE */
	mov	%eax, %cr0
	lgdt	gdt_pointer
	ljmp	$0x08, $1f

	.code64
1:	mov	$0x10, %eax
	mov	%eax, %ds
	mov	%eax, %es
	mov	%eax, %ss
	mov	$tss, %eax			/* its base is not known to the assembler */
	mov	%ax, gdt_tss + 2
	shr	$16, %eax
	mov	%al, gdt_tss + 4
	mov	$0x28, %eax
	ltr	%ax
	lidt	idt_pointer
	call	guest_main
2:	hlt
	jmp	2b

/*
 * Stubs of 16 bytes, one for each vector: push the vector, and an error code where the processor
 * pushes none.
 */
	.balign	16
	.globl	stubs
stubs:
	.set	vector, 0
	.rept	256
	.balign	16
	.if	vector != 8 && vector != 17 && (vector < 10 || vector > 14)
	push	$0
	.endif
	pushq	$vector
	jmp	event
	.set	vector, vector + 1
	.endr

/* The frame, from the lowest address: struct frame in guest.h. */
event:
	push	%rax
	push	%rcx
	push	%rdx
	push	%rbx
	push	%rbp
	push	%rsi
	push	%rdi
	push	%r8
	push	%r9
	push	%r10
	push	%r11
	mov	%rsp, %rdi
	mov	%rsp, %rbx
	and	$-16, %rsp
	cld
	call	guest_event
	mov	%rbx, %rsp
	pop	%r11
	pop	%r10
	pop	%r9
	pop	%r8
	pop	%rdi
	pop	%rsi
	pop	%rbp
	pop	%rbx
	pop	%rdx
	pop	%rcx
	pop	%rax
	add	$16, %rsp
	iretq

/*
 * long user_vmcall(long rax): execute VMCALL at CPL 3, and come back by INT 80H, for which
 * guest_event() calls user_return.
 */
	.globl	user_vmcall
user_vmcall:
	push	%rbx
	push	%rbp
	push	%r12
	push	%r13
	push	%r14
	push	%r15
	mov	%rsp, user_stack
	mov	%rsp, tss + 4
	subq	$1024, tss + 4			/* RSP0, below what we need */
	mov	%rdi, %rax
	pushq	$0x1b
	pushq	$user_stack_top
	pushq	$2
	pushq	$0x23
	pushq	$1f
	iretq
1:	vmcall
	int	$0x80
	.globl	user_return
user_return:
	mov	user_stack, %rsp
	mov	$0x10, %ecx
	mov	%ecx, %ss
	mov	%rdi, %rax
	pop	%r15
	pop	%r14
	pop	%r13
	pop	%r12
	pop	%rbp
	pop	%rbx
	ret

	.data
	.balign	8
gdt:	.quad	0
	.quad	0x00af9b000000ffff		/* 08: code, 64 bits */
	.quad	0x00cf93000000ffff		/* 10: data */
	.quad	0x00cff3000000ffff		/* 18: user data */
	.quad	0x00affb000000ffff		/* 20: user code */
gdt_tss:
	.quad	0x0000890000000067, 0		/* 28: TSS */
gdt_pointer:
	.word	gdt_pointer - gdt - 1
	.quad	gdt
idt_pointer:
	.word	256 * 16 - 1
	.quad	idt

	.bss
	.balign	4096
	.globl	pt_test, start_info, idt
pml4:	.skip	4096
pdpt:	.skip	4096
pd_low:	.skip	4096
pd_high: .skip	4096
pd_test: .skip	4096
pt_test: .skip	4096
idt:	.skip	4096
tss:	.skip	104
start_info: .skip 8
user_stack: .skip 8
	.skip	16384
stack_top:
	.skip	1024
user_stack_top:

	.section .note.GNU-stack, "", @progbits
