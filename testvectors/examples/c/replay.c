/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * How to replay vectors in the exported C form on a model of one's own: a model of the guest's log
 * that shares no code with the reference model, and knows the profile "hardened" only.
 *
 *	epml vectors export --format c --profile hardened -o vectors.h
 *	cc -I. -o replay replay.c && ./replay
 *
 * Vectors that need more than stores, VMREAD and VMWRITE are counted as outside. Exit status: 0 if
 * all others pass.
 */
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "vectors.h"

#define RAM_WORDS	(0x4000000u / 8)
#define PAGE(x)		((x) & ~0xfffull)
#define FRAME(x)	((x) & 0x000ffffffffff000ull)
#define FULL(m)		((m)->index > 511)
#define CACHED		16u

enum { ADDRESS = 0x2060, ADDRESS_HIGH = 0x2061, INDEX = 0x820, VECTOR = 0x10, THRESHOLD = 0x12,
       STATUS = 0x810, EPTP = 0x201a, CR3 = 0x6802, PROC = 0x4002, PROC2 = 0x401e, PROC3 = 0x2034,
       READ_BITMAP = 0x2026, WRITE_BITMAP = 0x2028, PML_INDEX = 0x812 };

enum { EXIT_VMCALL = 18, EXIT_VMREAD = 23, EXIT_VMWRITE = 25, EXIT_VIOLATION = 48,
       EXIT_MISCONFIGURATION = 49, EXIT_FULL = 62 };

struct model {
	uint64_t *ram;
	uint64_t address, eptp, cr3, read_bitmap, write_bitmap, proc, proc2, proc3, pml_index;
	uint16_t index, vector, threshold, status;
	uint64_t cached[CACHED];	/* pages whose dirty flags are known to be set */
	unsigned n_cached;
	unsigned exit;			/* reason of the VM exit that has happened, or 0 */
};

/* ---- The model ---- */

/* Entry that maps gpa in EPT, or NULL if EPT refuses the access; *hpa is the result. */
static uint64_t *ept(struct model *m, uint64_t gpa, unsigned need, uint64_t *hpa)
{
	uint64_t table = m->eptp;

	for (int shift = 39; shift >= 12; shift -= 9) {
		uint64_t *entry = &m->ram[(FRAME(table) | (gpa >> shift & 511) << 3) / 8];
		const uint64_t offset = (1ull << shift) - 1;

		if (!(*entry & 7) || (*entry & need) != need)
			return NULL;
		if (shift == 12 || *entry & 0x80) {
			*hpa = (FRAME(*entry) & ~offset) | (gpa & offset);
			return entry;
		}
		table = *entry;
	}
	return NULL;
}

/* Entry that maps gva in the guest's paging structures, or NULL. */
static uint64_t *walk(struct model *m, uint64_t gva, uint64_t *gpa)
{
	uint64_t table = m->cr3, hpa;

	for (int shift = 39; shift >= 12; shift -= 9) {
		const uint64_t offset = (1ull << shift) - 1;
		uint64_t *entry;

		if (!ept(m, FRAME(table) | (gva >> shift & 511) << 3, 3, &hpa))
			return NULL;
		entry = &m->ram[hpa / 8];
		if (!(*entry & 1))
			return NULL;
		if (shift == 12 || *entry & 0x80) {
			*gpa = (FRAME(*entry) & ~offset) | (gva & offset);
			return entry;
		}
		table = *entry;
	}
	return NULL;
}

static bool enabled(const struct model *m)
{
	return m->proc & 1u << 17 && m->proc3 & 1ull << 32;
}

/* Log a page whose dirty flag is about to be set; false: the access must not go on. */
static bool log_page(struct model *m, uint64_t gva)
{
	uint64_t hpa;

	if (!enabled(m))
		return true;
	if (FULL(m)) {
		m->exit = EXIT_FULL;
		return false;
	}
	if (!ept(m, m->address + 8 * m->index, 2, &hpa)) {
		m->exit = EXIT_VIOLATION;
		return false;
	}
	m->ram[hpa / 8] = PAGE(gva);
	m->index--;
	if (m->index == m->threshold && m->status < m->vector)
		m->status = m->vector;
	return true;
}

static bool is_cached(const struct model *m, uint64_t gva)
{
	for (unsigned i = 0; i < m->n_cached; i++)
		if (m->cached[i] == PAGE(gva))
			return true;
	return false;
}

