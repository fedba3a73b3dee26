/* SPDX-License-Identifier: BSD-2-Clause */
/* Design parameters: the open points of the proposal, and the two profiles that fix them. */
#include <string.h>

#include "internal.h"

/* The values of each parameter are in the order of its enum in epml.h. */
static const struct parameter {
	const char *key;
	size_t offset;
	const char *values[4];
	const char *expected;
} parameters[] = {
	{ "trigger", offsetof(struct epml_params, trigger),
	  { "ept-dirty", "guest-dirty" }, "ept-dirty or guest-dirty" },
	{ "translation", offsetof(struct epml_params, translation),
	  { "at-vmwrite", "at-log" }, "at-vmwrite or at-log" },
	{ "full", offsetof(struct epml_params, full),
	  { "drop", "exit", "ve" }, "drop, exit or ve" },
	{ "notification", offsetof(struct epml_params, notification),
	  { "when-full", "threshold" }, "when-full or threshold" },
	{ "walk-writes", offsetof(struct epml_params, walk_writes),
	  { "not-logged", "logged" }, "logged or not-logged" },
};

#define N_PARAMETERS (sizeof(parameters) / sizeof(parameters[0]))

static const struct parameter *find(const char *key)
{
	/* cover: vectors with unknown keys are refused before; test_params.c */
	for (size_t i = 0; i < N_PARAMETERS; i++)
		if (!strcmp(parameters[i].key, key))
			return &parameters[i];
	return NULL;	/* cover: as above */
}

bool epml_params_profile(struct epml_params *p, const char *name)
{
	static const struct epml_params published = {
		EPML_TRIGGER_EPT_DIRTY, EPML_TRANSLATE_AT_VMWRITE, EPML_FULL_DROP,
		EPML_NOTIFY_WHEN_FULL, EPML_WALKS_LOGGED,
	};
	static const struct epml_params hardened = {
		EPML_TRIGGER_GUEST_DIRTY, EPML_TRANSLATE_AT_LOG, EPML_FULL_EXIT,
		EPML_NOTIFY_THRESHOLD, EPML_WALKS_NOT_LOGGED,
	};

	if (!strcmp(name, "published"))
		*p = published;
	else if (!strcmp(name, "hardened"))	/* cover: vectors have no other; test_params.c */
		*p = hardened;
	else
		return false;			/* cover: as above */
	return true;
}

const char *epml_params_set(struct epml_params *p, const char *key, const char *value)
{
	const struct parameter *par = find(key);

	if (!par)	/* cover: vectors with unknown keys are refused before; test_params.c */
		return "trigger, translation, full, notification or walk-writes";
	/* cover: vectors with unknown values end in a message, not in a run; test_params.c */
	for (int i = 0; par->values[i]; i++) {
		if (!strcmp(par->values[i], value)) {
			/* The enums have the representation of int, asserted below. */
			memcpy((char *)p + par->offset, &i, sizeof(i));
			return NULL;
		}
	}
	return par->expected;	/* cover: as above */
}

const char *epml_params_get(const struct epml_params *p, const char *key)
{
	const struct parameter *par = find(key);
	int i;

	if (!par)	/* cover: nobody asks for unknown keys; test_params.c does */
		return NULL;
	memcpy(&i, (const char *)p + par->offset, sizeof(i));
	return par->values[i];
}

_Static_assert(sizeof(enum epml_trigger) == sizeof(int), "enum is not an int");
