/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * The specification in memory: what specgen loads, checks and writes out.
 *
 * fields.json defines names and numbers, assigned.json lists what the SDM has given away already,
 * rules.json holds the rules. The first two are both a struct catalog.
 */
#ifndef EPML_SPEC_H
#define EPML_SPEC_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>

#include "jsonfile.h"

/*
 * Encoding of a VMCS field (SDM 3D, appendix B):
 *
 *	bit 0		access type: 1 = high half of a 64-bit field
 *	bits 9:1	index
 *	bits 11:10	type: control, read-only data, guest state, host state
 *	bits 14:13	width: 16, 64, 32, natural
 *
 * Bit 12 and the bits above 14 are 0.
 */
#define ENC_HIGH	0x0001u
#define ENC_TYPE(e)	((e) >> 10 & 3)
#define ENC_WIDTH(e)	((e) >> 13 & 3)
#define ENC_VALID	0x6FFEu

enum spec_kind { SPEC_FIELDS, SPEC_LAYOUT, SPEC_NUMBERS };

/* A VMCS field, a bit or bit range of a layout, or a number. */
struct spec_item {
	const char *name;	/* NULL in assigned.json */
	const char *title;	/* what the SDM calls it */
	const char *text;	/* meaning; NULL where the title says it */
	uint64_t value;		/* encoding of a field, or the number */
	unsigned high, low;	/* bits of a layout's item */
	unsigned width;		/* of a field: 16, 32, 64, or 0 for natural width */
	const char *type;	/* of a field */
	bool is_new;		/* of the proposal, not in the SDM */
	bool hex;		/* the file writes the number in hexadecimal */
	const json_t *json;
};

struct spec_group {
	enum spec_kind kind;
	const char *prefix;
	const char *title;
	unsigned width;		/* of a layout: 32 or 64 bits */
	struct spec_item *items;
	size_t count;
	const json_t *json;
};

struct catalog {
	struct jsonfile file;
	struct spec_group *groups;	/* fields first, then layouts, then numbers */
	size_t count;
};

struct spec {
	struct catalog fields;		/* fields.json */
	struct catalog assigned;	/* assigned.json */
	struct jsonfile rules;		/* rules.json */
};

/**
 * Load one catalog and check each item by itself.
 * @param with_names	fields.json: items have names; assigned.json: they have none
 * @return		0, or -1 after one line on stderr
 */
int catalog_load(struct catalog *c, const char *path, bool with_names);
void catalog_free(struct catalog *c);

/** The group of @p kind with @p prefix, or NULL. */
const struct spec_group *catalog_group(const struct catalog *c, enum spec_kind kind,
				       const char *prefix);

/**
 * Load and check the three files of a directory.
 * @param dir	holds fields.json, assigned.json and rules.json
 * @return	0, or -1 after one line on stderr
 */
int spec_load(struct spec *s, const char *dir);
void spec_free(struct spec *s);

/** Check what concerns several items: one meaning per name, per number and per bit. */
int spec_check(const struct spec *s);

/** Check parameters, profiles and rules, and that rules name only parameters that exist. */
int spec_check_rules(const struct spec *s);

/* One constant of the header and of the assembler include. */
struct spec_symbol {
	char name[96];			/* with the prefix EPML_ */
	uint64_t value;
	const struct spec_group *group;
	const struct spec_item *item;
};

typedef int symbol_fn(void *ctx, const struct spec_symbol *symbol);

/** Call @p fn for every constant, in the order of the file; stops at and returns non-zero. */
int spec_symbols(const struct catalog *c, symbol_fn *fn, void *ctx);

/** String member @p key of a checked object; "" if it is absent. */
const char *spec_string(const json_t *object, const char *key);

/**
 * Check that an object has all keys of @p required and, besides them, only keys of @p optional.
 * @param required	names separated by single spaces; a name stands for a string value unless it
 *			is followed by [ (array), { (object) or # (anything)
 * @param optional	the same
 * @return		0, or -1 after one line on stderr
 */
int spec_check_keys(const struct jsonfile *f, const json_t *object, const char *what,
		    const char *required, const char *optional);

/* Writers: one per output of specgen. The specification has been checked. */
void emit_header(FILE *out, const struct spec *s);
void emit_asm(FILE *out, const struct spec *s);
void emit_tables(FILE *out, const struct spec *s);
void emit_markdown(FILE *out, const struct spec *s);
void emit_document(FILE *out, const struct spec *s);

#endif
