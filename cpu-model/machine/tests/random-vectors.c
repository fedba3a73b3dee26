/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Random vectors: writes an image of them for the ROM on Bochs, and prints the lines that the
 * standalone machine reports for the same image. random.sh compares the two.
 *
 * usage: random-vectors SEED COUNT PROFILE IMAGE [PARAMETER=VALUE]...
 */
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "world.h"

#define SMALL		0x400000ull	/* GVAs of 4-KByte pages */
#define SMALL_PAGES	6
#define LARGE		0x800000ull	/* GVA of a 2-MByte page of the guest */
#define LARGE_GPA	0x600000ull
#define UNMAPPED	0x700000ull
#define EPT_LARGE	0xC00000ull	/* GVAs of pages in a 2-MByte page of EPT */
#define EPT_LARGE_GPA	0xA00000ull
#define EPT_LARGE_HPA	0x3200000ull
#define STACK		0x500000ull	/* page of IST1: only events use it, it is not compared */
#define INT_VECTOR	0x30
#define TABLE_PAGES	8		/* of the guest, in world_new() */

static uint64_t seed;

static uint32_t any(void)
{
	seed = seed * 6364136223846793005ull + 1442695040888963407ull;
	return seed >> 33;
}

static unsigned below(unsigned n)
{
	return any() % n;
}

static bool percent(unsigned p)
{
	return below(100) < p;
}

/* ---- Memory ------------------------------------------------------------------------------- */

static uint64_t guest_flags(void)
{
	uint64_t flags = G_PWU;

	if (percent(5))
		flags &= ~(uint64_t)EPML_PTE_PRESENT;
	if (percent(15))
		flags &= ~(uint64_t)EPML_PTE_WRITE;
	if (percent(15))
		flags &= ~(uint64_t)EPML_PTE_USER;
	if (percent(40))
		flags |= EPML_PTE_ACCESSED;
	if (percent(20))
		flags |= EPML_PTE_ACCESSED | EPML_PTE_DIRTY;
	if (percent(15))
		flags |= EPML_PTE_GLOBAL;
	if (percent(5))
		flags |= EPML_PTE_NX;
	if (percent(3))
		flags |= 1ull << MAXPHYADDR;
	return flags;
}

static uint64_t ept_flags(void)
{
	uint64_t flags = percent(80) ? E_RWX : below(8);

	if (percent(30))
		flags |= EPML_EPT_ACCESSED;
	if (percent(20))
		flags |= E_AD;
	if (percent(10))
		flags |= EPML_EPT_SUPPRESS_VE;
	if (percent(3))
		flags |= 1ull << MAXPHYADDR;
	return flags;
}

static uint64_t system_flags(void)
{
	if (percent(90))
		return E_RWX | E_AD;
	return percent(70) ? E_RWX : E_RX;
}

static void map(struct world *w)
{
	for (unsigned i = 0; i < SMALL_PAGES; i++) {
		/* The last page is another address of the first. */
		uint64_t gpa = 0x200000 + (i % (SMALL_PAGES - 1)) * PAGE_SIZE;

		world_guest(w, SMALL + i * PAGE_SIZE, gpa, 1, guest_flags());
		if (i < SMALL_PAGES - 1)
			world_ept(w, gpa, W_FRAME0 + gpa, 1, ept_flags());
	}
	world_guest(w, STACK, STACK, 1, guest_flags());
	world_guest(w, STACK - PAGE_SIZE, STACK - PAGE_SIZE, 1, guest_flags());
	world_ept(w, STACK, W_FRAME0 + STACK, 1, ept_flags());
	world_ept(w, STACK - PAGE_SIZE, W_FRAME0 + STACK - PAGE_SIZE, 1, ept_flags());
	world_guest(w, LARGE, LARGE_GPA, 2, guest_flags());
	for (unsigned i = 0; i < 3; i++) {
		uint64_t gpa = LARGE_GPA + i * PAGE_SIZE;

		world_ept(w, gpa, W_FRAME0 + gpa, 1, ept_flags());
		world_guest(w, EPT_LARGE + i * PAGE_SIZE, EPT_LARGE_GPA + i * PAGE_SIZE, 1,
			    guest_flags());
	}
	world_ept(w, EPT_LARGE_GPA, EPT_LARGE_HPA, 2, ept_flags());
	for (unsigned i = 0; i < TABLE_PAGES; i++)
		world_ept(w, W_GUEST_PML4 + i * PAGE_SIZE,
			  W_FRAME0 + W_GUEST_PML4 + i * PAGE_SIZE, 1, system_flags());
	world_ept(w, W_GUEST_LOG, W_FRAME0 + W_GUEST_LOG, 1, system_flags());
}

