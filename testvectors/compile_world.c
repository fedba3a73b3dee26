/* SPDX-License-Identifier: BSD-2-Clause */
/* Compiler: paging structures, control structures and memory at the start of a vector. */
#include <inttypes.h>
#include <string.h>

#include "compile_priv.h"
#include "epml-spec.h"

#define SMALL_END	0x01000000ull	/* GPAs below have frames of their own */
#define LARGE		0x00200000ull

/* ---- The guest's paging structures ---- */

static int map_guest_page(struct compiler *c, const struct vpage *p)
{
	const uint64_t size = level_size(p->level);

	for (unsigned i = 0; p->has_gva && i < p->count; i++) {
		const char *error = tree_map(c->w, &c->w->guest, p->gva + i * size,
					     p->gpa + i * size, p->level, &p->guest);

		if (error)
			return vector_error(c->v, p->at, "GVA %" PRIX64 "H %s", p->gva + i * size,
					    error);
	}
	return 0;
}

/* ---- EPT ---- */

static int map_ept(struct compiler *c, uint64_t gpa, uint64_t hpa, unsigned level,
		   const struct entry_flags *flags, const json_t *at)
{
	const uint64_t size = level_size(level);
	const char *error;

	if ((gpa ^ hpa) & (size - 1))
		return vector_error(c->v, at, "GPA %" PRIX64 "H and HPA %" PRIX64 "H differ in the "
				    "offset in an EPT page of %" PRIX64 "H bytes", gpa, hpa, size);
	gpa &= -size;
	hpa &= -size;
	/* A 1-GByte page is larger than RAM: it begins at HPA 0, what is used of it is RAM. */
	if (level < 3 ? !world_ram(hpa, size) : hpa)
		return vector_error(c->v, at, "GPA %" PRIX64 "H: frame %" PRIX64 "H is not in RAM, "
				    "expected hpa from %llXH to %llXH", gpa, hpa, W_SYS_END,
				    W_RAM_SIZE - size);
	error = tree_map(c->w, &c->w->ept, gpa, hpa, level, flags);
	if (error)
		return vector_error(c->v, at, "GPA %" PRIX64 "H %s", gpa, error);
	if (level < 3)
		world_use(c->w, hpa, size);
	return 0;
}

/*
 * Bytes of guest-physical memory that a page of "pages" wants in EPT. Of a 1-GByte page of the
 * guest only what has frames of its own is mapped in smaller pieces.
 */
static uint64_t wanted_bytes(const struct vpage *p)
{
	const uint64_t step = level_size(p->ept_level);
	uint64_t size = p->count * (p->has_gva ? level_size(p->level) : step);

	if (p->level == 3 && p->ept_level < 3 && p->gpa < SMALL_END && size > SMALL_END - p->gpa)
		size = SMALL_END - p->gpa;
	return size;
}

static int map_ept_page(struct compiler *c, const struct vpage *p)
{
	const bool silent = !p->ept.given && !p->spp.given && !p->has_hpa && !p->has_ept_size;
	const uint64_t step = level_size(p->ept_level);
	const uint64_t hpa = p->has_hpa ? p->hpa : W_FRAME0 + p->gpa;
	const uint64_t end = p->gpa + wanted_bytes(p);
	uint64_t gpa = p->gpa;

	/* A page that says nothing about EPT takes what is there; so does a large guest page. */
	while (gpa < end) {
		if (!((silent || p->level > 1) && tree_lookup(&c->w->ept, gpa)) &&
		    map_ept(c, gpa, hpa + (gpa - p->gpa), p->ept_level, &p->ept, p->at))
			return -1;
		gpa = (gpa & -step) + step;
	}
	return 0;
}

static int map_table_pages(struct compiler *c)
{
	for (uint64_t gpa = W_GUEST_PML4; gpa < c->w->guest.next; gpa += PAGE_SIZE)
		if (map_ept(c, gpa, W_FRAME0 + gpa, 1, &c->v->setup.guest_tables, NULL))
			return -1;
	return 0;
}

/* ---- Sub-page permissions ---- */

static int map_sub_pages(struct compiler *c, const struct vpage *p)
{
	const uint64_t end = p->gpa + wanted_bytes(p);

	for (uint64_t gpa = p->gpa; p->spp.given && gpa < end; gpa += PAGE_SIZE) {
		const char *error = tree_map(c->w, &c->w->sppt, gpa, 0, 1, &p->spp);

		if (error)
			return vector_error(c->v, p->at, "spp: GPA %" PRIX64 "H %s", gpa, error);
	}
	return 0;
}

static int build_sppt(struct compiler *c)
{
	const struct vsetup *s = &c->v->setup;
	bool used = s->controls & CTL_SPP;

	for (unsigned i = 0; i < s->n_pages; i++)
		used |= s->pages[i].spp.given;
	if (used)
		world_add_sppt(c->w);
	for (unsigned i = 0; i < s->n_pages; i++)
		if (map_sub_pages(c, &s->pages[i]))
			return -1;
	return 0;
}

/* ---- The system alias ---- */

static void map_alias(struct world *w)
{
	const struct entry_flags guest = {
		.bits = EPML_PTE_PRESENT | EPML_PTE_WRITE | EPML_PTE_USER | EPML_PTE_ACCESSED |
			EPML_PTE_DIRTY
	};
	const struct entry_flags ept = {
		.bits = EPML_EPT_READ | EPML_EPT_WRITE | EPML_EPT_EXECUTE | EPML_EPT_ACCESSED |
			EPML_EPT_DIRTY | 6 << EPML_EPT_MEMTYPE_SHIFT
	};

	tree_add_table(w, &w->guest, 3, W_ALIAS, W_ALIAS + W_SYS_PDPT);
	tree_add_table(w, &w->guest, 2, W_ALIAS, W_ALIAS + W_SYS_PD);
	tree_add_table(w, &w->ept, 3, W_ALIAS, W_SYS_EPDPT);
	tree_add_table(w, &w->ept, 2, W_ALIAS, W_SYS_EPD);
	for (uint64_t hpa = 0; hpa < W_RAM_SIZE; hpa += LARGE) {
		tree_map(w, &w->guest, W_ALIAS + hpa, W_ALIAS + hpa, 2, &guest);
		tree_map(w, &w->ept, W_ALIAS + hpa, hpa, 2, &ept);
	}
}

