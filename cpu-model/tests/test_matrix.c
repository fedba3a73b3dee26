/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Every combination of the design parameters, with room in the guest's log, at the threshold, at
 * the last entry and when it is full, for each kind of access, and again where sub-page permissions
 * grant the write. What must happen is worked out from the rules alone, and compared word by word:
 * result, memory, indices, self-IPIs.
 */
#include <stdio.h>

#include "fixture.h"

#define N(a) (sizeof(a) / sizeof((a)[0]))

enum kind { WRITE, READ, WALK, PHYSICAL, N_KINDS };

static const uint16_t indices[] = { 511, FX_THRESHOLD + 1, 1, 0, 512, 0xFFFF };

struct expected {
	enum epml_result result;
	bool entry;		/* the guest's log gets an entry */
	bool log_access;	/* the entry is written through EPT */
	bool notify;
	bool dirty;		/* the access dirties its page in EPT */
};

/* GPML-TRIG-1, GPML-TRIG-2, GPML-TRIG-5, GPML-WALK-1, GPML-WALK-2 */
static bool triggers(const struct epml_params *p, enum kind kind)
{
	if (kind == WRITE)
		return true;
	return kind == WALK && p->trigger == EPML_TRIGGER_EPT_DIRTY &&
	       p->walk_writes == EPML_WALKS_LOGGED;
}

static struct expected expectation(const struct epml_params *p, enum kind kind, uint16_t index)
{
	bool wanted = triggers(p, kind), full = index > 511;
	struct expected e = { .result = EPML_OK, .dirty = kind != READ };

	if (wanted && full && p->full == EPML_FULL_EXIT)	/* GPML-FULL-2 */
		e.result = EPML_VMEXIT;
	if (wanted && full && p->full == EPML_FULL_VE)		/* GPML-FULL-3 */
		e.result = EPML_VE;
	e.entry = wanted && !full;				/* GPML-LOG-1 */
	e.log_access = e.entry && p->translation == EPML_TRANSLATE_AT_LOG; /* GPML-ADDR-2, -3 */
	if (p->notification == EPML_NOTIFY_WHEN_FULL)
		e.notify = e.entry && index == 0;		/* NOTIFY-1 */
	else
		e.notify = e.entry && index == FX_THRESHOLD + 1;	/* NOTIFY-2 */
	if (wanted && full && p->full == EPML_FULL_DROP)	/* GPML-FULL-1 */
		e.notify = true;
	return e;
}

static enum epml_result perform(struct fixture *fx, enum kind kind)
{
	uint64_t hpa;

	switch (kind) {
	case WRITE:
		return fx_access(fx, FX_GVA_DATA + 8, FX_WRITE, &hpa);
	case READ:
		return fx_access(fx, FX_GVA_DATA + 8, FX_READ, &hpa);
	case WALK:
		return fx_physical(fx, FX_GPA_DATA + 8, FX_WALK, &hpa);
	default:
		return fx_physical(fx, FX_GPA_DATA + 8, EPML_ACCESS_WRITE, &hpa);
	}
}

/* All words that change when the access completes. */
static void check_memory(struct fixture *fx, enum kind kind, const struct expected *e,
			 uint16_t index)
{
	uint64_t changed[8];
	unsigned n = 0, pml = 511;

	if (e->log_access) {
		assert_int_equal(*fx_word(fx, fx_pml_entry(pml)), FX_GPA_LOG);
		changed[n++] = fx_pml_entry(pml--);
		changed[n++] = fx_epte(FX_GPA_LOG, 1);
	}
	if (e->dirty) {
		assert_int_equal(*fx_word(fx, fx_pml_entry(pml)), FX_GPA_DATA);
		changed[n++] = fx_pml_entry(pml--);
	}
	changed[n++] = fx_epte(FX_GPA_DATA, 1);
	if (kind == WRITE || kind == READ)
		changed[n++] = fx_pte(FX_GVA_DATA, 1);
	if (e->entry) {
		assert_int_equal(*fx_word(fx, fx_log_entry(index)), FX_GVA_DATA);
		changed[n++] = fx_log_entry(index);
	}
	fx_expect_changed(fx, n, changed);
	assert_int_equal(fx->cpu.v.pml_index, pml);
}

static void check_exit(struct fixture *fx, enum kind kind, enum epml_result result)
{
	const uint64_t area = FX_VE_INFO;

	fx_expect_exit(fx, EPML_REASON_PML_FULL, EPML_QUAL_PML_GUEST_LOG);
	fx_expect_exit_addresses(fx, true, FX_GPA_DATA + 8, true,
				 kind == WRITE ? FX_GVA_DATA + 8 : FX_GVA_DATA);
	fx_expect_state(&fx->cpu.v, &fx->then);
	assert_int_equal(fx->n_events, 1);
	if (result == EPML_VE)
		FX_CHANGED(fx, area, area + 8, area + 16, area + 24, area + 32);
	else
		fx_expect_changed(fx, 0, NULL);
}

static void check_case(struct fixture *fx, enum kind kind, uint16_t index)
{
	struct expected e = expectation(&fx->cpu.params, kind, index);

	fx_restore(fx);
	fx_set_translation(fx, fx->cpu.params.translation);
	fx->cpu.v.gpml_index = index;
	fx->then = fx->cpu.v;
	assert_int_equal(perform(fx, kind), e.result);
	if (e.result == EPML_OK)
		check_memory(fx, kind, &e, index);
	else
		check_exit(fx, kind, e.result);
	assert_int_equal(fx->cpu.v.gpml_index, (uint16_t)(index - e.entry));
	assert_int_equal(fx->n_ipis, e.notify);
}

static void check_kinds(struct fixture *fx, enum kind end)
{
	for (unsigned i = 0; i < N(indices); i++)
		for (enum kind kind = WRITE; kind < end; kind++)
			check_case(fx, kind, indices[i]);
}

static void combination(void **state)
{
	struct fixture *fx = *state;

	check_kinds(fx, N_KINDS);
	/* SPP-GRANT-1: the same where SPP grants the write; it does not see page walks. */
	fx_restore(fx);
	fx_set_spp(fx, 1);
	fx_save(fx);
	check_kinds(fx, WALK);
}

/* *state comes in as the combination's parameters. */
static int setup(void **state)
{
	const struct epml_params *params = *state;
	struct fixture *fx;

	if (fx_setup(state))
		return -1;
	fx = *state;
	fx->cpu.params = *params;
	fx_set_ve(fx, true);
	fx_ept_change(fx, FX_GPA_LOG, 1, FX_EPT_AD, 0);
	fx_save(fx);
	return 0;
}

#define N_COMBINATIONS (2 * 2 * 3 * 2 * 2)

int main(void)
{
	static struct epml_params params[N_COMBINATIONS];
	static struct CMUnitTest tests[N_COMBINATIONS];
	static char names[N_COMBINATIONS][80];

	for (unsigned i = 0; i < N_COMBINATIONS; i++) {
		struct epml_params *p = &params[i];

		*p = (struct epml_params){ i % 2, i / 2 % 2, i / 16, i / 4 % 2, i / 8 % 2 };
		snprintf(names[i], sizeof(names[i]), "%s %s %s %s %s",
			 epml_params_get(p, "trigger"), epml_params_get(p, "translation"),
			 epml_params_get(p, "full"), epml_params_get(p, "notification"),
			 epml_params_get(p, "walk-writes"));
		tests[i] = (struct CMUnitTest){ names[i], combination, setup, fx_teardown, p };
	}
	return cmocka_run_group_tests_name("matrix", tests, NULL, NULL);
}
