/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * A small world for tests of the machine: vectors made by hand, without the compiler of the test
 * vectors, and the lines that the machine reports.
 */
#ifndef EPML_TEST_WORLD_H
#define EPML_TEST_WORLD_H

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include "../machine_priv.h"

#define MAX_ITEMS	4096
#define MAX_LINES	2200
#define MAX_STEPS	128

#define G_PWU	(EPML_PTE_PRESENT | EPML_PTE_WRITE | EPML_PTE_USER)
#define G_PU	(EPML_PTE_PRESENT | EPML_PTE_USER)
#define G_PW	(EPML_PTE_PRESENT | EPML_PTE_WRITE)
#define E_RWX	(EPML_EPT_READ | EPML_EPT_WRITE | EPML_EPT_EXECUTE)
#define E_RX	(EPML_EPT_READ | EPML_EPT_EXECUTE)
#define E_AD	(EPML_EPT_ACCESSED | EPML_EPT_DIRTY)

struct world {
	struct machine *m;
	struct vi_vector head;
	struct vi_poke pokes[MAX_ITEMS];
	struct vi_field fields[64];
	struct vi_step steps[MAX_STEPS];
	uint64_t pages[128];		/* to be zeroed first */
	uint64_t dump_pages[128];
	struct vi_field dump_fields[16];
	uint64_t next_guest_table;	/* GPA */
	uint64_t next_ept_table;	/* HPA */
	char lines[MAX_LINES][160];
	unsigned n_lines;
};

/** A machine and an empty vector with the system alias, logs and APIC as docs/vectors.md says. */
struct world *world_new(const char *profile);
void world_free(struct world *w);

/** Give a field another value, or an additional one. */
void world_field(struct world *w, uint32_t field, uint64_t value);
uint64_t world_field_value(const struct world *w, uint32_t field);
void world_poke(struct world *w, uint64_t hpa, uint64_t value);
uint64_t world_peek(const struct world *w, uint64_t hpa);

/** Map a guest page; level 1 (4K) to 3 (1G). Upper entries are P, W, U, A. */
void world_guest(struct world *w, uint64_t gva, uint64_t gpa, unsigned level, uint64_t flags);
/** Map a page in EPT, memory type WB. Upper entries are RWX, A. */
void world_ept(struct world *w, uint64_t gpa, uint64_t hpa, unsigned level, uint64_t flags);
/** A 4-KByte page P, W, U at GPA = GVA, in EPT RWX at its default frame. */
void world_page(struct world *w, uint64_t gva);
/** HPA of the guest's entry at @p level for @p gva, of the EPT entry for @p gpa. */
uint64_t world_pte(const struct world *w, uint64_t gva, unsigned level);
uint64_t world_epte(const struct world *w, uint64_t gpa, unsigned level);

/** Add a step of the main sequence; its index. */
unsigned world_step(struct world *w, unsigned op, unsigned size, uint64_t a, uint64_t b,
		    uint64_t c);
/** Add a step of the handler of @p vector. */
unsigned world_handler(struct world *w, unsigned vector, unsigned op, unsigned size, uint64_t a,
		       uint64_t b);

/** Have a page reported at the end, after zeroing it at the beginning if @p zero. */
void world_dump_page(struct world *w, uint64_t hpa, bool zero);
void world_dump_field(struct world *w, uint32_t field);

/** The vector as a record of a vector image, to be released with free(). */
struct vi_vector *world_record(struct world *w);

/** Run the vector; its lines are in w->lines, without 'V' and 'z'. */
void world_run(struct world *w);
/** Run the vector without steps of its own, to leave the machine with its memory and state. */
void world_load(struct world *w);

/**
 * Compare all reported lines with the texts up to NULL. A text may be the beginning of a line's
 * numbers; "*" stands for any number.
 */
void world_expect(const struct world *w, ...);

/* CMocka fixtures: a world of profile "hardened", one of profile "published". */
int world_setup(void **state);
int world_setup_published(void **state);
int world_teardown(void **state);

#define world_test(f) cmocka_unit_test_setup_teardown(f, world_setup, world_teardown)
#define world_test_published(f) \
	cmocka_unit_test_setup_teardown(f, world_setup_published, world_teardown)

#endif
