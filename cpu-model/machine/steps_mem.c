/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Guest steps that access memory.
 *
 * A store is a write, a load a read; a read-modify-write is one access, a write from its
 * beginning (EPT-QUAL-7), so that a page that cannot be written is not read either. A compare
 * that fails writes the old value back (SDM 2, CMPXCHG). Repeated string instructions can be
 * interrupted between iterations and go on after the handler or the VM exit.
 */
#include "machine_priv.h"

#define READ_WRITE (EPML_ACCESS_READ | EPML_ACCESS_WRITE)

static bool size_ok(const struct vi_step *s, unsigned largest)
{
	return s->size && s->size <= largest && !(s->size & (s->size - 1));
}

static enum outcome bad_size(struct machine *m)
{
	m->why = "a step has a size that its operation does not have";
	return GAVE_UP;
}

static uint64_t truncated(uint64_t value, unsigned size)
{
	return size < 8 ? value & ((1ull << 8 * size) - 1) : value;
}

static enum outcome store(struct machine *m, uint64_t gva, unsigned size, uint64_t value)
{
	struct operand op;
	enum outcome o = operand_translate(m, gva, size, EPML_ACCESS_WRITE, m->guest.user, &op);

	if (o == DONE)
		operand_set(m, &op, value);
	return o;
}

static enum outcome load(struct machine *m, uint64_t gva, unsigned size, uint64_t *value)
{
	struct operand op;
	enum outcome o = operand_translate(m, gva, size, EPML_ACCESS_READ, m->guest.user, &op);

	if (o == DONE)
		*value = operand_value(m, &op);
	return o;
}

static enum outcome read_modify_write(struct machine *m, const struct vi_step *s)
{
	struct operand op;
	enum outcome o = operand_translate(m, s->a, s->size, READ_WRITE, m->guest.user, &op);
	uint64_t old;

	if (o != DONE)
		return o;
	old = operand_value(m, &op);
	if (s->op == VI_CMPXCHG)
		operand_set(m, &op, old == truncated(s->b, s->size) ? s->c : old);
	else
		operand_set(m, &op, old + s->b);
	if (s->op != VI_RMW)
		step_result(m, old, 0);
	return DONE;
}

static enum outcome cmpxchg16b(struct machine *m, const struct vi_step *s)
{
	uint8_t bytes[16];
	struct operand op;
	enum outcome o;
	bool equal = true;

	if (s->a & 15)
		return fault_code(m, EPML_VECTOR_GP, 0);
	o = operand_translate(m, s->a, 16, READ_WRITE, m->guest.user, &op);
	if (o != DONE)
		return o;
	operand_read(m, &op, bytes);
	for (unsigned i = 0; i < 16; i++)
		equal &= bytes[i] == (i < 8 ? (uint8_t)(s->b >> 8 * i) : 0);
	for (unsigned i = 0; equal && i < 16; i++)
		bytes[i] = i < 8 ? s->c >> 8 * i : 0;
	operand_write(m, &op, bytes);
	return DONE;
}

/* One iteration of a string instruction. */
static enum outcome iterate(struct machine *m, const struct vi_step *s, uint64_t offset)
{
	uint64_t value = s->c;
	enum outcome o = DONE;

	if (s->op == VI_MOVS)
		o = load(m, s->b + offset, s->size, &value);
	if (o == DONE)
		o = store(m, s->a + offset, s->size, value);
	return o;
}

static enum outcome repeat(struct machine *m, const struct vi_step *s)
{
	struct frame *f = top_frame(m);
	uint64_t count = s->op == VI_MOVS ? s->c : s->b;

	while (f->progress < count) {
		enum outcome o = iterate(m, s, f->progress * s->size);

		if (o != DONE)
			return o;
		f->progress++;
		if (f->progress < count && interrupt_due(m)) {
			o = event_deliver(m, &(struct event){
				.vector = vapic_acknowledge(m),
				.type = EPML_EVENT_TYPE_EXTERNAL });
			return o;	/* the frame stays busy: the rest comes after IRET */
		}
	}
	f->busy = false;
	return DONE;
}

static enum outcome simple(struct machine *m, const struct vi_step *s)
{
	uint64_t value = 0;
	enum outcome o;

	switch (s->op) {
	case VI_STORE:
		return store(m, s->a, s->size, s->b);
	case VI_PUSH:
		if (!canonical(s->a) || !canonical(s->a + 7))
			return fault_code(m, EPML_VECTOR_SS, 0);
		return store(m, s->a, 8, s->b);
	default:
		o = load(m, s->a, s->size, &value);
		if (o == DONE)
			step_result(m, value, 0);
		return o;
	}
}

enum outcome step_memory(struct machine *m, const struct vi_step *s)
{
	switch (s->op) {
	case VI_STORE:
		return size_ok(s, MAX_OPERAND) ? simple(m, s) : bad_size(m);
	case VI_LOAD:
		return size_ok(s, 8) ? simple(m, s) : bad_size(m);
	case VI_PUSH:
		return simple(m, s);
	case VI_CMPXCHG16B:
		return cmpxchg16b(m, s);
	case VI_STOS:
	case VI_MOVS:
		return s->size == 1 || s->size == 8 ? repeat(m, s) : bad_size(m);
	default:
		return size_ok(s, 8) ? read_modify_write(m, s) : bad_size(m);
	}
}