/* ---- The second EPT hierarchy: a copy of the first, as far above it as its root ---- */

static void copy_table(struct world *w, const struct wtable *t)
{
	const uint64_t shift = W_EPT2 - W_EPT;

	for (uint64_t offset = 0; offset < PAGE_SIZE; offset += 8) {
		uint64_t value = world_word(w, t->address + offset);

		if (value)
			world_write(w, t->address + shift + offset, 8, value);
	}
	world_use(w, t->address + shift, PAGE_SIZE);
}

static void copy_ept(struct world *w)
{
	const uint64_t shift = W_EPT2 - W_EPT;
	const struct tree *ept = &w->ept;

	for (unsigned i = 0; i < ept->n_tables; i++)
		if (ept->tables[i].address < W_EPT2)
			copy_table(w, &ept->tables[i]);
	/* Entries of the copy refer to the copies; the tables of the alias serve both. */
	for (unsigned i = 0; i < ept->n_tables; i++) {
		const struct wtable *t = &ept->tables[i];

		if (t->parent && t->address < W_EPT2)
			world_write(w, t->parent + shift, 8, world_word(w, t->parent) + shift);
	}
}

/* ---- Control structures ---- */

static void set_bitmap_bit(struct world *w, uint64_t bitmap, uint32_t field, bool set)
{
	const unsigned bit = field & 0x7fff;
	const uint64_t hpa = bitmap + bit / 8;
	uint64_t byte = world_word(w, hpa & -8ull) >> 8 * (hpa % 8) & 0xff;

	byte &= ~(1ull << bit % 8);
	world_write(w, hpa, 1, byte | (uint64_t)set << bit % 8);
}

static void build_bitmaps(struct compiler *c)
{
	static const uint32_t open[] = {
		EPML_VMCS_GUEST_PML_ADDRESS, EPML_VMCS_GUEST_PML_ADDRESS_HIGH,
		EPML_VMCS_GUEST_PML_INDEX, EPML_VMCS_GUEST_PML_NOTIFICATION_VECTOR,
		EPML_VMCS_GUEST_PML_THRESHOLD,
	};
	const struct vsetup *s = &c->v->setup;

	for (uint64_t offset = 0; offset < PAGE_SIZE; offset += 8) {
		world_write(c->w, W_VMREAD_BM + offset, 8, ~0ull);
		world_write(c->w, W_VMWRITE_BM + offset, 8, ~0ull);
	}
	for (unsigned i = 0; i < sizeof(open) / sizeof(open[0]); i++) {
		set_bitmap_bit(c->w, W_VMREAD_BM, open[i], false);
		set_bitmap_bit(c->w, W_VMWRITE_BM, open[i], false);
	}
	for (const struct vbit *b = s->bits; b < s->bits + s->n_bits; b++)
		set_bitmap_bit(c->w, b->write ? W_VMWRITE_BM : W_VMREAD_BM, b->field, b->set);
}

static void build_controls(struct compiler *c)
{
	const unsigned controls = c->v->setup.controls;

	world_use(c->w, W_VAPIC, PAGE_SIZE);
	world_use(c->w, W_MSR_BITMAP, PAGE_SIZE);
	if (controls & CTL_PML)
		world_use(c->w, W_PML, PAGE_SIZE);
	if (controls & CTL_EPT_VE)
		world_use(c->w, W_VE_INFO, PAGE_SIZE);
	if (controls & CTL_VMCS_SHADOWING) {
		world_use(c->w, W_SHADOW_VMCS, PAGE_SIZE);
		build_bitmaps(c);
	}
	if (controls & CTL_VMFUNC) {
		const uint64_t eptp = c->v->setup.eptp;

		copy_ept(c->w);
		world_use(c->w, W_EPTP_LIST, PAGE_SIZE);
		world_write(c->w, W_EPTP_LIST, 8, eptp);
		world_write(c->w, W_EPTP_LIST + 8, 8, eptp + (W_EPT2 - W_EPT));
	}
}

int compile_world(struct compiler *c)
{
	const struct vsetup *s = &c->v->setup;

	for (unsigned i = 0; i < s->n_pages; i++)
		if (map_guest_page(c, &s->pages[i]))
			return -1;
	map_alias(c->w);
	if (map_table_pages(c) ||
	    map_ept(c, W_GUEST_LOG, s->log_hpa, 1, &s->log_page, s->log_at))
		return -1;
	for (unsigned i = 0; i < s->n_pages; i++)
		if (map_ept_page(c, &s->pages[i]))
			return -1;
	if (build_sppt(c))
		return -1;
	build_controls(c);
	c->w->guest_log = s->log_hpa;
	c->w->pml_log = W_PML;
	return 0;
}

int compile_memory(struct compiler *c)
{
	for (unsigned i = 0; i < c->v->setup.n_memory; i++) {
		struct vmem *m = &c->v->setup.memory[i];

		if (compile_hpa(c, &m->where, m->size) || compile_addr(c, &m->value))
			return -1;
		world_write(c->w, m->where.a, m->size, m->value.a);
	}
	return 0;
}
