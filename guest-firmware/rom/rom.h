/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * What the parts of the ROM share: its memory map, the state of a run, and its functions.
 * main.c explains the ROM as a whole. Included by C and by assembler files.
 */
#ifndef EPML_ROM_H
#define EPML_ROM_H

#include "romimage.h"
#include "vecimg.h"

/* ---- Memory: everything lies below W_SYS_END -------------------------------------------- */

#define ROM_TOP		0xFFFF0000	/* where Bochs maps rom.bin: 4 GByte - ROMIMAGE_ROM_SIZE */
#define ROM_PAGING	0x00100000	/* root paging structures: PML4, PDPT, four PDs */
#define ROM_VMXON	0x00108000	/* VMXON region */
#define ROM_VMCS	0x00109000	/* VMCS region */
#define ROM_BASE	0x00200000	/* the copy of rom.bin that runs; data follow */

/* ---- Segment selectors ------------------------------------------------------------------ */

#define SEL_CODE	0x08		/* root and guest, CPL 0 */
#define SEL_DATA	0x10
#define SEL_USER_DATA	0x1B		/* guest, CPL 3 */
#define SEL_USER_CODE	0x23
#define SEL_TSS		0x28

/* ---- Registers, as entry.S and ops.S save them: an array indexed by these ---------------- */

#define R_RAX		0
#define R_RCX		1
#define R_RDX		2
#define R_RBX		3
#define R_RSP		4
#define R_RBP		5
#define R_RSI		6
#define R_RDI		7
#define R_R8		8
#define R_RIP		16
#define R_RFLAGS	17
#define R_COUNT		18

/* ---- The guest's calls to the root: VMCALL with RAX = CALL_MAGIC + one of these ----------- */

#define CALL_MAGIC	0x45504D4C43414C00
#define CALL_END	1		/* no step is left */
#define CALL_HOST	2		/* the next step is a host step */
#define CALL_REPORTS	3		/* VI_MAX_REPORTS reached */
#define CALL_NESTING	4		/* handlers nest too deeply */
#define CALL_BAD_STEP	5		/* operation or size that the ROM does not have */

#define MAX_DEPTH	32		/* event handlers of the guest within each other */

/* ---- Instructions: rows of op_table (ops.S) are operations, columns sizes 2^n ------------- */

#define OP_ROWS		28
#define OP_COLUMNS	7
#define OP_FAULTED	0x8000		/* in op_result.flags: a fault ended the instruction */

#ifdef __ASSEMBLER__

	/* Apply a macro to every register but RSP and to its index. */
	.macro	for_gprs insn
	\insn	%rax, R_RAX
	\insn	%rcx, R_RCX
	\insn	%rdx, R_RDX
	\insn	%rbx, R_RBX
	\insn	%rbp, R_RBP
	\insn	%rsi, R_RSI
	\insn	%rdi, R_RDI
	\insn	%r8, R_R8
	\insn	%r9, (R_R8 + 1)
	\insn	%r10, (R_R8 + 2)
	\insn	%r11, (R_R8 + 3)
	\insn	%r12, (R_R8 + 4)
	\insn	%r13, (R_R8 + 5)
	\insn	%r14, (R_R8 + 6)
	\insn	%r15, (R_R8 + 7)
	.endm

#else

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* All symbols are in this one program, so none needs an address table. */
#pragma GCC visibility push(hidden)

#define ALIAS(p)	(W_ALIAS + (uint64_t)(uintptr_t)(p))	/* how the guest reaches it */

/* A report that the guest made; the root prints it after the next VM exit. */
struct record {
	char kind;
	uint8_t n;
	uint64_t v[4];
};

/* The run of one vector, shared by root and guest. */
struct run {
	uint32_t n_steps;
	uint32_t cur;		/* step being executed */
	uint32_t next;		/* step of the main sequence that comes next */
	uint32_t flags;		/* VI_F_* */
	uint32_t limit;		/* VMX-preemption timer value */
	uint32_t lines;		/* lines reported */
	uint32_t depth;		/* event handlers active in the guest */
	uint32_t n_records;
	uint64_t writable;	/* HPA of the EPT entry that let_write has changed, or 0 */
	uint64_t outer_rflags;	/* RFLAGS that the outermost handler interrupted */
	struct record records[VI_MAX_REPORTS];
};

