/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * What the parts of the loader share: typed reading of JSON with messages that name the line.
 *
 * A vector may change keys of its "setup" and "expect" for one profile. The reader therefore looks
 * a key up in two layers: first the profile's object, then the vector's.
 */
#ifndef EPML_LOAD_PRIV_H
#define EPML_LOAD_PRIV_H

#include "load.h"

struct reader {
	struct vector_set *set;
	struct vector *v;
};

struct layers {
	const json_t *over, *base;	/* objects or NULL; over wins */
};

#define COUNT(array) (sizeof(array) / sizeof((array)[0]))

/** Value of @p key, or NULL. */
const json_t *layer_get(const struct layers *l, const char *key);

/** Where a message about the whole object points to. */
const json_t *layer_at(const struct layers *l);

/* Every function below returns 0, or -1 after a message. */

/** Refuse keys of an object that are not in the NULL-terminated list @p keys. */
int check_keys(struct reader *r, const json_t *object, const char *what, const char *const *keys);
int check_layer_keys(struct reader *r, const struct layers *l, const char *what,
		     const char *const *keys);

int need_object(struct reader *r, const json_t *value, const char *what, const json_t *at);
int need_array(struct reader *r, const json_t *value, const char *what, const json_t *at);

/** Number: JSON integer or string "123" or "0x7b", at most @p max. */
int read_number(struct reader *r, const json_t *value, const char *what, uint64_t max,
		uint64_t *result);
int read_bool(struct reader *r, const json_t *value, const char *what, const json_t *at,
	      bool *result);
int read_string(struct reader *r, const json_t *value, const char *what, const char **result);

/** Address expression; @p kinds out of EXPR_* tells which are allowed. */
#define EXPR_GVA	1u	/* number or alias: */
#define EXPR_HPA	2u	/* number or an expression that gives an HPA; must be in RAM */
#define EXPR_ANY	3u
int read_expr(struct reader *r, const json_t *value, const char *what, unsigned kinds,
	      struct addr *result);

/** Width of an access in bytes; @p allowed has a bit per size (1, 2, 4, ... 64). */
int read_size(struct reader *r, const json_t *value, unsigned allowed, unsigned *result);

/** VMCS field: name, name_HIGH or number. */
int read_field(struct reader *r, const json_t *value, uint32_t *result);
/** VMCS field by name, as the key of an object; @p at for the message. */
int field_by_name(struct reader *r, const char *name, const json_t *at, uint32_t *result);
/** Object of VMCS fields and values. */
int read_fields(struct reader *r, const json_t *value, struct vfield **fields, unsigned *n);
/** List of {"at", "value", "size"}. */
int read_memory(struct reader *r, const json_t *value, const char *what, struct vmem **memory,
		unsigned *n);

/** As read_number() without limit and without message; false if it is no number. */
bool read_number_quietly(const json_t *value, uint64_t *result);

/** Number as the key of an object. */
int key_number(struct reader *r, const char *key, const json_t *at, uint64_t max,
	       uint64_t *result);

int load_setup(struct reader *r, const struct layers *l);
int load_flags(struct reader *r, const json_t *value, const char *what, bool ept,
	       struct entry_flags *flags);
int load_pages(struct reader *r, const json_t *value);
int load_steps(struct reader *r, const json_t *steps, const json_t *handlers);
int load_expect(struct reader *r, const struct layers *l);

#endif
