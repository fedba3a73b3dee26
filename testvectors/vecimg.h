/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * The vector image: test vectors as the ROM and the standalone machine execute them.
 *
 * The compiler (compile.c) turns JSON into one image; both hosts run the very same bytes, so that
 * every paging structure has the same address on both. All numbers are little-endian, every
 * structure is a multiple of 8 bytes, arrays follow each other without gaps in the order given.
 * Freestanding: used by the ROM, its assembler files included. docs/vectors.md describes the world
 * in which vectors live.
 */
#ifndef EPML_VECIMG_H
#define EPML_VECIMG_H

#ifndef __ASSEMBLER__
#include <stdint.h>
#endif

#define VI_MAGIC	0x314345564C4D5045ull	/* "EPMLVEC1" */

/* ---- The world: one memory map for all vectors ------------------------------------------ */

#define W_RAM_SIZE	0x04000000ull	/* 64 MByte */
#define W_SYS_END	0x01000000ull	/* HPA below: ROM's own memory (code, stacks, tables) */
#define W_EPT		0x01000000ull	/* EPT paging structures; PML4 table first */
#define W_EPT2		0x01080000ull	/* a second EPT hierarchy, for EPTP switching */
#define W_PML		0x01100000ull	/* hypervisor's page-modification log */
#define W_VAPIC		0x01101000ull	/* virtual-APIC page */
#define W_VMREAD_BM	0x01102000ull
#define W_VMWRITE_BM	0x01103000ull
#define W_VE_INFO	0x01104000ull
#define W_EPTP_LIST	0x01105000ull
#define W_SHADOW_VMCS	0x01106000ull
#define W_MSR_BITMAP	0x01107000ull
#define W_SYS_PDPT	0x01110000ull	/* guest tables of the system alias */
#define W_SYS_PD	0x01111000ull
#define W_SYS_EPDPT	0x01112000ull	/* EPT tables of the system alias */
#define W_SYS_EPD	0x01113000ull
#define W_SPPT		0x01120000ull	/* sub-page-permission tables; level-4 table first */
#define W_FRAME0	0x02000000ull	/* default frame of a guest page: W_FRAME0 + gpa */
#define W_SPARE		0x03000000ull	/* frames for remapping, up to W_RAM_SIZE */

#define W_GUEST_PML4	0x00100000ull	/* GPA: guest paging structures, PML4 table first */
#define W_GUEST_LOG	0x00300000ull	/* GPA: guest page-modification log */

/* GVA = GPA = W_ALIAS + HPA reaches all RAM, through PML4E 1 of guest tables and EPT, with all
 * accessed and dirty flags set already: using it changes no flag and writes no log. */
#define W_ALIAS		0x8000000000ull

/* ---- Processor state -------------------------------------------------------------------- */

/*
 * The state that VI_FXSAVE and VI_XSAVE save: XMM0 to XMM15 and the upper halves of YMM0 to YMM15
 * are b, repeated every 8 bytes; the x87 control word is that of FNINIT, MXCSR that of reset;
 * ST0 to ST7 are 1.0 and none is empty; all other x87 state is 0.
 */
#define VI_FXSAVE_SIZE	512
#define VI_XSAVE_SIZE	832	/* legacy region, header, AVX */
#define VI_STATE_FCW	0x037F
#define VI_STATE_FTW	0xFF	/* abridged */
#define VI_STATE_MXCSR	0x1F80
#define VI_STATE_ST_SIGNIFICAND 0x8000000000000000
#define VI_STATE_ST_EXPONENT 0x3FFF
#define VI_STATE_XSAVE	7	/* state components: x87, SSE, AVX */

#ifndef __ASSEMBLER__
/* ---- Image ------------------------------------------------------------------------------ */

struct vi_header {
	uint64_t magic;
	uint32_t version;	/* 1 */
	uint32_t count;		/* number of vectors */
	uint64_t size;		/* bytes of the whole image, this header included */
};

struct vi_vector {
	uint32_t size;		/* bytes, this structure and its arrays included */
	uint32_t index;		/* number that the output names */
	uint32_t flags;		/* VI_F_* */
	uint32_t limit;		/* VMX-preemption timer value for the whole vector */
	uint32_t n_pages;	/* uint64_t hpa[]: pages to be zeroed first */
	uint32_t n_pokes;	/* struct vi_poke[] */
	uint32_t n_fields;	/* struct vi_field[]: VMCS fields written before the first entry */
	uint32_t n_steps;	/* struct vi_step[] */
	uint32_t n_dump_pages;	/* uint64_t hpa[]: pages whose non-zero words are reported */
	uint32_t n_dump_words;	/* uint64_t hpa[]: 8-byte words that are reported */
	uint32_t n_dump_fields;	/* struct vi_field[]: VMCS fields that are reported */
	uint32_t reserved;
	uint64_t ist;		/* if not 0: GVA of IST1, and all IDT gates use IST1 */
};

#define VI_F_CPL3	1u	/* guest steps run at CPL 3 */
#define VI_F_IF		2u	/* RFLAGS.IF = 1 at entry */
#define VI_F_REGS	4u	/* report the guest's registers at the end (user programs) */

#define VI_NO_RIP	~0ull	/* reported as rip: the program returned */
#define VI_F_ONE_WRITABLE 8u	/* ROM: a page to which EPT refuses a write is made writable, the
				 * one before it read-only again; nothing is reported */