struct op_result {
	uint64_t value;
	uint64_t flags;		/* EPML_RFLAGS_CF and _ZF, or OP_FAULTED */
};

extern struct run run;
extern struct vi_step steps[ROMIMAGE_MAX_STEPS];

/* The arrays of a vector. */
struct arrays {
	const uint64_t *pages;
	const struct vi_poke *pokes;
	const struct vi_field *fields;
	const struct vi_step *steps;
	const uint64_t *dump_pages, *dump_words;
	const struct vi_field *dump_fields;
};

struct tss {
	uint32_t reserved_0;
	uint32_t rsp[6];
	uint32_t reserved_28[2];
	uint32_t ist1_lo, ist1_hi;
	uint32_t ist[12];
	uint32_t reserved_92[2];
	uint16_t reserved_100, io_map;
};

/* Descriptor tables; addresses as their user, root or guest, sees them. */
struct tables {
	uint64_t gdt[SEL_TSS / 8 + 2];
	struct tss tss;
	uint64_t idt;
};

/* What ended a sequence of host steps. */
enum host_end {
	HOST_DONE,		/* no step is left */
	HOST_RESUME,		/* VI_H_RESUME */
	HOST_NEXT,		/* VI_H_SKIP, or a guest step follows */
};

/* image.c */
const struct vi_header *image_find(void);
bool image_arrays(const struct vi_vector *v, uint64_t end, struct arrays *a);

/* run.c */
uint32_t run_main_step(uint32_t i);
void run_vector(const struct vi_vector *v, const struct arrays *a);

/* one_writable.c */
bool let_write(void);

/* host.c */
enum host_end host_steps(void);

/* memory.c */
void memory_load(const struct vi_vector *v, const struct arrays *a);
void memory_report(const struct vi_vector *v, const struct arrays *a);
void memory_zero_page(uint64_t hpa);
uint64_t memory_read(uint64_t hpa, unsigned size);
void memory_write(uint64_t hpa, unsigned size, uint64_t value);

/* tables.c */
extern struct tables root_tables, guest_tables;
void tables_init(void);
void tables_set_ist(uint64_t gva);

/* vmx.c */
extern bool vmcs_launched;		/* the next VM entry is a VMRESUME */
void vmx_init(void);
bool vmx_offers(const struct vi_field *f, uint32_t n);
void vmcs_init(const struct vi_vector *v, const struct vi_field *f);
void vmcs_clear(void);
void vmcs_set_timer(void);
void vmcs_restart_guest(void);
void vmcs_reinject(void);

/* report.c */
void report_text(const char *text);
void report_line(char kind, unsigned n, const uint64_t *v);
void report_register(unsigned index, uint64_t value);
bool report_counted(char kind, unsigned n, const uint64_t *v);
void report_records(void);
void rom_shutdown(void) __attribute__((noreturn));

/* guest.c: VMX non-root operation */
void guest_run(void);

/* entry.S */
extern char guest_start[], guest_stubs[], root_stubs[], vmx_exit[];
extern char guest_stack_top[], handler_stack_top[], ist_stack_top[], exit_stack_top[];
extern uint64_t vmx_regs[R_COUNT];	/* guest's registers between exit and entry */
extern uint64_t event_ist;		/* top of IST1, aligned as the processor does */
extern uint64_t event_stack;		/* GVA: top of the stack for the next handler */

/**
 * Enter the guest with the current VMCS and the registers in vmx_regs.
 * @param launched	VMRESUME instead of VMLAUNCH
 * @return		0 after a VM exit, 1 for VMfailInvalid, 2 for VMfailValid
 */
unsigned vmx_enter(bool launched);

/* ops.S */
extern const int32_t op_table[];
extern char op_abort[];
extern uint64_t op_context;		/* stack of the innermost op_run; 0 = none */
extern uint64_t user_regs[R_COUNT];	/* registers of the program that VI_CALL calls */

/**
 * Execute one instruction of a guest step.
 * @param slot	index into op_table
 * @return	the result; OP_FAULTED if a fault ended it
 */
struct op_result op_run(unsigned slot, uint64_t a, uint64_t b, uint64_t c);

#pragma GCC visibility pop

#endif
#endif
