/* SPDX-License-Identifier: BSD-2-Clause */
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "world.h"

#define FIRST_STEP_LIMIT 1000000

static uint64_t *poke_of(struct world *w, uint64_t hpa)
{
	for (unsigned i = 0; i < w->head.n_pokes; i++)
		if (w->pokes[i].hpa == hpa)
			return &w->pokes[i].value;
	assert_true(w->head.n_pokes < MAX_ITEMS);
	w->pokes[w->head.n_pokes].hpa = hpa;
	w->pokes[w->head.n_pokes].value = 0;
	return &w->pokes[w->head.n_pokes++].value;
}

void world_poke(struct world *w, uint64_t hpa, uint64_t value)
{
	*poke_of(w, hpa) = value;
}

uint64_t world_peek(const struct world *w, uint64_t hpa)
{
	return mem_read(w->m, hpa, 8);
}

void world_field(struct world *w, uint32_t field, uint64_t value)
{
	unsigned i;

	for (i = 0; i < w->head.n_fields; i++)
		if (w->fields[i].field == field)
			break;
	assert_true(i < 64);
	w->fields[i] = (struct vi_field){ field, value };
	if (i == w->head.n_fields)
		w->head.n_fields++;
}

uint64_t world_field_value(const struct world *w, uint32_t field)
{
	return vmcs_read(&w->m->vmcs, field);
}

/* ---- Paging structures -------------------------------------------------------------------- */

static uint64_t index_at(uint64_t address, unsigned level)
{
	return address >> (12 + 9 * (level - 1)) & 0x1FF;
}

static uint64_t frame_of(uint64_t gpa)
{
	return gpa >= W_ALIAS ? gpa - W_ALIAS : W_FRAME0 + gpa;
}

static uint64_t *guest_entry(struct world *w, uint64_t gva, unsigned level)
{
	uint64_t table = W_GUEST_PML4;

	for (unsigned l = 4; ; l--) {
		uint64_t *entry = poke_of(w, frame_of(table) + 8 * index_at(gva, l));

		if (l == level)
			return entry;
		if (!*entry) {
			*entry = w->next_guest_table | G_PWU | EPML_PTE_ACCESSED;
			w->next_guest_table += PAGE_SIZE;
		}
		table = *entry & EPML_PTE_ADDRESS_MASK;
	}
}

static uint64_t *ept_entry(struct world *w, uint64_t gpa, unsigned level)
{
	uint64_t table = W_EPT;

	for (unsigned l = 4; ; l--) {
		uint64_t *entry = poke_of(w, table + 8 * index_at(gpa, l));

		if (l == level)
			return entry;
		if (!*entry) {
			*entry = w->next_ept_table | E_RWX | EPML_EPT_ACCESSED;
			w->next_ept_table += PAGE_SIZE;
		}
		table = *entry & EPML_EPT_ADDRESS_MASK;
	}
}

void world_guest(struct world *w, uint64_t gva, uint64_t gpa, unsigned level, uint64_t flags)
{
	*guest_entry(w, gva, level) = gpa | flags | (level > 1 ? EPML_PTE_LARGE : 0);
}

void world_ept(struct world *w, uint64_t gpa, uint64_t hpa, unsigned level, uint64_t flags)
{
	*ept_entry(w, gpa, level) = hpa | flags | (level > 1 ? EPML_EPT_LARGE : 0) |
				    EPML_MEMTYPE_WB << EPML_EPT_MEMTYPE_SHIFT;
}

void world_page(struct world *w, uint64_t gva)
{
	world_guest(w, gva, gva, 1, G_PWU);
	world_ept(w, gva, W_FRAME0 + gva, 1, E_RWX);
}

static uint64_t walk_memory(const struct world *w, uint64_t table, uint64_t address,
			    unsigned level, bool guest)
{
	for (unsigned l = 4; ; l--) {
		uint64_t hpa = (guest ? frame_of(table) : table) + 8 * index_at(address, l);

		if (l == level)
			return hpa;
		table = world_peek(w, hpa) & EPML_PTE_ADDRESS_MASK;
	}
}

uint64_t world_pte(const struct world *w, uint64_t gva, unsigned level)
{
	return walk_memory(w, W_GUEST_PML4, gva, level, true);
}

uint64_t world_epte(const struct world *w, uint64_t gpa, unsigned level)
{
	return walk_memory(w, W_EPT, gpa, level, false);
}

/* ---- The default world -------------------------------------------------------------------- */

