/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Any bytes as the record of a vector image, executed by the standalone machine. The counts in the
 * header are made to fit the size, and counts of string instructions are limited; everything else
 * is what the input says.
 */
#include <stdlib.h>
#include <string.h>

#include "target-machine.h"
#include "target.h"

#define MAX_COUNT	0x400

/* The design parameters come from bits of the index, which nothing else uses. */
static struct epml_params params(uint32_t bits)
{
	return (struct epml_params){ bits & 1, bits >> 1 & 1, (bits >> 2 & 3) % 3, bits >> 4 & 1,
				     bits >> 5 & 1 };
}

static size_t fit(uint32_t *count, size_t left, size_t size)
{
	if (*count > left / size)
		*count = (uint32_t)(left / size);
	return *count * size;
}

/* A record in which all arrays lie within @p size bytes. */
static void make_valid(struct vi_vector *v, size_t size)
{
	size_t left = size - sizeof(*v);
	struct vi_step *steps;

	left -= fit(&v->n_pages, left, 8);
	left -= fit(&v->n_pokes, left, sizeof(struct vi_poke));
	left -= fit(&v->n_fields, left, sizeof(struct vi_field));
	steps = (struct vi_step *)((char *)v + (size - left));
	left -= fit(&v->n_steps, left, sizeof(struct vi_step));
	left -= fit(&v->n_dump_pages, left, 8);
	left -= fit(&v->n_dump_words, left, 8);
	left -= fit(&v->n_dump_fields, left, sizeof(struct vi_field));
	v->size = (uint32_t)(size - left);
	for (uint32_t i = 0; i < v->n_steps; i++) {
		steps[i].b %= steps[i].op == VI_STOS ? MAX_COUNT : UINT64_MAX;
		steps[i].c %= steps[i].op == VI_MOVS ? MAX_COUNT : UINT64_MAX;
	}
}

struct lines {
	unsigned n;
	char first, last;
};

static void take_line(void *ctx, char kind, unsigned n, const uint64_t *v, const char *text)
{
	struct lines *l = ctx;

	(void)v;
	TARGET_ASSERT(n <= 9 && (text != NULL) == (kind == '!'));
	if (!l->n++)
		l->first = kind;
	TARGET_ASSERT(l->last != 'z');
	l->last = kind;
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct lines lines = { .n = 0 };
	struct vi_vector *v;
	struct epml_params p;

	if (size < sizeof(*v))
		return 0;
	v = malloc(size);
	TARGET_ASSERT(v);
	memcpy(v, data, size);
	make_valid(v, size);
	p = params(v->index);
	machine_run(target_machine(&p), v, take_line, &lines);
	TARGET_ASSERT(lines.first == 'V' && lines.last == 'z');
	free(v);
	return 0;
}