static uint64_t random_page(void)
{
	switch (below(12)) {
	case 0: case 1: case 2:
		return LARGE + below(3) * PAGE_SIZE;
	case 3: case 4: case 5:
		return EPT_LARGE + below(3) * PAGE_SIZE;
	case 6:
		return percent(90) ? UNMAPPED : 1ull << 47;
	default:
		return SMALL + below(SMALL_PAGES) * PAGE_SIZE;
	}
}

static uint64_t random_address(unsigned size)
{
	uint64_t page = random_page();

	if (percent(25))
		return page + PAGE_SIZE - below(size + 1);
	return page + below(PAGE_SIZE - size) / 8 * 8;
}

/* ---- State -------------------------------------------------------------------------------- */

static uint16_t random_index(void)
{
	static const uint16_t indices[] = { 511, 511, 511, 2, 1, 0, 0xFFFF, 512 };

	return indices[below(8)];
}

static void choose_fields(struct world *w, const struct epml_params *params)
{
	uint32_t proc2 = EPML_PROC2_ENABLE_EPT | EPML_PROC2_VIRTUALIZE_X2APIC |
			 EPML_PROC2_APIC_REGISTER_VIRTUALIZATION |
			 EPML_PROC2_VIRTUAL_INTERRUPT_DELIVERY;
	uint64_t eptp = W_EPT | 3 << EPML_EPTP_WALK_SHIFT | EPML_MEMTYPE_WB;

	if (percent(30))
		proc2 |= EPML_PROC2_ENABLE_VM_FUNCTIONS;
	if (percent(70))
		proc2 |= EPML_PROC2_ENABLE_PML;
	if (percent(30))
		proc2 |= EPML_PROC2_EPT_VIOLATION_VE;
	if (percent(60))
		proc2 |= EPML_PROC2_VMCS_SHADOWING;
	if (percent(85))
		eptp |= EPML_EPTP_AD;
	world_field(w, EPML_VMCS_SECONDARY_CONTROLS, proc2);
	world_field(w, EPML_VMCS_TERTIARY_CONTROLS,
		    percent(85) ? EPML_PROC3_ENABLE_GUEST_PML : 0);
	world_field(w, EPML_VMCS_EPTP, eptp);
	if (proc2 & EPML_PROC2_ENABLE_VM_FUNCTIONS) {
		world_field(w, EPML_VMCS_VM_FUNCTION_CONTROLS, EPML_VMFUNC_EPTP_SWITCHING);
		world_field(w, EPML_VMCS_EPTP_LIST_ADDRESS, W_EPTP_LIST);
	}
	world_poke(w, W_EPTP_LIST, eptp);
	world_poke(w, W_EPTP_LIST + 8, eptp ^ EPML_EPTP_AD);
	world_field(w, EPML_VMCS_PML_INDEX, random_index());
	world_field(w, EPML_VMCS_GUEST_PML_ADDRESS,
		    params->translation == EPML_TRANSLATE_AT_LOG ? W_GUEST_LOG :
		    W_FRAME0 + W_GUEST_LOG);
	world_field(w, EPML_VMCS_GUEST_PML_INDEX, random_index());
	world_field(w, EPML_VMCS_GUEST_PML_THRESHOLD, percent(50) ? below(3) : 510);
	if ((proc2 & EPML_PROC2_VMCS_SHADOWING) && percent(80))
		world_field(w, EPML_VMCS_LINK_POINTER, W_SHADOW_VMCS);
	w->head.flags = (percent(40) ? VI_F_CPL3 : 0) | (percent(60) ? VI_F_IF : 0);
	if (percent(20))
		w->head.ist = STACK + below(PAGE_SIZE);
}