/* A store within 8 aligned bytes. False: a fault that this model does not know. */
static bool store(struct model *m, uint64_t gva, unsigned size, uint64_t value)
{
	const unsigned shift = 8 * (gva % 8);
	const uint64_t mask = (size == 8 ? ~0ull : (1ull << 8 * size) - 1) << shift;
	uint64_t gpa, hpa, *pte = walk(m, gva, &gpa);

	if (!pte || !(*pte & 2))
		return false;
	if (!ept(m, gpa, 2, &hpa)) {
		m->exit = EXIT_VIOLATION;
		return true;
	}
	if (!is_cached(m, gva)) {
		if (!(*pte & 0x40) && !log_page(m, gva))
			return true;
		*pte |= 0x40;
		if (m->n_cached < CACHED)
			m->cached[m->n_cached++] = PAGE(gva);
	}
	m->ram[hpa / 8] = (m->ram[hpa / 8] & ~mask) | (value << shift & mask);
	return true;
}

/* False: not a field of this model. */
static bool get(const struct model *m, uint64_t field, uint64_t *value)
{
	switch (field) {
	case ADDRESS: *value = m->address; return true;
	case ADDRESS_HIGH: *value = m->address >> 32; return true;
	case INDEX: *value = m->index; return true;
	case VECTOR: *value = m->vector; return true;
	case THRESHOLD: *value = m->threshold; return true;
	case STATUS: *value = m->status; return true;
	default: return false;
	}
}

static void set(struct model *m, uint64_t field, uint64_t value)
{
	switch (field) {
	case ADDRESS: m->address = value; break;
	case ADDRESS_HIGH: m->address = (uint32_t)m->address | value << 32; break;
	case INDEX: m->index = (uint16_t)value; break;
	case VECTOR: m->vector = (uint16_t)value; break;
	case THRESHOLD: m->threshold = (uint16_t)value; break;
	case STATUS: m->status = (uint16_t)value; break;
	case EPTP: m->eptp = value; break;
	case CR3: m->cr3 = value; break;
	case PROC: m->proc = value; break;
	case PROC2: m->proc2 = value; break;
	case PROC3: m->proc3 = value; break;
	case READ_BITMAP: m->read_bitmap = value; break;
	case WRITE_BITMAP: m->write_bitmap = value; break;
	case PML_INDEX: m->pml_index = value; break;
	default: break;
	}
}

static bool acceptable(const struct model *m)
{
	return !(m->address & 0xfff) && !(m->address >> 40) && m->vector >= 16 &&
	       m->vector <= 255 && (m->threshold <= 510 || m->threshold == 0xffff);
}

/* VMREAD or VMWRITE. False: a field of the shadow VMCS, which this model does not have. */
static bool access_field(struct model *m, const struct epml_step *s, uint64_t *value, bool *zf)
{
	const bool write = s->op == EPML_OP_VMWRITE;
	const uint64_t bit = (write ? m->write_bitmap : m->read_bitmap) * 8 + s->a;
	const struct model old = *m;

	*zf = false;
	if (!(m->proc2 & 1u << 14) || s->a >> 15 || m->ram[bit / 64] >> bit % 64 & 1) {
		m->exit = write ? EXIT_VMWRITE : EXIT_VMREAD;
		return true;
	}
	if (s->a == STATUS || !get(m, s->a, value) || !enabled(m))
		return false;
	if (!write)
		return true;
	set(m, s->a, s->b);
	*value = 0;
	*zf = !acceptable(m);
	if (*zf)
		*m = old;
	return true;
}

/* ---- Replay ---- */

static bool in_scope(const struct epml_vector *v, const struct model *m)
{
	const unsigned trigger = v->flags >> EPML_V_TRIGGER_SHIFT & 3;
	const unsigned translation = v->flags >> EPML_V_TRANSLATION_SHIFT & 3;
	const unsigned full = v->flags >> EPML_V_FULL_SHIFT & 3;
	const unsigned notification = v->flags >> EPML_V_NOTIFICATION_SHIFT & 3;

	if (!(v->flags & EPML_V_EPML) || !(v->flags & EPML_V_HARDENED) ||
	    v->flags & (EPML_V_CPL3 | EPML_V_IF) || trigger != 1 || translation != 1 ||
	    full != 1 || notification != 1 || (v->flags >> EPML_V_ENTRY_SHIFT & 3) || v->n_events ||
	    m->status || !(m->proc2 & 2) || (m->proc2 & 1u << 23) ||
	    (m->proc2 & 1u << 17 && m->pml_index != 511))
		return false;
	for (unsigned i = 0; i < v->n_exits; i++)
		if (v->exits[i].reason == EXIT_MISCONFIGURATION)
			return false;
	for (unsigned i = 0; i < v->n_steps; i++) {
		const struct epml_step *s = &v->steps[i];

		if (s->op != EPML_OP_VMREAD && s->op != EPML_OP_VMWRITE && s->op != EPML_OP_NOP &&
		    s->op != EPML_OP_VMCALL &&
		    (s->op != EPML_OP_STORE || s->a % 8 + s->size > 8))
			return false;
	}
	return true;
}

