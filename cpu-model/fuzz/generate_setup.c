/* SPDX-License-Identifier: BSD-2-Clause */
/* The state in which a random vector begins. */
#include "epml-spec.h"
#include "generate.h"

#define EPTP_BIT_7	0x80u		/* reserved: VM entry fails */
#define RESERVED	(1ull << 40)	/* above the physical-address width */
#define LARGE_RESERVED	(1ull << 12)	/* of an EPT entry that maps a large page */
#define MEMTYPE_WB	((uint64_t)EPML_MEMTYPE_WB << EPML_EPT_MEMTYPE_SHIFT)
#define GUEST_DEFAULT	(EPML_PTE_PRESENT | EPML_PTE_WRITE | EPML_PTE_USER)
#define EPT_RWX		(EPML_EPT_READ | EPML_EPT_WRITE | EPML_EPT_EXECUTE)
#define EPT_AD		(EPML_EPT_ACCESSED | EPML_EPT_DIRTY)

uint16_t random_index(struct generator *g)
{
	static const uint16_t indices[] = { 511, 511, 511, 2, 1, 0, 0xFFFF, 512 };

	return rng_choose(&g->rng, indices);
}

/* ---- Flags -------------------------------------------------------------------------------- */

uint64_t random_guest_flags(struct generator *g)
{
	struct rng *r = &g->rng;
	uint64_t flags = GUEST_DEFAULT;

	if (rng_percent(r, 5))
		flags &= ~EPML_PTE_PRESENT;
	if (rng_percent(r, 15))
		flags &= ~EPML_PTE_WRITE;
	if (rng_percent(r, 15))
		flags &= ~EPML_PTE_USER;
	if (rng_percent(r, 40))
		flags |= EPML_PTE_ACCESSED;
	if (rng_percent(r, 20))
		flags |= EPML_PTE_ACCESSED | EPML_PTE_DIRTY;
	if (rng_percent(r, 15))
		flags |= EPML_PTE_GLOBAL;
	if (rng_percent(r, 5))
		flags |= EPML_PTE_NX;
	return flags;
}

uint64_t random_ept_flags(struct generator *g)
{
	struct rng *r = &g->rng;
	uint64_t flags = rng_percent(r, 80) ? EPT_RWX : rng_below(r, 8);

	if (rng_percent(r, 30))
		flags |= EPML_EPT_ACCESSED;
	if (rng_percent(r, 20))
		flags |= EPT_AD;
	if (rng_percent(r, 10))
		flags |= EPML_EPT_SUPPRESS_VE;
	if (sub_pages_on(g) && rng_percent(r, 10))
		flags = (flags | EPML_EPT_SPP) & ~(uint64_t)EPML_EPT_WRITE;
	return flags;
}

static struct entry_flags guest_entry(struct generator *g)
{
	struct entry_flags e = { .given = true, .bits = random_guest_flags(g) };

	if (rng_percent(&g->rng, 2))
		e.raw_set[0] = RESERVED;
	return e;
}

static struct entry_flags ept_entry(struct generator *g)
{
	struct entry_flags e = { .given = true, .bits = random_ept_flags(g) };
	uint64_t type = rng_percent(&g->rng, 94) ? EPML_MEMTYPE_WB : rng_below(&g->rng, 8);

	e.bits |= type << EPML_EPT_MEMTYPE_SHIFT;
	if (rng_percent(&g->rng, 2))
		e.raw_set[0] = RESERVED;
	return e;
}

/* Pages of the hypervisor's own choice: paging structures and the guest's log. */
static struct entry_flags system_entry(struct generator *g)
{
	static const uint64_t others[] = {
		EPT_RWX, EPT_RWX | EPML_EPT_ACCESSED, EPML_EPT_READ | EPML_EPT_EXECUTE,
		EPML_EPT_READ, EPML_EPT_READ | EPML_EPT_EXECUTE | EPML_EPT_SPP, 0,
	};
	struct entry_flags e = { .given = true, .bits = EPT_RWX | EPT_AD };

	if (rng_percent(&g->rng, 20))
		e.bits = rng_choose(&g->rng, others);
	e.bits |= MEMTYPE_WB;
	return e;
}

/* ---- Pages -------------------------------------------------------------------------------- */

static struct vpage *add_page(struct generator *g, uint64_t gpa)
{
	struct vsetup *s = &g->c->v.setup;
	struct vpage *p = &s->pages[s->n_pages++];

	*p = (struct vpage){
		.gpa = gpa, .level = 1, .ept_level = 1, .count = 1,
		.guest = { .bits = GUEST_DEFAULT },
		.ept = { .bits = EPT_RWX | MEMTYPE_WB },
	};
	return p;
}

static struct vpage *add_guest_page(struct generator *g, uint64_t gva, uint64_t gpa)
{
	struct vpage *p = add_page(g, gpa);

	p->has_gva = true;
	p->gva = gva;
	p->guest = guest_entry(g);
	return p;
}