/* ---- Steps -------------------------------------------------------------------------------- */

static const uint32_t some_fields[] = {
	EPML_VMCS_GUEST_PML_ADDRESS, EPML_VMCS_GUEST_PML_ADDRESS_HIGH, EPML_VMCS_GUEST_PML_INDEX,
	EPML_VMCS_GUEST_PML_NOTIFICATION_VECTOR, EPML_VMCS_GUEST_PML_THRESHOLD,
	EPML_VMCS_GUEST_CR3, 0x7FFE,
};

static uint32_t random_field(void)
{
	return some_fields[below(sizeof(some_fields) / sizeof(some_fields[0]))];
}

static uint64_t random_value(void)
{
	static const uint64_t values[] = {
		W_GUEST_LOG, 0x200000, EPT_LARGE_GPA + 0x5000, 0x7000000, 1, 0, 511, 0x40, 0xFF,
		0xFFFF,
	};

	return values[below(sizeof(values) / sizeof(values[0]))];
}

static void memory_step(struct world *w)
{
	unsigned size = 1 << below(4);
	uint64_t a = random_address(8);

	switch (below(9)) {
	case 0:
		world_step(w, VI_LOAD, size, a, 0, 0);
		break;
	case 1:
		world_step(w, VI_RMW, size, a, any(), 0);
		break;
	case 2:
		world_step(w, VI_LOCK_RMW, size, a, any(), 0);
		break;
	case 3:
		world_step(w, VI_CMPXCHG, size, a, below(2), any());
		break;
	case 4:
		world_step(w, VI_CMPXCHG16B, 0, random_address(16), 0, any());
		break;
	case 5:
		world_step(w, VI_PUSH, 0, a, any(), 0);
		break;
	case 6:
		size = percent(50) ? 1 : 8;
		world_step(w, percent(50) ? VI_STOS : VI_MOVS, size, a, 600, any() % 600);
		if (w->steps[w->head.n_steps - 1].op == VI_MOVS)
			w->steps[w->head.n_steps - 1].b = random_address(8);
		break;
	default:
		size = 1 << below(7);
		world_step(w, VI_STORE, size, random_address(size), any(), 0);
	}
}

static void vmx_step(struct world *w)
{
	switch (below(5)) {
	case 0:
		world_step(w, VI_VMREAD, 0, random_field(), 0, 0);
		break;
	case 1:
		world_step(w, VI_VMREAD_MEM, 0, random_address(8), random_field(), 0);
		break;
	case 2:
		world_step(w, VI_VMWRITE_MEM, 0, random_address(8), random_field(), 0);
		break;
	default:
		world_step(w, VI_VMWRITE, 0, random_field(), random_value(), 0);
	}
}

/* The guest changes its own entry, as far as its paging structures let it. */
static void pte_step(struct world *w)
{
	uint64_t gva = SMALL + below(SMALL_PAGES - 1) * PAGE_SIZE;
	uint64_t pte = world_pte(w, gva, 1);

	world_step(w, VI_STORE, 8, W_ALIAS + pte, (gva - SMALL + 0x200000) | guest_flags(), 0);
	if (percent(70))
		world_step(w, VI_INVLPG, 0, gva, 0, 0);
}

static void system_step(struct world *w)
{
	switch (below(12)) {
	case 0:
		world_step(w, VI_INVLPG, 0, random_page(), 0, 0);
		break;
	case 1:
		world_step(w, VI_MOV_CR3, 0, W_GUEST_PML4, 0, 0);
		break;
	case 2:
		world_step(w, percent(50) ? VI_CLI : VI_STI, 0, 0, 0, 0);
		break;
	case 3:
		world_step(w, VI_INT, 0, INT_VECTOR, 0, 0);
		break;
	case 4:
		world_step(w, VI_WRTPR, 0, below(8) << 4, 0, 0);
		break;
	case 5:
		world_step(w, VI_EOI, 0, 0, 0, 0);
		break;
	case 6:
		world_step(w, VI_SELF_IPI, 0, percent(90) ? 0x40 + below(32) : below(16), 0, 0);
		break;
	case 7:
		world_step(w, VI_VMFUNC, 0, below(3), 0, 0);
		break;
	case 8:
		world_step(w, percent(30) ? VI_HLT : VI_VMCALL, 0, 0, 0, 0);
		break;
	default:
		pte_step(w);
	}
}

