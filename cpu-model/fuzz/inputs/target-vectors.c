/* SPDX-License-Identifier: BSD-2-Clause */
/* Any bytes as a vector file: loaded, compiled, run on the machine, compared, and written again. */
#include <stdio.h>
#include <string.h>

#include "load.h"
#include "report.h"
#include "save.h"
#include "target-machine.h"
#include "target.h"

#define MAX_VECTORS	8	/* per input, so that one input does not take long */

static void take_line(void *ctx, char kind, unsigned n, const uint64_t *v, const char *text)
{
	struct report r = { .kind = kind, .n = n };

	TARGET_ASSERT(n <= REPORT_NUMBERS);
	if (n)
		memcpy(r.v, v, n * sizeof(*v));
	if (text)
		snprintf(r.text, sizeof(r.text), "%s", text);
	outcome_add(ctx, &r);
}

static void run(const struct vector *v)
{
	struct outcome o = { .n = 0 };
	char text[600];

	machine_run(target_machine(&v->params), v->compiled->record, take_line, &o);
	TARGET_ASSERT(o.ended);
	outcome_compare(v, &o, text, sizeof(text));
	json_decref(vector_to_json(v));
	outcome_clear(&o);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct vector_set set = { .n = 0 };

	if (!vectors_load(&set, target_file(data, size)))
		for (unsigned i = 0; i < set.n && i < MAX_VECTORS; i++)
			run(set.vectors[i]);
	vectors_free(&set);
	return 0;
}
