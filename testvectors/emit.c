/* SPDX-License-Identifier: BSD-2-Clause */
/* Compiler: the bytes of a vector image. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "compile_priv.h"

#define IMAGE_VERSION	1u
#define TIMER_LIMIT	1000000u	/* far more than any vector needs, and soon over */

/* Everything that the record's arrays hold, counted first and then written. */
struct writer {
	struct vi_vector head;
	uint8_t *bytes;			/* NULL while counting */
	size_t used;
};

static void write_bytes(struct writer *w, const void *data, size_t size)
{
	if (w->bytes)
		memcpy(w->bytes + w->used, data, size);
	w->used += size;
}

static void write_hpa(struct writer *w, uint64_t hpa)
{
	write_bytes(w, &hpa, sizeof(hpa));
}

static uint32_t write_pages(struct writer *w, const struct world *world)
{
	uint32_t n = 0;

	for (uint64_t page = 0; page < WORLD_PAGES; page++) {
		if (!world->pages[page].used)
			continue;
		write_hpa(w, page * PAGE_SIZE);
		n++;
	}
	return n;
}

static uint32_t write_pokes(struct writer *w, const struct world *world)
{
	uint32_t n = 0;

	for (uint64_t page = 0; page < WORLD_PAGES; page++) {
		for (unsigned i = 0; world->pages[page].words && i < PAGE_WORDS; i++) {
			const uint64_t value = world->pages[page].words[i];
			const struct vi_poke poke = { page * PAGE_SIZE + 8 * i, value };

			if (!value)
				continue;
			write_bytes(w, &poke, sizeof(poke));
			n++;
		}
	}
	return n;
}

static void write_steps(struct writer *w, const struct vector *v)
{
	for (const struct vstep *s = v->steps; s < v->steps + v->n_steps; s++) {
		const struct vi_step step = {
			.op = (uint16_t)s->op, .size = (uint16_t)s->size, .handler = s->handler,
			.a = s->a.a, .b = s->b.a, .c = s->c.a,
		};

		write_bytes(w, &step, sizeof(step));
	}
}

static uint32_t write_dump_pages(struct writer *w, const struct compiled *c, uint64_t text)
{
	if (c->guest_log.compared)
		write_hpa(w, c->guest_log.hpa);
	if (c->pml_log.compared)
		write_hpa(w, c->pml_log.hpa);
	if (text)
		write_hpa(w, text);
	return (uint32_t)c->guest_log.compared + c->pml_log.compared + !!text;
}

static uint32_t write_dump_words(struct writer *w, const struct compiled *c)
{
	uint32_t n = 0;

	for (const struct word_check *x = c->words; x < c->words + c->n_words; x++) {
		for (uint64_t hpa = x->hpa & -8ull; hpa < x->hpa + x->size; hpa += 8) {
			write_hpa(w, hpa);
			n++;
		}
	}
	return n;
}

static void write_dump_fields(struct writer *w, const struct compiled *c)
{
	for (unsigned i = 0; i < c->n_fields; i++) {
		const struct vi_field field = { c->fields[i].field, 0 };

		write_bytes(w, &field, sizeof(field));
	}
}

static uint32_t vector_flags(const struct vsetup *s)
{
	return (s->cpl == 3 ? VI_F_CPL3 : 0) | (s->interrupts ? VI_F_IF : 0) |
	       (s->regs ? VI_F_REGS : 0);
}

static void write_record(struct writer *w, const struct compiler *c)
{
	struct vi_vector *head = &w->head;

	w->used = sizeof(*head);
	head->flags = vector_flags(&c->v->setup);
	head->limit = TIMER_LIMIT;
	head->ist = c->v->setup.ist;
	head->n_pages = write_pages(w, c->w);
	head->n_pokes = write_pokes(w, c->w);
	head->n_fields = c->n_fields;
	write_bytes(w, c->fields, c->n_fields * sizeof(*c->fields));
	head->n_steps = c->v->n_steps;
	write_steps(w, c->v);
	head->n_dump_pages = write_dump_pages(w, c->c, c->v->setup.text_hpa);
	head->n_dump_words = write_dump_words(w, c->c);
	head->n_dump_fields = c->c->n_fields;
	write_dump_fields(w, c->c);
	head->size = (uint32_t)w->used;
}

void emit_record(struct compiler *c)
{
	struct writer count = { .bytes = NULL }, w = { .bytes = NULL };

	write_record(&count, c);
	w.bytes = arena_alloc(c->arena, count.used);
	write_record(&w, c);
	memcpy(w.bytes, &w.head, sizeof(w.head));
	c->c->record = (const struct vi_vector *)w.bytes;
}

void *vi_image(const struct compiled *const *vectors, unsigned n, size_t *size)
{
	struct vi_header *header;
	uint8_t *to;

	*size = sizeof(*header);
	for (unsigned i = 0; i < n; i++)
		*size += vectors[i]->record->size;
	header = calloc(1, *size);
	if (!header) {
		fprintf(stderr, "epml: out of memory\n");
		exit(2);
	}
	*header = (struct vi_header){ VI_MAGIC, IMAGE_VERSION, n, *size };
	to = (uint8_t *)(header + 1);
	for (unsigned i = 0; i < n; i++) {
		const struct vi_vector *record = vectors[i]->record;

		memcpy(to, record, record->size);
		((struct vi_vector *)(void *)to)->index = i;
		to += record->size;
	}
	return header;
}
