/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * How the parts of a vector stand in JSON: the tables by which the loader reads them and by which
 * vector_save() writes them.
 */
#ifndef EPML_FORMS_H
#define EPML_FORMS_H

#include "vector.h"

/* ---- Names and letters of bits; the last has no name ---- */

struct bit_name {
	const char *name;
	unsigned bit;
};

extern const struct bit_name control_names[], no_control_names[];

struct flag {
	char letter;
	uint64_t bit;
};

extern const struct flag guest_flags[], ept_flags[];

extern const char *const page_sizes[];	/* of levels 1 to 3 */

/* ---- Steps ---- */

#define STEP_OPERANDS 3	/* besides the one at the key of the step */

enum operand {
	GVA,		/* address expression that gives a GVA */
	HPA,		/* address expression that gives an HPA */
	VALUE,		/* any expression */
	COUNT_OF,	/* number of iterations */
	FIELD,		/* VMCS field */
	BYTE,		/* 0 to 255 */
	TYPE,		/* 0 to 3 */
	NUMBER,
	ONE,		/* the 1 of a step without operand */
	CR3,		/* number; 1 stands for the current value */
};

enum slot { A, B, C };

struct operand_form {
	const char *key;	/* NULL: the last */
	enum slot slot;
	enum operand kind;
	bool optional;
	uint64_t absent;	/* value of an optional operand */
};

struct step_form {
	const char *key;
	const char *variant;	/* this row applies if the step also has this key */
	enum vi_op op;
	unsigned sizes, size;	/* allowed and default size */
	enum slot slot;		/* of the operand that stands with the step's own key */
	enum operand kind;
	struct operand_form more[STEP_OPERANDS];
};

extern const struct step_form step_forms[];
extern const unsigned step_form_count;

/** The operand of a step that a form names. */
struct addr *step_slot(struct vstep *s, enum slot slot);

#endif