/* A page with an EPT entry of its own, and perhaps one in the SPPT. */
static void own_entries(struct generator *g, struct vpage *p)
{
	p->ept = ept_entry(g);
	choose_sub_pages(g, p);
}

/* Handlers read what event delivery has pushed: SPP alone must not let it be pushed. */
static void add_stack_page(struct generator *g, uint64_t gva)
{
	struct vpage *p = add_guest_page(g, gva, gva);

	own_entries(g, p);
	if (p->spp.given)
		p->ept.bits |= EPML_EPT_READ;
}

static void add_small_pages(struct generator *g)
{
	for (unsigned i = 0; i < SMALL_PAGES; i++) {
		uint64_t gpa = SMALL_GPA + i % (SMALL_PAGES - 1) * PAGE_SIZE;
		struct vpage *p = add_guest_page(g, GVA_SMALL + i * PAGE_SIZE, gpa);

		if (i < SMALL_PAGES - 1)
			own_entries(g, p);
	}
	add_stack_page(g, GVA_STACK);
	add_stack_page(g, GVA_STACK - PAGE_SIZE);
}

/* A large page of the guest, in one page of EPT or in many. */
static void add_large_page(struct generator *g)
{
	bool split = rng_percent(&g->rng, 15);
	struct vpage *p;

	for (unsigned i = 0; split && i < 3; i++)
		own_entries(g, add_page(g, LARGE_GPA + i * PAGE_SIZE));
	p = add_guest_page(g, GVA_LARGE, LARGE_GPA);
	p->level = 2;
	if (split)
		return;
	p->ept = ept_entry(g);
	p->has_ept_size = true;
	p->ept_level = 2;
}

static void add_ept_large_page(struct generator *g)
{
	struct vpage *p = add_guest_page(g, GVA_EPT_LARGE, EPT_LARGE_GPA);

	p->ept = ept_entry(g);
	if (rng_percent(&g->rng, 2))
		p->ept.raw_set[0] |= LARGE_RESERVED;
	p->has_ept_size = true;
	p->ept_level = 2;
	p->has_hpa = true;
	p->hpa = EPT_LARGE_FRAME;
	for (unsigned i = 1; i < 3; i++)
		add_guest_page(g, GVA_EPT_LARGE + i * PAGE_SIZE, EPT_LARGE_GPA + i * PAGE_SIZE);
}

static void add_huge_pages(struct generator *g)
{
	struct vpage *p = add_guest_page(g, GVA_IN_HUGE, HUGE_GPA + HUGE_OFFSET);

	p->ept = ept_entry(g);
	p->has_ept_size = true;
	p->ept_level = 3;
	p->has_hpa = true;
	p->hpa = HUGE_OFFSET;
	p = add_guest_page(g, GVA_HUGE, HUGE_GPA);
	p->level = 3;
	p->ept_level = 3;
	g->huge = true;
}

/* ---- Controls and fields ------------------------------------------------------------------ */

static void choose_controls(struct generator *g)
{
	struct vsetup *s = &g->c->v.setup;
	struct rng *r = &g->rng;
	static const struct {
		unsigned control, percent;
	} odds[] = {
		{ CTL_PML, 70 }, { CTL_GUEST_PML, 85 }, { CTL_VMCS_SHADOWING, 60 },
		{ CTL_EPT_VE, 30 }, { CTL_VMFUNC, 20 }, { CTL_VPID, 20 }, { CTL_SPP, 40 },
	};

	for (unsigned i = 0; i < sizeof(odds) / sizeof(odds[0]); i++)
		if (rng_percent(r, odds[i].percent))
			s->controls |= odds[i].control;
	if (g->c->v.sdm)
		s->controls &= ~(unsigned)CTL_GUEST_PML;
	if ((s->controls & CTL_GUEST_PML) && rng_percent(r, 4))
		s->no_controls |= NOCTL_TERTIARY;
	if (rng_percent(r, 2))
		s->no_controls |= NOCTL_EPT;
	if (rng_percent(r, 2))
		s->no_controls |= NOCTL_VID;
	if (rng_percent(r, 15))
		s->eptp &= ~(uint64_t)EPML_EPTP_AD;
	if (rng_percent(r, 1)) {
		s->eptp_raw = true;
		s->eptp |= EPTP_BIT_7;
	}
	s->cpl = rng_percent(r, 40) ? 3 : 0;
	s->interrupts = rng_percent(r, 60);
	if (rng_percent(r, 20))
		s->ist = GVA_STACK + rng_below(r, PAGE_SIZE);
}

static void add_field(struct generator *g, uint32_t field, uint64_t value)
{
	struct vsetup *s = &g->c->v.setup;

	s->fields[s->n_fields++] = (struct vfield){ .field = field, .value = { .a = value } };
}

/*
 * The guest's log on a page that has another use as well. Not the PML4 table: its entry 1 maps the
 * guest's own program.
 */
