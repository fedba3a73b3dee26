/* SPDX-License-Identifier: BSD-2-Clause */
/* What a run of a user's program came to. */
#ifndef EPML_ASM_RESULT_H
#define EPML_ASM_RESULT_H

#include <stdio.h>

#include "asm_vector.h"
#include "report.h"

enum asm_end {
	ASM_RETURNED,
	ASM_FAULT,		/* an exception that the program does not handle */
	ASM_EXIT,		/* a VM exit other than the next two */
	ASM_TIMEOUT,		/* the VMX-preemption timer ran out */
	ASM_TRIPLE_FAULT,
	ASM_NO_ENTRY,		/* VM entry failed */
	ASM_GAVE_UP,		/* the ROM or Bochs came to an end first */
};

/* Registers in the order of the ROM's reports. */
enum { ASM_RIP = 16, ASM_RFLAGS = 17, ASM_REGISTERS = 18 };

extern const char *const asm_register_names[ASM_REGISTERS];

struct asm_log {
	uint64_t words[PAGE_WORDS];
	uint16_t index;			/* at the end */
};

struct asm_result {
	bool complete;			/* the host reported everything */
	enum asm_end end;
	struct report last;		/* what ended the program: 'e', 'x' or 'n' */
	char why[500];			/* of ASM_GAVE_UP */
	char location[300];		/* "file:line" where it ended, or where the handler did */
	int in_handler;			/* vector of the handler in which it ended, or -1 */
	int failed_handler;		/* vector of the last handler that handler_fault ended, or
					 * -1; the program went on */
	struct report handler_fault;
	bool has_regs;
	uint64_t regs[ASM_REGISTERS];
	char text[PAGE_SIZE + 1];	/* what it printed */
	struct asm_log guest, hypervisor;
	uint64_t log_address;		/* Guest PML Address at the end */
	unsigned events[ASM_VECTORS];	/* how often each vector was delivered */
};

/**
 * Read what the host reported.
 * @param v	vector of the program
 * @param o	its reports; failure is set if the host did not come to the end
 */
void asm_result_read(struct asm_result *r, const struct asm_program *p, const struct vector *v,
		     const struct outcome *o);

/** What was run, for the report. */
struct asm_run {
	const struct asm_program *program;
	const struct vector *vector;
	const struct asm_options *options;
	const struct asm_result *result;
};

/** Print (asm_text.c, asm_json.c). */
typedef void asm_print_fn(FILE *out, const struct asm_run *run);
asm_print_fn asm_print_text, asm_print_json;

/** One line: how the program ended. */
const char *asm_end_text(const struct asm_run *run, char *buf, size_t size);

/** Exit qualification in words, e.g. "Data write, Guest-linear address valid"; "" if it is 0. */
const char *asm_qualification(uint32_t reason, uint64_t qualification, char *buf, size_t size);

/** Does a VM exit save the guest-physical and the guest-linear address? */
bool asm_exit_has_gpa(const struct report *x);
bool asm_exit_has_gva(const struct report *x);

/** "#PF", "interrupt 40H", ... */
const char *asm_event_name(unsigned vector, char *buf, size_t size);

/**
 * Is a log entry one that software has not taken yet, as far as the index tells? A word that is 0
 * has never been written: page 0 is not mapped in the world of programs.
 */
static inline bool asm_log_is_new(const struct asm_log *log, unsigned entry)
{
	return log->words[entry] && (entry > log->index || log->index >= PAGE_WORDS);
}

#endif
