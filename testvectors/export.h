/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Vectors for other people's models and RTL: everything resolved to numbers, in three formats.
 * docs/export.md is the description of the formats; their layout is a promise. A change that old
 * readers cannot take raises EXPORT_VERSION.
 */
#ifndef EPML_EXPORT_H
#define EPML_EXPORT_H

#include <stdio.h>

#include "vector.h"

struct word_check;

#define EXPORT_VERSION	1u

/** Write vectors, compiled, to a stream. Ends the program with status 2 if there is no memory. */
typedef void export_fn(FILE *out, struct vector *const *vectors, unsigned n);

/** The function for a format's name ("json", "c" or "hex"), or NULL. */
export_fn *export_format(const char *name);

export_fn export_json, export_c, export_hex;

/* ---- What the formats share ---- */

/* A step's name and the names of its operands a, b and c; NULL: not used. */
struct export_op {
	enum vi_op op;
	const char *name;
	const char *operands[3];
};

extern const struct export_op export_ops[];
extern const unsigned export_op_count;

const struct export_op *export_op(enum vi_op op);

/** Rule ids with one blank between them; to be released with free(). */
char *export_rules(const struct vector *v);

/* The arrays of a vector's record (vecimg.h). */
struct export_arrays {
	const uint64_t *pages;
	const struct vi_poke *pokes;
	const struct vi_field *fields;
};

struct export_arrays export_arrays(const struct vector *v);

/** Bits of an 8-byte word at the check's address that are compared. */
uint64_t export_mask(const struct word_check *w);

/*
 * A vector as numbers: a head of words, and sections that are arrays of items. One order for the
 * formats that have no names of their own (C, hex).
 */
enum {
	SEC_ID, SEC_RULES, SEC_PAGES, SEC_MEMORY, SEC_FIELDS, SEC_STEPS, SEC_ENTRY_EXIT, SEC_EXITS,
	SEC_EVENTS, SEC_RESULTS, SEC_WORDS, SEC_END_FIELDS, SEC_GUEST_LOG, SEC_GUEST_IGNORED,
	SEC_PML_LOG, SEC_PML_IGNORED, SECTIONS
};

enum { HEAD_FLAGS, HEAD_IST, HEAD_ENTRY_ERROR, HEAD_GUEST_LOG, HEAD_PML_LOG, HEAD_WORDS };

struct export_section {
	unsigned width;			/* words of an item */
	unsigned n;			/* items */
	uint64_t *words;
};

struct export_flat {
	uint64_t head[HEAD_WORDS];
	struct export_section sections[SECTIONS];
};

/* Bits of HEAD_FLAGS; fields of two bits hold the numbers of the parameter's values. */
#define EXPORT_F_CPL3		0x00000001ull
#define EXPORT_F_IF		0x00000002ull
#define EXPORT_F_EPML		0x00000004ull	/* requires the extension */
#define EXPORT_F_HARDENED	0x00000008ull	/* profile */
#define EXPORT_F_GUEST_LOG	0x00000010ull	/* the guest's log is compared */
#define EXPORT_F_PML_LOG	0x00000020ull	/* the hypervisor's log is compared */
#define EXPORT_F_RESULTS	0x00000040ull	/* results are compared */
#define EXPORT_ENTRY_SHIFT	8		/* 0: VM entry succeeds; 1: VMfail; 2: exit */
#define EXPORT_TRIGGER_SHIFT	16
#define EXPORT_TRANSLATION_SHIFT 18
#define EXPORT_FULL_SHIFT	20
#define EXPORT_NOTIFICATION_SHIFT 22
#define EXPORT_WALK_SHIFT	24

/** The vector as numbers, in memory of the arena. */
void export_flatten(struct arena *arena, const struct vector *v, struct export_flat *f);

#endif