struct vi_poke {
	uint64_t hpa, value;	/* 8 bytes, aligned */
};

struct vi_field {
	uint64_t field, value;	/* VMCS encoding */
};

struct vi_step {
	uint16_t op;		/* enum vi_op */
	uint16_t size;		/* bytes of the access, or a count's unit */
	uint32_t handler;	/* 0: main sequence; v+1: belongs to the handler of vector v */
	uint64_t a, b, c;
};

/*
 * Steps run in order. Guest steps run in VMX non-root operation, host steps in VMX root operation;
 * between a guest step and a host step the guest executes a VMCALL that is not reported. After a
 * reported VM exit the vector goes on if the next step is a host step, and ends otherwise.
 */
enum vi_op {
	VI_END = 0,
	/* Guest steps. a is a GVA unless said otherwise. "result" steps report a value. */
	VI_STORE,	/* size 1..64: mov (1-8), movups (16), vmovups ymm/zmm (32, 64); the
			 * pattern is b repeated every 8 bytes */
	VI_LOAD,	/* size 1..8, result */
	VI_RMW,		/* size 1..8: add of b to memory, not locked */
	VI_LOCK_RMW,	/* size 1..8: lock xadd of b; result = old value */
	VI_CMPXCHG,	/* size 1..8: lock cmpxchg, b = expected, c = new; result = old value */
	VI_CMPXCHG16B,	/* lock cmpxchg16b, b = expected low (high 0), c = new low (high 0) */
	VI_PUSH,	/* 8-byte push of b with RSP = a + 8, so that a is written */
	VI_STOS,	/* rep stosb/stosq: size 1 or 8, b = count, c = value */
	VI_MOVS,	/* rep movsb/movsq: size 1 or 8, a = destination, b = source, c = count */
	VI_VMREAD,	/* a = field (64 bits), register operand; result with CF and ZF */
	VI_VMWRITE,	/* a = field (64 bits), b = value, register operand; result 0, CF, ZF */
	VI_VMREAD_MEM,	/* b = field, a = memory operand; result = 0 with CF, ZF */
	VI_VMWRITE_MEM,	/* b = field, a = memory operand; result = 0 with CF, ZF */
	VI_INVLPG,
	VI_MOV_CR3,	/* a = value for CR3 */
	VI_CLI,
	VI_STI,		/* sti; nop */
	VI_HLT,
	VI_INT,		/* a = vector: int n */
	VI_VMCALL,	/* reported exit */
	VI_VMFUNC,	/* EPTP switching: a = EPTP-list index */
	VI_WRTPR,	/* WRMSR 808H: a = TPR value */
	VI_EOI,		/* WRMSR 80BH */
	VI_SELF_IPI,	/* WRMSR 83FH: a = vector */
	VI_CALL,	/* call the code at GVA a (user programs) */
	VI_NOP,
	VI_FXSAVE,	/* fxsave64 of the state below; size VI_FXSAVE_SIZE */
	VI_XSAVE,	/* xsave64 of x87, SSE and AVX state; size VI_XSAVE_SIZE */
	VI_GUEST_LAST = VI_XSAVE,
	/* Host steps. */
	VI_H_POKE = 64,	/* size 1..8: write b at HPA a */
	VI_H_INVEPT,	/* a = type, b = EPTP; result = 0 with CF, ZF */
	VI_H_INVVPID,	/* a = type, b = VPID, c = GVA; result = 0 with CF, ZF */
	VI_H_VMREAD,	/* a = field; result with CF and ZF */
	VI_H_VMWRITE,	/* a = field, b = value; result = 0 with CF, ZF */
	VI_H_VMCLEAR,	/* VMCLEAR of the current VMCS, then VMPTRLD of it: next entry launches */
	VI_H_RESUME,	/* end of host steps: re-enter and run the interrupted guest step again */
	VI_H_SKIP,	/* end of host steps: re-enter at the next guest step */
	VI_H_PEEK,	/* size 1..8: result = value at HPA a */
};

/*
 * What is reported, in the order of happening; the ROM writes lines to port E9H, all numbers in
 * hexadecimal without prefix:
 *
 *	V index					vector begins
 *	n error					VM entry failed with VMfail; VM-instruction error
 *						number, ffff for VMfailInvalid; ends the vector
 *	x step reason qual gpa gva intinfo interr idtvec idterr
 *						VM exit (reason with bit 31 for a failed entry)
 *	e step vector error cr2			event delivered to the guest (error 0 if none)
 *	r step value flags			result; flags: 1 = CF, 40 = ZF
 *	g name value				register of the guest (VI_F_REGS)
 *	f field value				VMCS field at the end
 *	m hpa value				8-byte word at the end (dump words; non-zero words
 *						of dump pages)
 *	! text					the ROM gave up on this vector (too many events)
 *	z index					vector ends
 *
 * step is the index into the vector's steps of the guest or host step that was being executed.
 * "Z count" is the last line of a run.
 *
 * The end of a vector: fields are read after the last VM exit. Guest events: a fault (#PF, #GP,
 * #UD, ...) ends its step, and the guest goes on with the next step; an interrupt or a trap, or
 * any vector that has handler steps, returns to where it happened. The handler steps of a vector
 * run at CPL 0 with interrupts off, between the report and the IRET. The ROM gives up after
 * VI_MAX_REPORTS lines.
 */
#define VI_MAX_REPORTS	2000

#endif
#endif
