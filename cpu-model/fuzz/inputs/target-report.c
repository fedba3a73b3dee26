/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Any bytes as what Bochs prints: two runs, separated by a line "=". They are compared with each
 * other, and the first with a vector's expectations.
 */
#include <stdlib.h>
#include <string.h>

#include "difference.h"
#include "target.h"

#define MAX_LINES	400

static const char *parse_run(const char *text, struct outcome *o)
{
	struct report r;

	while (*text) {
		size_t len = strcspn(text, "\n");
		char *line = strndup(text, len);

		TARGET_ASSERT(line);
		text += len + (text[len] == '\n');
		if (!strcmp(line, "=")) {
			free(line);
			break;
		}
		if (report_parse(line, &r) && o->n < MAX_LINES) {
			TARGET_ASSERT(r.n <= REPORT_NUMBERS);
			outcome_add(o, &r);
		}
		free(line);
	}
	return text;
}

/* A run is the same as itself; what differs is described. */
static void compare(const struct outcome *a, const struct outcome *b)
{
	struct differences list;
	char text[800];

	outcome_difference(a, a, &list, NULL, NULL);
	TARGET_ASSERT(!list.n);
	outcome_difference(a, b, &list, NULL, NULL);
	TARGET_ASSERT(list.n <= MAX_DIFFERENCES);
	for (unsigned i = 0; i < list.n; i++) {
		difference_text(&list.d[i], "other", text, sizeof(text));
		TARGET_ASSERT(difference_alike(&list.d[i], &list.d[i]));
	}
}

static void compare_vector(const struct outcome *o)
{
	static struct compiled compiled;
	struct xresult result = { .has = HAS_VALUE | HAS_CF | HAS_ZF };
	struct xexit exit = { .has = HAS_QUAL | HAS_STEP | HAS_IDT, .reason = 48 };
	struct vector v = { .id = "a/b", .compiled = &compiled };
	char text[600];

	v.expect.results = &result;
	v.expect.exits = &exit;
	v.expect.n_exits = o->n % 2;
	v.expect.n_results = 1;
	v.expect.has_results = o->n % 3 == 0;
	compiled.guest_log.compared = true;
	compiled.guest_log.hpa = W_PML;
	outcome_compare(&v, o, text, sizeof(text));
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	char *text = strndup((const char *)data, size);
	struct outcome a = { .n = 0 }, b = { .n = 0 };

	TARGET_ASSERT(text);
	parse_run(parse_run(text, &a), &b);
	compare(&a, &b);
	compare_vector(&a);
	outcome_clear(&a);
	outcome_clear(&b);
	free(text);
	return 0;
}