static void set_up(struct model *m, const struct epml_vector *v)
{
	uint64_t *const ram = m->ram;

	memset(m, 0, sizeof(*m));
	m->ram = ram;
	for (unsigned i = 0; i < v->n_pages; i++)
		memset(&ram[v->pages[i] / 8], 0, 4096);
	for (unsigned i = 0; i < v->n_memory; i++)
		ram[v->memory[i].hpa / 8] = v->memory[i].value;
	for (unsigned i = 0; i < v->n_fields; i++)
		set(m, v->fields[i].field, v->fields[i].value);
}

/* What a VMREAD or VMWRITE gave, against the next expected result. */
static bool check_result(const struct epml_vector *v, unsigned n, uint64_t value, bool zf)
{
	const struct epml_result *r = &v->results[n];

	if (!(v->flags & EPML_V_RESULTS))
		return true;
	return n < v->n_results && (!(r->has & EPML_HAS_VALUE) || r->value == value) &&
	       (!(r->has & EPML_HAS_CF) || !(r->flags & 1)) &&
	       (!(r->has & EPML_HAS_ZF) || (r->flags >> 6 & 1) == zf);
}

static bool check_log(const struct epml_vector *v, const uint64_t *page)
{
	uint64_t expected[512] = { 0 };

	for (unsigned i = 0; i < v->n_guest_log; i++)
		expected[v->guest_log[i].index] = v->guest_log[i].value;
	for (unsigned i = 0; i < v->n_guest_ignored; i++)
		expected[v->guest_ignored[i]] = page[v->guest_ignored[i]];
	return !memcmp(expected, page, sizeof(expected));
}

/* NULL: passed; else what differs. *outside: the vector needs more than this model. */
static const char *replay(struct model *m, const struct epml_vector *v, bool *outside)
{
	unsigned n = 0;
	uint64_t value;
	bool zf;

	for (unsigned i = 0; i < v->n_steps && !m->exit; i++) {
		const struct epml_step *s = &v->steps[i];

		if (s->op == EPML_OP_VMCALL) {
			m->exit = EXIT_VMCALL;
		} else if (s->op == EPML_OP_STORE) {
			*outside = !store(m, s->a, (unsigned)s->size, s->b);
		} else if (s->op != EPML_OP_NOP) {
			*outside = !access_field(m, s, &value, &zf);
			if (!*outside && !m->exit && !check_result(v, n++, value, zf))
				return "a result";
		}
		if (*outside)
			return NULL;
	}
	if (m->exit ? v->n_exits != 1 || v->exits[0].reason != m->exit : v->n_exits != 0)
		return "the VM exit";
	if (v->flags & EPML_V_GUEST_LOG && !check_log(v, &m->ram[v->guest_log_hpa / 8]))
		return "the guest's log";
	for (unsigned i = 0; i < v->n_end_fields; i++)
		if (get(m, v->end_fields[i].field, &value) && value != v->end_fields[i].value)
			return "a field at the end";
	return NULL;
}

int main(void)
{
	struct model m = { .ram = calloc(RAM_WORDS, 8) };
	unsigned passed = 0, failed = 0, skipped = 0;

	if (!m.ram)
		return 2;
	for (unsigned i = 0; i < EPML_VECTOR_COUNT; i++) {
		const struct epml_vector *v = &epml_vectors[i];
		const char *difference = NULL;
		bool outside = false;

		set_up(&m, v);
		if (in_scope(v, &m))
			difference = replay(&m, v, &outside);
		else
			outside = true;
		skipped += outside;
		passed += !outside && !difference;
		failed += difference != NULL;
		if (difference)
			printf("FAIL %s [%s] rules %s: %s\n", v->id, v->profile, v->rules,
			       difference);
	}
	printf("%u passed, %u failed, %u outside\n", passed, failed, skipped);
	free(m.ram);
	return failed || !passed;
}
