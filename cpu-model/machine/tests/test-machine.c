/* SPDX-License-Identifier: BSD-2-Clause */
/* The machine as its users see it: reports of the final state, the trace, memory's limits. */
#define _GNU_SOURCE
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "world.h"

#define GVA	0x400000ull
#define FRAME	(W_FRAME0 + GVA)

static void final_state(void **state)
{
	struct world *w = *state;

	world_page(w, GVA);
	world_dump_field(w, EPML_VMCS_GUEST_PML_INDEX);
	world_dump_field(w, 0x7FFE);			/* a field that does not exist */
	world_dump_field(w, EPML_VMCS_GUEST_PML_ADDRESS);
	world_dump_page(w, FRAME, true);
	world_step(w, VI_STORE, 8, GVA + 0xFF8, 7, 0);
	world_step(w, VI_STORE, 8, GVA + 0x10, 8, 0);
	world_run(w);
	world_expect(w, "f 820 1fe", "f 2060 300000", "m 2400010 8", "m 2400ff8 7", NULL);
}

static void pages_are_zeroed_before_the_pokes(void **state)
{
	struct world *w = *state;

	world_dump_page(w, FRAME, true);
	world_poke(w, FRAME + 8, 5);
	world_step(w, VI_NOP, 0, 0, 0, 0);
	world_run(w);
	world_expect(w, "m 2400008 5", NULL);
}

static void beyond_memory(void **state)
{
	struct world *w = *state;

	world_guest(w, GVA, GVA, 1, G_PWU);
	world_ept(w, GVA, W_RAM_SIZE, 1, E_RWX);
	world_step(w, VI_STORE, 8, GVA, 1, 0);
	world_step(w, VI_LOAD, 8, GVA, 0, 0);
	world_step(w, VI_H_PEEK, 8, W_RAM_SIZE - 4, 0, 0);
	world_run(w);
	world_expect(w, "r 1 ffffffffffffffff 0", "r 2 ffffffff00000000 0", NULL);
	mem_zero_page(w->m, W_RAM_SIZE);
}

static void halted_for_ever(void **state)
{
	struct world *w = *state;

	w->head.limit = 0;				/* no VMX-preemption timer */
	world_step(w, VI_HLT, 0, 0, 0, 0);
	world_run(w);
	assert_int_equal(w->n_lines, 1);
	assert_int_equal(w->lines[0][0], '!');
}

static void ignore(void *ctx, char kind, unsigned n, const uint64_t *v, const char *text)
{
	(void)ctx, (void)kind, (void)n, (void)v, (void)text;
}

static void print_event(void *ctx, const struct epml_event *event)
{
	char line[256];

	epml_event_format(event, line, sizeof(line));
	fprintf(ctx, "%s\n", line);
}

static void trace(void **state)
{
	struct world *w = *state;
	struct vi_vector *record;
	struct epml_params params;
	struct machine *m;
	char *text, *line;
	size_t size;
	FILE *f = open_memstream(&text, &size);

	world_page(w, GVA);
	world_step(w, VI_STORE, 8, GVA, 1, 0);
	world_step(w, VI_VMCALL, 0, 0, 0, 0);
	record = world_record(w);
	assert_true(epml_params_profile(&params, "hardened"));
	m = machine_new(&params, print_event, f);
	machine_run(m, record, ignore, NULL);
	machine_free(m);
	free(record);
	fclose(f);

	line = strtok(text, "\n");
	assert_true(!strncmp(line, "vmentry", 7));
	while ((line = strtok(NULL, "\n")) && strncmp(line, "gpml ", 5))
		;
	assert_non_null(line);
	while ((line = strtok(NULL, "\n")) && strncmp(line, "exit ", 5))
		;
	assert_non_null(line);
	assert_null(strtok(NULL, "\n"));
	free(text);
}

static void nothing_to_free(void **state)
{
	(void)state;
	machine_free(NULL);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		world_test(final_state),
		world_test(pages_are_zeroed_before_the_pokes),
		world_test(beyond_memory),
		world_test(halted_for_ever),
		world_test(trace),
		cmocka_unit_test(nothing_to_free),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