static void map_alias(struct world *w)
{
	world_poke(w, frame_of(W_GUEST_PML4) + 8, (W_ALIAS + W_SYS_PDPT) | G_PWU |
						  EPML_PTE_ACCESSED);
	world_poke(w, W_SYS_PDPT, (W_ALIAS + W_SYS_PD) | G_PWU | EPML_PTE_ACCESSED);
	world_poke(w, W_EPT + 8, W_SYS_EPDPT | E_RWX | EPML_EPT_ACCESSED);
	world_poke(w, W_SYS_EPDPT, W_SYS_EPD | E_RWX | EPML_EPT_ACCESSED);
	for (uint64_t hpa = 0; hpa < W_RAM_SIZE; hpa += 0x200000) {
		uint64_t index = hpa / 0x200000;

		world_poke(w, W_SYS_PD + 8 * index, (W_ALIAS + hpa) | G_PWU | EPML_PTE_LARGE |
						    EPML_PTE_ACCESSED | EPML_PTE_DIRTY);
		world_poke(w, W_SYS_EPD + 8 * index,
			   hpa | E_RWX | E_AD | EPML_EPT_LARGE |
			   EPML_MEMTYPE_WB << EPML_EPT_MEMTYPE_SHIFT);
	}
}

static void default_fields(struct world *w)
{
	bool at_log = w->m->cpu.params.translation == EPML_TRANSLATE_AT_LOG;

	world_field(w, EPML_VMCS_PIN_BASED_CONTROLS, EPML_PIN_EXTERNAL_INTERRUPT_EXITING);
	world_field(w, EPML_VMCS_PROC_BASED_CONTROLS,
		    EPML_PROC_USE_TPR_SHADOW | EPML_PROC_USE_MSR_BITMAPS |
		    EPML_PROC_ACTIVATE_SECONDARY | EPML_PROC_ACTIVATE_TERTIARY);
	world_field(w, EPML_VMCS_SECONDARY_CONTROLS,
		    EPML_PROC2_ENABLE_EPT | EPML_PROC2_VIRTUALIZE_X2APIC |
		    EPML_PROC2_APIC_REGISTER_VIRTUALIZATION |
		    EPML_PROC2_VIRTUAL_INTERRUPT_DELIVERY | EPML_PROC2_ENABLE_PML);
	world_field(w, EPML_VMCS_TERTIARY_CONTROLS, EPML_PROC3_ENABLE_GUEST_PML);
	world_field(w, EPML_VMCS_EPTP, W_EPT | EPML_EPTP_AD | 3 << EPML_EPTP_WALK_SHIFT |
				       EPML_MEMTYPE_WB);
	world_field(w, EPML_VMCS_GUEST_CR3, W_GUEST_PML4);
	world_field(w, EPML_VMCS_VIRTUAL_APIC_ADDRESS, W_VAPIC);
	world_field(w, EPML_VMCS_MSR_BITMAP_ADDRESS, W_MSR_BITMAP);
	world_field(w, EPML_VMCS_PML_ADDRESS, W_PML);
	world_field(w, EPML_VMCS_PML_INDEX, 511);
	world_field(w, EPML_VMCS_GUEST_PML_ADDRESS, at_log ? W_GUEST_LOG : frame_of(W_GUEST_LOG));
	world_field(w, EPML_VMCS_GUEST_PML_INDEX, 511);
	world_field(w, EPML_VMCS_GUEST_PML_NOTIFICATION_VECTOR, 0x40);
	world_field(w, EPML_VMCS_GUEST_PML_THRESHOLD, 0xFFFF);
	world_field(w, EPML_VMCS_VMREAD_BITMAP, W_VMREAD_BM);
	world_field(w, EPML_VMCS_VMWRITE_BITMAP, W_VMWRITE_BM);
	world_field(w, EPML_VMCS_VE_INFO_ADDRESS, W_VE_INFO);
}

struct world *world_new(const char *profile)
{
	struct world *w = calloc(1, sizeof(*w));
	struct epml_params params;

	assert_non_null(w);
	assert_true(epml_params_profile(&params, profile));
	w->m = machine_new(&params, NULL, NULL);
	assert_non_null(w->m);
	w->next_guest_table = W_GUEST_PML4 + PAGE_SIZE;
	w->next_ept_table = W_EPT + PAGE_SIZE;
	w->head.limit = FIRST_STEP_LIMIT;
	map_alias(w);
	default_fields(w);
	/* The guest's paging structures and its log: A and D set, so that walks leave no trace. */
	for (unsigned i = 0; i < 8; i++)
		world_ept(w, W_GUEST_PML4 + i * PAGE_SIZE,
			  frame_of(W_GUEST_PML4 + i * PAGE_SIZE), 1, E_RWX | E_AD);
	world_ept(w, W_GUEST_LOG, frame_of(W_GUEST_LOG), 1, E_RWX | E_AD);
	return w;
}

