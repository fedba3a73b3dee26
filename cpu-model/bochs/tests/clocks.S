/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * A BIOS that reads the clocks of a PC before and behind a loop, and prints through port E9H how
 * far each has gone, in hexadecimal: TSC, timer of the local APIC, HPET. With TWO defined it then
 * starts the second processor. Both measure a loop by their own TSC at the same time; the loops
 * take different times, and what each took is printed, its own first. clocks.sh knows what it must
 * be.
 */
#define LOOPS		100000
#define RESULT		0x7000		/* of the second processor, and that there is one */
#define DONE		0x7004
#define STORED		0x7040

#define APIC		0xfee00000
#define HPET		0xfed00000

	.code16
	.globl	_start
_start:	/* F000:0, where a startup IPI with vector F0H leads */
	cli
	xor	%ax, %ax
	mov	%ax, %ds
	mov	$2, %bp			/* the second time all is in the caches */
1:	rdtsc
	mov	%eax, %esi
	mov	$LOOPS, %ecx
2:	dec	%ecx
	jnz	2b
	rdtsc
	sub	%esi, %eax
	dec	%bp
	jnz	1b
	mov	%eax, RESULT
	movl	$1, DONE
3:	hlt
	jmp	3b

boot:	cli
	in	$0x92, %al		/* A20 */
	or	$2, %al
	out	%al, $0x92
	lgdtl	%cs:(gdtr - _start)
	mov	%cr0, %eax
	or	$1, %al
	mov	%eax, %cr0
	ljmpl	$8, $flat

	.code32
flat:	mov	$16, %ax
	mov	%ax, %ds
	mov	%ax, %ss
	mov	$0x6000, %esp
	orl	$0x100, APIC + 0xf0	/* on */
	movl	$0x10020, APIC + 0x320	/* one shot, masked */
	movl	$0xb, APIC + 0x3e0	/* divided by 1 */
	movl	$-1, APIC + 0x380
	orl	$1, HPET + 0x10		/* on */
	mov	$2, %ebp
1:	call	clocks
	push	%ebx
	push	%edi
	push	%esi
	mov	$LOOPS, %ecx
2:	dec	%ecx
	jnz	2b
	call	clocks
	pop	%eax
	sub	%eax, %esi
	pop	%eax
	sub	%eax, %edi
	pop	%eax
	sub	%ebx, %eax		/* it counts downwards */
	mov	%eax, %ebx
	dec	%ebp
	jnz	1b
	mov	%esi, %eax
	call	print
	mov	%ebx, %eax
	call	print
	mov	%edi, %eax
	call	print
#ifdef TWO
	movl	$0xc4500, APIC + 0x300	/* INIT and startup IPI to all others */
	movl	$0xc46f0, APIC + 0x300
	mov	$2, %ebp
1:	rdtsc
	mov	%eax, %esi
	mov	$LOOPS, %ecx
2:	mov	%eax, STORED
	dec	%ecx
	jnz	2b
	rdtsc
	sub	%esi, %eax
	dec	%ebp
	jnz	1b
	call	print
3:	pause
	cmpl	$0, DONE
	je	3b
	mov	RESULT, %eax
	call	print
#endif
	mov	$shutdown, %esi
	mov	$0x8900, %edx
4:	lodsb	%cs:(%esi)
	out	%al, %dx
	test	%al, %al
	jnz	4b
5:	jmp	5b

/* ESI: TSC, EBX: APIC, EDI: HPET */
clocks:	mov	APIC + 0x390, %ebx
	mov	HPET + 0xf0, %edi
	rdtsc
	mov	%eax, %esi
	ret

/* EAX as eight digits and a newline. */
print:	mov	$8, %ecx
	mov	%eax, %edx
1:	rol	$4, %edx
	mov	%dl, %al
	and	$15, %al
	cmp	$10, %al
	sbb	$0x69, %al
	das
	out	%al, $0xe9
	loop	1b
	mov	$'\n', %al
	out	%al, $0xe9
	ret

shutdown:
	.asciz	"Shutdown"
	.balign	8
gdt:	.quad	0, 0x00cf9a000000ffff, 0x00cf92000000ffff
gdtr:	.word	. - gdt - 1
	.long	gdt

	.code16
	.org	0xfff0
	ljmp	$0xf000, $(boot - _start)
	.org	0x10000