static void host_step_random(struct world *w)
{
	uint64_t gpa = 0x200000 + below(SMALL_PAGES - 1) * PAGE_SIZE;

	switch (below(7)) {
	case 0:
		world_step(w, VI_H_POKE, 8, world_epte(w, gpa, 1),
			   (W_FRAME0 + gpa) | ept_flags() |
			   EPML_MEMTYPE_WB << EPML_EPT_MEMTYPE_SHIFT, 0);
		break;
	case 1:
		world_step(w, VI_H_POKE, 8, world_epte(w, W_GUEST_LOG, 1),
			   W_SPARE | E_RWX | EPML_MEMTYPE_WB << EPML_EPT_MEMTYPE_SHIFT, 0);
		break;
	case 2:
		world_step(w, VI_H_INVEPT, 0, 1 + below(2), W_EPT | 0x5E, 0);
		break;
	case 3:
		world_step(w, VI_H_VMWRITE, 0,
			   percent(50) ? EPML_VMCS_PML_INDEX : EPML_VMCS_GUEST_PML_INDEX,
			   random_index(), 0);
		break;
	case 4:
		world_step(w, VI_H_VMREAD, 0, random_field(), 0, 0);
		break;
	case 5:
		gpa = W_GUEST_PML4 + below(TABLE_PAGES) * PAGE_SIZE;
		world_step(w, VI_H_POKE, 8, world_epte(w, gpa, 1), (W_FRAME0 + gpa) |
			   system_flags() | EPML_MEMTYPE_WB << EPML_EPT_MEMTYPE_SHIFT, 0);
		break;
	default:
		world_step(w, VI_H_POKE, 4, W_VE_INFO + 4, 0, 0);
	}
}

static void choose_steps(struct world *w)
{
	unsigned count = 4 + below(12);

	for (unsigned i = 0; i < count; i++) {
		unsigned kind = below(10);

		if (kind < 6)
			memory_step(w);
		else if (kind < 8)
			vmx_step(w);
		else
			system_step(w);
		if (percent(70)) {
			host_step_random(w);
			world_step(w, percent(50) ? VI_H_RESUME : VI_H_SKIP, 0, 0, 0, 0);
		}
	}
	world_handler(w, 0x40, VI_EOI, 0, 0, 0);
	if (percent(50))
		world_handler(w, 0x40, VI_STORE, 8, random_address(8), any());
	if (percent(30))
		world_handler(w, INT_VECTOR, VI_LOCK_RMW, 8, random_address(8), 1);
}