void world_free(struct world *w)
{
	machine_free(w->m);
	free(w);
}

/* ---- Steps and reports -------------------------------------------------------------------- */

unsigned world_step(struct world *w, unsigned op, unsigned size, uint64_t a, uint64_t b,
		    uint64_t c)
{
	assert_true(w->head.n_steps < MAX_STEPS);
	w->steps[w->head.n_steps] = (struct vi_step){ .op = op, .size = size, .a = a, .b = b,
						      .c = c };
	return w->head.n_steps++;
}

unsigned world_handler(struct world *w, unsigned vector, unsigned op, unsigned size, uint64_t a,
		       uint64_t b)
{
	unsigned i = world_step(w, op, size, a, b, 0);

	w->steps[i].handler = vector + 1;
	return i;
}

static void collect(void *ctx, char kind, unsigned n, const uint64_t *v, const char *text)
{
	struct world *w = ctx;
	char *line;
	int used;

	if (kind == 'V' || kind == 'z')
		return;
	assert_true(w->n_lines < MAX_LINES);
	line = w->lines[w->n_lines++];
	used = sprintf(line, "%c", kind);
	for (unsigned i = 0; i < n; i++)
		used += sprintf(line + used, " %" PRIx64, v[i]);
	if (text)
		snprintf(line + used, sizeof(w->lines[0]) - used, " %s", text);
}

void world_dump_page(struct world *w, uint64_t hpa, bool zero)
{
	assert_true(w->head.n_pages < 128 && w->head.n_dump_pages < 128);
	w->dump_pages[w->head.n_dump_pages++] = hpa;
	if (zero)
		w->pages[w->head.n_pages++] = hpa;
}

void world_dump_field(struct world *w, uint32_t field)
{
	assert_true(w->head.n_dump_fields < 16);
	w->dump_fields[w->head.n_dump_fields++].field = field;
}

struct vi_vector *world_record(struct world *w)
{
	const struct {
		const void *items;
		size_t size;
	} parts[] = {
		{ &w->head, sizeof(w->head) },
		{ w->pages, w->head.n_pages * sizeof(w->pages[0]) },
		{ w->pokes, w->head.n_pokes * sizeof(w->pokes[0]) },
		{ w->fields, w->head.n_fields * sizeof(w->fields[0]) },
		{ w->steps, w->head.n_steps * sizeof(w->steps[0]) },
		{ w->dump_pages, w->head.n_dump_pages * sizeof(w->dump_pages[0]) },
		{ w->dump_fields, w->head.n_dump_fields * sizeof(w->dump_fields[0]) },
	};
	char *record, *end;

	w->head.size = 0;
	for (unsigned i = 0; i < sizeof(parts) / sizeof(parts[0]); i++)
		w->head.size += parts[i].size;
	record = end = malloc(w->head.size);
	assert_non_null(record);
	for (unsigned i = 0; i < sizeof(parts) / sizeof(parts[0]); i++) {
		memcpy(end, parts[i].items, parts[i].size);
		end += parts[i].size;
	}
	return (struct vi_vector *)record;
}

void world_run(struct world *w)
{
	struct vi_vector *record = world_record(w);

	w->n_lines = 0;
	machine_run(w->m, record, collect, w);
	/* Tests look at the machine after the run: let its image be ours. */
	w->m->img.head = &w->head;
	w->m->img.steps = w->steps;
	free(record);
}

void world_load(struct world *w)
{
	world_step(w, VI_NOP, 0, 0, 0, 0);
	world_run(w);
	assert_int_equal(w->n_lines, 0);
}

static bool line_matches(const char *line, const char *text)
{
	for (; *text; text++) {
		if (*text == '*') {
			while (*line && *line != ' ')
				line++;
			continue;
		}
		if (*line++ != *text)
			return false;
	}
	return !*line || *line == ' ';
}

void world_expect(const struct world *w, ...)
{
	const char *text;
	unsigned i = 0;
	va_list ap;

	va_start(ap, w);
	while ((text = va_arg(ap, const char *))) {
		if (i >= w->n_lines)
			fail_msg("line %u is missing, expected '%s'", i, text);
		if (!line_matches(w->lines[i], text))
			fail_msg("line %u is '%s', expected '%s'", i, w->lines[i], text);
		i++;
	}
	va_end(ap);
	if (i < w->n_lines)
		fail_msg("line %u is '%s', expected no more lines", i, w->lines[i]);
}

int world_setup(void **state)
{
	*state = world_new("hardened");
	return 0;
}

int world_setup_published(void **state)
{
	*state = world_new("published");
	return 0;
}

int world_teardown(void **state)
{
	world_free(*state);
	return 0;
}