static uint64_t other_log(struct generator *g)
{
	static const uint64_t pages[] = {
		SMALL_GPA, W_GUEST_PML4 + PAGE_SIZE, W_GUEST_PML4 + 3 * PAGE_SIZE,
		EPT_LARGE_GPA + PAGE_SIZE,
	};
	uint64_t gpa = rng_choose(&g->rng, pages);

	if (g->c->v.params.translation == EPML_TRANSLATE_AT_LOG)
		return gpa;
	if (gpa == EPT_LARGE_GPA + PAGE_SIZE)
		return EPT_LARGE_FRAME + PAGE_SIZE;
	return W_FRAME0 + gpa;
}

static void choose_guest_pml(struct generator *g)
{
	struct rng *r = &g->rng;

	add_field(g, EPML_VMCS_GUEST_PML_INDEX, random_index(g));
	add_field(g, EPML_VMCS_GUEST_PML_THRESHOLD,
		  rng_percent(r, 98) ? rng_below(r, 3) : 510 + rng_below(r, 3));
	if (rng_percent(r, 30))
		add_field(g, EPML_VMCS_GUEST_PML_NOTIFICATION_VECTOR,
			  rng_percent(r, 95) ? 0x30 + rng_below(r, 0xD0) : rng_below(r, 20));
	if (rng_percent(r, 12))
		add_field(g, EPML_VMCS_GUEST_PML_ADDRESS, other_log(g));
}

static void choose_fields(struct generator *g)
{
	struct rng *r = &g->rng;

	add_field(g, EPML_VMCS_PML_INDEX, random_index(g));
	if (!g->c->v.sdm)
		choose_guest_pml(g);
	if ((g->c->v.setup.controls & CTL_VMCS_SHADOWING) && rng_percent(r, 15))
		add_field(g, EPML_VMCS_LINK_POINTER, ~0ull);
	if (rng_percent(r, 8))
		add_field(g, EPML_VMCS_EOI_EXIT_BITMAP_1, rng_next(r) | 1);
	if (rng_percent(r, 8))
		add_field(g, EPML_VMCS_TPR_THRESHOLD, rng_below(r, 16));
}

static void choose_bitmaps(struct generator *g)
{
	static const uint32_t fields[] = {
		EPML_VMCS_GUEST_PML_ADDRESS, EPML_VMCS_GUEST_PML_ADDRESS_HIGH,
		EPML_VMCS_GUEST_PML_INDEX, EPML_VMCS_GUEST_PML_NOTIFICATION_VECTOR,
		EPML_VMCS_GUEST_PML_THRESHOLD,
	};
	struct vsetup *s = &g->c->v.setup;
	struct rng *r = &g->rng;

	if (!(s->controls & CTL_VMCS_SHADOWING))
		return;
	for (unsigned write = 0; write < 2; write++) {
		if (rng_percent(r, 60))
			s->bits[s->n_bits++] = (struct vbit){ write, false, EPML_VMCS_GUEST_CR3 };
		if (!g->c->v.sdm && rng_percent(r, 15))
			s->bits[s->n_bits++] = (struct vbit){ write, true,
							      rng_choose(r, fields) };
	}
}

/* Words that accesses find, and entries of single pages of paging structures. */
static void choose_memory(struct generator *g)
{
	struct vsetup *s = &g->c->v.setup;
	struct rng *r = &g->rng;

	for (unsigned i = rng_below(r, 4); i > 0; i--)
		s->memory[s->n_memory++] = (struct vmem){
			.where = { .a = W_FRAME0 + SMALL_GPA +
					rng_below(r, (SMALL_PAGES - 1) * 512) * 8 },
			.value = { .a = rng_next(r) >> rng_below(r, 64) }, .size = 8 };
	if (rng_percent(r, 25)) {
		uint64_t gpa = W_GUEST_PML4 + rng_below(r, GUEST_TABLES) * PAGE_SIZE;

		s->memory[s->n_memory++] = (struct vmem){
			.where = { .kind = ADDR_EPTE, .a = gpa },
			.value = { .a = (W_FRAME0 + gpa) | system_entry(g).bits }, .size = 8 };
	}
	if ((s->controls & CTL_EPT_VE) && rng_percent(r, 15))
		s->memory[s->n_memory++] = (struct vmem){
			.where = { .a = W_VE_INFO + 4 }, .value = { .a = 1 }, .size = 4 };
}

void generate_setup(struct generator *g)
{
	struct vsetup *s = &g->c->v.setup;

	choose_controls(g);
	choose_fields(g);
	choose_bitmaps(g);
	if (rng_percent(&g->rng, 15))
		s->guest_tables = system_entry(g);
	if (rng_percent(&g->rng, 25))
		s->log_page = system_entry(g);
	if (rng_percent(&g->rng, 5)) {
		s->has_log_hpa = true;
		s->log_hpa = W_SPARE + 0x8000;
	}
	add_small_pages(g);
	if (rng_percent(&g->rng, 60))
		add_large_page(g);
	if (rng_percent(&g->rng, 60))
		add_ept_large_page(g);
	if (rng_percent(&g->rng, 20))
		add_huge_pages(g);
	choose_memory(g);
}