static void choose_dumps(struct world *w)
{
	static const uint32_t fields[] = {
		EPML_VMCS_PML_INDEX, EPML_VMCS_GUEST_PML_ADDRESS, EPML_VMCS_GUEST_PML_INDEX,
		EPML_VMCS_GUEST_PML_NOTIFICATION_VECTOR, EPML_VMCS_GUEST_PML_THRESHOLD,
		EPML_VMCS_GUEST_INTERRUPT_STATUS, EPML_VMCS_GUEST_CR3,
		EPML_VMCS_VM_INSTRUCTION_ERROR, EPML_VMCS_EPTP, EPML_VMCS_EPTP_INDEX,
	};

	for (unsigned i = 0; i < sizeof(fields) / sizeof(fields[0]); i++)
		world_dump_field(w, fields[i]);
	world_dump_page(w, W_PML, true);
	world_dump_page(w, W_VAPIC, true);
	world_dump_page(w, W_VE_INFO, true);
	world_dump_page(w, W_FRAME0 + W_GUEST_LOG, true);
	world_dump_page(w, W_SPARE, true);
	for (unsigned i = 0; i < TABLE_PAGES; i++)
		world_dump_page(w, W_FRAME0 + W_GUEST_PML4 + i * PAGE_SIZE, true);
	for (uint64_t hpa = W_EPT; hpa < w->next_ept_table; hpa += PAGE_SIZE)
		world_dump_page(w, hpa, true);
	for (unsigned i = 0; i < SMALL_PAGES - 1; i++)
		world_dump_page(w, W_FRAME0 + 0x200000 + i * PAGE_SIZE, true);
	for (unsigned i = 0; i < 4; i++) {
		world_dump_page(w, W_FRAME0 + LARGE_GPA + i * PAGE_SIZE, true);
		world_dump_page(w, EPT_LARGE_HPA + i * PAGE_SIZE, true);
	}
	w->pages[w->head.n_pages++] = W_VMREAD_BM;
	w->pages[w->head.n_pages++] = W_VMWRITE_BM;
	w->pages[w->head.n_pages++] = W_SHADOW_VMCS;
	w->pages[w->head.n_pages++] = W_MSR_BITMAP;
	w->pages[w->head.n_pages++] = W_EPTP_LIST;
	w->pages[w->head.n_pages++] = EPT_LARGE_HPA + 0x5000;
}

/* ---- The image ---------------------------------------------------------------------------- */

static void print_line(void *ctx, char kind, unsigned n, const uint64_t *v, const char *text)
{
	(void)ctx;
	putchar(kind);
	for (unsigned i = 0; i < n; i++)
		printf(" %" PRIx64, v[i]);
	if (text)
		printf(" %s", text);
	putchar('\n');
}

/* Make vector number @p index, run it and append it to the image. */
static uint32_t one(uint32_t index, const struct epml_params *params, const char *profile,
		    FILE *image)
{
	struct world *w = world_new(profile);
	struct machine *m = machine_new(params, NULL, NULL);
	struct vi_vector *record;
	uint32_t size;

	assert_non_null(m);
	w->head.index = index;
	choose_fields(w, params);
	map(w);
	/* Addresses of entries are looked up in memory: load what has been mapped. */
	world_run(w);
	w->head.n_steps = 0;
	choose_steps(w);
	choose_dumps(w);
	record = world_record(w);
	size = record->size;
	machine_run(m, record, print_line, NULL);
	fwrite(record, size, 1, image);
	free(record);
	machine_free(m);
	world_free(w);
	return size;
}

static bool set_parameter(struct epml_params *params, const char *argument)
{
	char key[32];
	const char *value = strchr(argument, '=');

	if (!value || (size_t)(value - argument) >= sizeof(key))
		return false;
	snprintf(key, sizeof(key), "%.*s", (int)(value - argument), argument);
	return !epml_params_set(params, key, value + 1);
}

static int usage(void)
{
	fprintf(stderr, "usage: random-vectors SEED COUNT PROFILE IMAGE [PARAMETER=VALUE]...\n");
	return 2;
}

int main(int argc, char **argv)
{
	struct vi_header head = { .magic = VI_MAGIC, .version = 1, .size = sizeof(head) };
	struct epml_params params;
	FILE *image;

	if (argc < 5 || !epml_params_profile(&params, argv[3]))
		return usage();
	for (int i = 5; i < argc; i++)
		if (!set_parameter(&params, argv[i]))
			return usage();
	seed = strtoull(argv[1], NULL, 0);
	head.count = strtoul(argv[2], NULL, 0);
	image = fopen(argv[4], "wb");
	if (!image) {
		perror(argv[4]);
		return 2;
	}
	fwrite(&head, sizeof(head), 1, image);
	for (uint32_t i = 0; i < head.count; i++)
		head.size += one(i, &params, argv[3], image);
	printf("Z %" PRIx32 "\n", head.count);
	rewind(image);
	fwrite(&head, sizeof(head), 1, image);
	if (fclose(image)) {
		perror(argv[4]);
		return 2;
	}
	return 0;
}
