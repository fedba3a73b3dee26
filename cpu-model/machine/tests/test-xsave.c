/* SPDX-License-Identifier: BSD-2-Clause */
/* FXSAVE and XSAVE: what they write, in which pieces, and how they end when a piece is refused. */
#include "world.h"

#define GVA	0x400000ull
#define FRAME	(W_FRAME0 + GVA)
#define VALUE	0x1122334455667788ull
#define UNTOUCHED 0x5A5A5A5A5A5A5A5Aull
#define SPPT_TABLE(level) (W_SPPT + (4 - (level)) * PAGE_SIZE)

static struct world *page_of_patterns(void **state)
{
	struct world *w = *state;

	world_page(w, GVA);
	for (unsigned offset = 0; offset < PAGE_SIZE; offset += 8)
		world_poke(w, FRAME + offset, UNTOUCHED);
	return w;
}

/* The page has sub-page permissions: the given SPPT leaf. */
static struct world *sub_pages(void **state, uint64_t leaf)
{
	struct world *w = page_of_patterns(state);

	world_ept(w, GVA, FRAME, 1, EPML_EPT_READ | EPML_EPT_SPP);
	world_field(w, EPML_VMCS_SECONDARY_CONTROLS,
		    EPML_PROC2_ENABLE_EPT | EPML_PROC2_SUB_PAGE_WRITE);
	world_field(w, EPML_VMCS_TERTIARY_CONTROLS, 0);
	world_field(w, EPML_VMCS_SPPTP, W_SPPT);
	for (unsigned level = 4; level > 1; level--)
		world_poke(w, SPPT_TABLE(level) + (GVA >> (3 + 9 * level) & 0x1FF) * 8,
			   SPPT_TABLE(level - 1) | EPML_SPPT_VALID);
	world_poke(w, SPPT_TABLE(1) + (GVA >> 12 & 0x1FF) * 8, leaf);
	return w;
}

static void assert_words(const struct world *w, unsigned from, unsigned to, uint64_t value)
{
	for (unsigned offset = from; offset < to; offset += 8)
		if (world_peek(w, FRAME + offset) != value)
			fail_msg("word at %u", offset);
}

static void assert_legacy_region(const struct world *w)
{
	assert_int_equal(world_peek(w, FRAME), 0xFF0000037F);
	assert_words(w, 8, 24, 0);
	assert_int_equal(world_peek(w, FRAME + 24), 0xFFFF00001F80);
	for (unsigned offset = 32; offset < 160; offset += 16) {
		assert_int_equal(world_peek(w, FRAME + offset), 1ull << 63);
		assert_int_equal(world_peek(w, FRAME + offset + 8), 0x3FFF);
	}
	assert_words(w, 160, 416, VALUE);
	assert_words(w, 416, 512, UNTOUCHED);
}

static void fxsave(void **state)
{
	struct world *w = page_of_patterns(state);

	world_step(w, VI_FXSAVE, 0, GVA, VALUE, 0);
	world_run(w);
	world_expect(w, NULL);
	assert_legacy_region(w);
	assert_words(w, 512, PAGE_SIZE, UNTOUCHED);
}

static void xsave(void **state)
{
	struct world *w = page_of_patterns(state);

	world_step(w, VI_XSAVE, 0, GVA, VALUE, 0);
	world_run(w);
	world_expect(w, NULL);
	assert_legacy_region(w);
	assert_int_equal(world_peek(w, FRAME + 512), UNTOUCHED | 7);
	assert_words(w, 520, 576, UNTOUCHED);
	assert_words(w, 576, 832, VALUE);
	assert_words(w, 832, PAGE_SIZE, UNTOUCHED);
}

static void xsave_of_registers_in_their_initial_state(void **state)
{
	struct world *w = page_of_patterns(state);

	world_step(w, VI_XSAVE, 0, GVA, 0, 0);
	world_run(w);
	assert_int_equal(world_peek(w, FRAME + 512), (UNTOUCHED & ~7ull) | 1);
	assert_words(w, 576, 832, 0);
}

static void not_aligned(void **state)
{
	struct world *w = page_of_patterns(state);

	world_step(w, VI_FXSAVE, 0, GVA + 8, VALUE, 0);
	world_step(w, VI_XSAVE, 0, GVA + 32, VALUE, 0);
	world_step(w, VI_FXSAVE, 0, 1ull << 47, VALUE, 0);
	world_run(w);
	world_expect(w, "e 0 d 0 0", "e 1 d 0 0", "e 2 d 0 0", NULL);
	assert_words(w, 0, PAGE_SIZE, UNTOUCHED);
}

/* A page that cannot be read is met by XSAVE's read of the header, before anything is written. */
static void xsave_reads_its_header_first(void **state)
{
	struct world *w = page_of_patterns(state);

	world_ept(w, GVA, FRAME, 1, EPML_EPT_EXECUTE);
	world_step(w, VI_XSAVE, 0, GVA, VALUE, 0);
	world_run(w);
	world_expect(w, "x 0 30 1a1 400200 400200", NULL);
}

/* Only sub-page 1 is refused: ST6 is the first piece in it. */
static void a_refused_piece(void **state)
{
	struct world *w = sub_pages(state, 0x5555555555555551);

	world_step(w, VI_FXSAVE, 0, GVA, VALUE, 0);
	world_run(w);
	world_expect(w, "x 0 30 18a 400080 400080", NULL);
	assert_int_equal(world_peek(w, FRAME + 32), 1ull << 63);
	assert_words(w, 128, PAGE_SIZE, UNTOUCHED);
}

static void a_refused_header(void **state)
{
	struct world *w = sub_pages(state, 0x5555555555555555 & ~(1ull << 8));

	world_step(w, VI_XSAVE, 0, GVA, VALUE, 0);
	world_run(w);
	/* Bytes 512 to 639 are the header and the first registers' halves, which come before it. */
	world_expect(w, "x 0 30 18a 400240 400240", NULL);
	assert_int_equal(world_peek(w, FRAME + 512), UNTOUCHED);
}

static void all_pieces_are_granted(void **state)
{
	struct world *w = sub_pages(state, 0x55);

	world_step(w, VI_FXSAVE, 0, GVA, VALUE, 0);
	world_run(w);
	world_expect(w, NULL);
	assert_legacy_region(w);
}

/* After a VM exit the instruction runs again from its beginning. */
static void restart(void **state)
{
	struct world *w = sub_pages(state, 0x15);

	world_step(w, VI_FXSAVE, 0, GVA, VALUE, 0);
	world_step(w, VI_H_POKE, 8, FRAME, UNTOUCHED, 0);
	world_step(w, VI_H_POKE, 8, SPPT_TABLE(1) + (GVA >> 12 & 0x1FF) * 8, 0x55, 0);
	world_step(w, VI_H_INVEPT, 0, EPML_INVEPT_ALL, 0, 0);
	world_step(w, VI_H_RESUME, 0, 0, 0, 0);
	world_run(w);
	world_expect(w, "x 0 30 18a 400180 400180", "r 3 0 0", NULL);
	assert_legacy_region(w);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		world_test(fxsave),
		world_test(xsave),
		world_test(xsave_of_registers_in_their_initial_state),
		world_test(not_aligned),
		world_test(xsave_reads_its_header_first),
		world_test(a_refused_piece),
		world_test(a_refused_header),
		world_test(all_pieces_are_granted),
		world_test(restart),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
