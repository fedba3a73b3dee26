/* SPDX-License-Identifier: BSD-2-Clause */
/* What a random vector does: accesses, VMX instructions, the guest's kernel, the hypervisor. */
#include "epml-spec.h"
#include "generate.h"

#define INT_VECTOR	0x30
#define NOTIFICATION	0x40	/* Guest PML Notification Vector of most vectors */
#define STRING_COUNT	600	/* more than a page of bytes, more than a page of words */
#define MAX_STEPS	24

static struct vstep *add_step(struct generator *g, enum vi_op op, unsigned size, uint64_t a)
{
	struct vector *v = &g->c->v;
	struct vstep *s = &v->steps[v->n_steps++];

	*s = (struct vstep){ .op = op, .size = size, .a = { .a = a } };
	return s;
}

static uint64_t cut(uint64_t value, unsigned size)
{
	return size < 8 ? value & ((1ull << 8 * size) - 1) : value;
}

/* A value that does not look like an address of anything in the vector's memory. */
static uint64_t random_data(struct generator *g, unsigned size)
{
	return cut(rng_next(&g->rng) >> (rng_percent(&g->rng, 50) ? 40 : 60), size);
}

/* ---- Addresses ---------------------------------------------------------------------------- */

static uint64_t random_small_page(struct generator *g)
{
	return GVA_SMALL + rng_below(&g->rng, SMALL_PAGES) * PAGE_SIZE;
}

static uint64_t random_page(struct generator *g)
{
	struct rng *r = &g->rng;

	if (sub_pages_on(g) && rng_percent(r, 60))
		return random_small_page(g);
	switch (rng_below(r, 14)) {
	case 0: case 1: case 2:
		return GVA_LARGE + rng_below(r, 3) * PAGE_SIZE;
	case 3: case 4: case 5:
		return GVA_EPT_LARGE + rng_below(r, 3) * PAGE_SIZE;
	case 6:
		return rng_percent(r, 90) ? GVA_UNMAPPED : NONCANONICAL;
	case 7:
		if (!g->huge)
			return GVA_UNMAPPED;
		return rng_percent(r, 50) ? GVA_IN_HUGE :
		       GVA_HUGE + HUGE_OFFSET + rng_below(r, 3) * PAGE_SIZE;
	default:
		return random_small_page(g);
	}
}

static uint64_t random_address(struct generator *g, unsigned size)
{
	uint64_t page = random_page(g);

	if (sub_pages_on(g) && rng_percent(&g->rng, 40))
		return random_sub_page_boundary(g, page, size);
	if (rng_percent(&g->rng, 25))
		return page + PAGE_SIZE - rng_below(&g->rng, size + 1);
	return page + rng_below(&g->rng, PAGE_SIZE - size) / 8 * 8;
}

/* ---- Accesses ----------------------------------------------------------------------------- */

static void string_step(struct generator *g)
{
	unsigned size = rng_percent(&g->rng, 50) ? 1 : 8;
	uint64_t count = rng_below(&g->rng, STRING_COUNT);
	struct vstep *s;

	if (rng_percent(&g->rng, 50)) {
		s = add_step(g, VI_STOS, size, random_address(g, 8));
		s->b.a = count;
		s->c.a = random_data(g, size);
	} else {
		s = add_step(g, VI_MOVS, size, random_address(g, 8));
		s->b.a = random_address(g, 8);
		s->c.a = count;
	}
}

static void read_modify_write_step(struct generator *g, unsigned size, uint64_t gva)
{
	static const enum vi_op ops[] = { VI_RMW, VI_LOCK_RMW, VI_CMPXCHG };
	enum vi_op op = rng_choose(&g->rng, ops);
	struct vstep *s = add_step(g, op, size, gva);

	s->b.a = op == VI_CMPXCHG ? rng_below(&g->rng, 2) : random_data(g, size);
	if (op == VI_CMPXCHG)
		s->c.a = random_data(g, size);
}

/* Instructions with many writes. */
static void save_state_step(struct generator *g)
{
	const bool legacy = rng_percent(&g->rng, 50);
	struct vstep *s = add_step(g, legacy ? VI_FXSAVE : VI_XSAVE,
				   legacy ? VI_FXSAVE_SIZE : VI_XSAVE_SIZE, random_address(g, 64));

	if (rng_percent(&g->rng, 90))
		s->a.a &= legacy ? ~15ull : ~63ull;
	s->b.a = random_data(g, 8) | 1;
}

static void memory_step(struct generator *g)
{
	struct rng *r = &g->rng;
	unsigned size = 1u << rng_below(r, 4);
	struct vstep *s;

	switch (rng_below(r, 20)) {
	case 0: case 1:
		add_step(g, VI_LOAD, size, random_address(g, 8));
		break;
	case 2: case 3: case 4: case 5: case 6: case 7:
		read_modify_write_step(g, size, random_address(g, 8));
		break;
	case 8: case 9:
		s = add_step(g, VI_CMPXCHG16B, 16, random_address(g, 16));
		if (rng_percent(r, 80))
			s->a.a &= ~15ull;
		s->c.a = random_data(g, 8);
		break;
	case 10: case 11:
		add_step(g, VI_PUSH, 8, random_address(g, 8))->b.a = random_data(g, 8);
		break;
	case 12: case 13:
		string_step(g);
		break;
	case 14:
		save_state_step(g);
		break;
	default:
		size = 1u << rng_below(r, 7);
		add_step(g, VI_STORE, size, random_address(g, size))->b.a = random_data(g, size);
	}
}

/* ---- VMX instructions --------------------------------------------------------------------- */

static uint32_t random_field(struct generator *g)
{
	static const uint32_t guest_pml[] = {
		EPML_VMCS_GUEST_PML_ADDRESS, EPML_VMCS_GUEST_PML_ADDRESS_HIGH,
		EPML_VMCS_GUEST_PML_INDEX, EPML_VMCS_GUEST_PML_INDEX,
		EPML_VMCS_GUEST_PML_NOTIFICATION_VECTOR, EPML_VMCS_GUEST_PML_THRESHOLD,
	};
	static const uint32_t others[] = {
		EPML_VMCS_GUEST_CR3, EPML_VMCS_EPTP, 0x7FFE,
	};

	if (g->c->v.sdm || rng_percent(&g->rng, 20))
		return rng_choose(&g->rng, others);
	return rng_choose(&g->rng, guest_pml);
}

static uint64_t random_field_value(struct generator *g)
{
	static const uint64_t values[] = {
		W_GUEST_LOG, SMALL_GPA, EPT_LARGE_GPA + 0x5000, W_GUEST_PML4 + 0x3000, 0x7000000,
		1, 0, 511, 511, NOTIFICATION, 0xFF, 0xFFFF, 0x10001FF,
	};

	return rng_choose(&g->rng, values);
}

static void vmx_step(struct generator *g)
{
	struct vstep *s;

	switch (rng_below(&g->rng, 6)) {
	case 0: case 1:
		add_step(g, VI_VMREAD, 8, random_field(g));
		break;
	case 2:
		s = add_step(g, rng_percent(&g->rng, 50) ? VI_VMREAD_MEM : VI_VMWRITE_MEM, 8,
			     random_address(g, 8));
		s->b.a = random_field(g);
		break;
	default:
		add_step(g, VI_VMWRITE, 8, random_field(g))->b.a = random_field_value(g);
	}
}

/* ---- The guest's kernel ------------------------------------------------------------------- */

/* A new entry for a small page, or the flags of an upper entry, as the EPT of their page allows. */
static void pte_step(struct generator *g)
{
	static const uint8_t upper[] = { 0x27, 0x27, 0x07, 0x25, 0x23, 0x05, 0x26, 0xA7 };
	struct rng *r = &g->rng;
	uint64_t gva = random_small_page(g);
	uint64_t gpa = SMALL_GPA + rng_below(r, SMALL_PAGES - 1) * PAGE_SIZE;
	struct vstep *s = add_step(g, VI_STORE, 8, gva);

	s->a.kind = ADDR_PTE;
	s->a.alias = true;
	if (rng_percent(r, 80)) {
		s->b.a = gpa | random_guest_flags(g);
	} else {
		s->a.level = 2 + rng_below(r, 3);
		s->size = 1;
		s->b.a = rng_choose(r, upper);
	}
	if (rng_percent(r, 70))
		add_step(g, VI_INVLPG, 0, gva);
}

/* The guest gets at its SPPT through the alias; what is cached of it counts until INVLPG. */
static void guest_sppt_step(struct generator *g)
{
	struct vstep s = { .op = VI_STORE, .a = { .alias = true } };
	const struct vpage *p = sppt_step(g, &s);

	if (!p) {
		pte_step(g);
		return;
	}
	*add_step(g, s.op, s.size, 0) = s;
	if (p->has_gva && rng_percent(&g->rng, 70))
		add_step(g, VI_INVLPG, 0, p->gva);
}

/* Collect: read an entry of the log, set the index back. */
static void collect_step(struct generator *g)
{
	struct vstep *s = add_step(g, VI_LOAD, 8, rng_percent(&g->rng, 50) ? 511 : 0);

	s->a.kind = ADDR_GLOG;
	s->a.alias = true;
	add_step(g, VI_VMWRITE, 8, EPML_VMCS_GUEST_PML_INDEX)->b.a = random_index(g);
}

static void kernel_step(struct generator *g)
{
	struct rng *r = &g->rng;

	switch (rng_below(r, 18)) {
	case 0: case 1:
		add_step(g, VI_INVLPG, 0, random_page(g));
		break;
	case 2:
		add_step(g, VI_MOV_CR3, 0, 0)->current_cr3 = true;
		break;
	case 3:
		add_step(g, rng_percent(r, 50) ? VI_CLI : VI_STI, 0, 0);
		break;
	case 4:
		add_step(g, VI_INT, 0, INT_VECTOR);
		break;
	case 5:
		add_step(g, VI_WRTPR, 0, rng_below(r, 16) << 4);
		break;
	case 6:
		add_step(g, VI_EOI, 0, 0);
		break;
	case 7:
		add_step(g, VI_SELF_IPI, 0, rng_percent(r, 90) ? 0x31 + rng_below(r, 0xCF)
							       : rng_below(r, 16));
		break;
	case 8:
		add_step(g, VI_VMFUNC, 0, rng_below(r, 3));
		break;
	case 9:
		add_step(g, rng_percent(r, 30) ? VI_HLT : VI_VMCALL, 0, 0);
		break;
	case 10: case 11:
		if (!g->c->v.sdm) {
			collect_step(g);
			break;
		}
		/* fall through */
	case 12: case 13:
		guest_sppt_step(g);
		break;
	default:
		pte_step(g);
	}
}

/* ---- The hypervisor ----------------------------------------------------------------------- */

static void poke_epte(struct generator *g, uint64_t gpa, unsigned level, unsigned size,
		      uint64_t value)
{
	struct vstep *s = add_step(g, VI_H_POKE, size, gpa);

	s->a.kind = ADDR_EPTE;
	s->a.level = level;
	s->b.a = value;
}

/* Another frame, other rights or other flags for a page, as for ballooning or migration. */
static void remap_step(struct generator *g)
{
	static const uint8_t upper[] = { 7, 7, 3, 5, 1, 0, 4, 2, 0x0F, 0x47 };
	const uint64_t wb = (uint64_t)EPML_MEMTYPE_WB << EPML_EPT_MEMTYPE_SHIFT;
	struct rng *r = &g->rng;
	uint64_t gpa = SMALL_GPA + rng_below(r, SMALL_PAGES - 1) * PAGE_SIZE;

	switch (rng_below(r, 5)) {
	case 0:
		poke_epte(g, gpa, 0, 8, (W_FRAME0 + gpa) | random_ept_flags(g) | wb);
		break;
	case 1:
		poke_epte(g, gpa, 0, 8, (W_SPARE + 0x1000) | random_ept_flags(g) | wb);
		break;
	case 2:
		poke_epte(g, W_GUEST_LOG, 0, 8, W_SPARE | random_ept_flags(g) | wb);
		break;
	case 3:
		gpa = W_GUEST_PML4 + rng_below(r, GUEST_TABLES) * PAGE_SIZE;
		poke_epte(g, gpa, 0, 8, (W_FRAME0 + gpa) | random_ept_flags(g) | wb);
		break;
	default:
		poke_epte(g, gpa, 2 + rng_below(r, 2), 1, rng_choose(r, upper));
	}
}

static void host_sppt_step(struct generator *g)
{
	struct vstep s = { .op = VI_H_POKE };

	if (sppt_step(g, &s))
		*add_step(g, s.op, s.size, 0) = s;
	else
		remap_step(g);
}

static void invalidate_step(struct generator *g)
{
	struct rng *r = &g->rng;
	struct vstep *s;

	if (rng_percent(r, 50)) {
		add_step(g, VI_H_INVEPT, 0, rng_below(r, 4))->invept_eptp = true;
		return;
	}
	s = add_step(g, VI_H_INVVPID, 0, rng_below(r, 4));
	s->b.a = rng_below(r, 8) ? 1 : 0;
	s->c.a = random_page(g);
}

static void host_step(struct generator *g)
{
	static const uint32_t indices[] = { EPML_VMCS_PML_INDEX, EPML_VMCS_GUEST_PML_INDEX };
	struct rng *r = &g->rng;

	switch (rng_below(r, 10)) {
	case 9:
		host_sppt_step(g);
		break;
	case 0: case 1: case 2:
		remap_step(g);
		break;
	case 3:
		invalidate_step(g);
		break;
	case 4: case 5:
		add_step(g, VI_H_VMWRITE, 8, g->c->v.sdm ? EPML_VMCS_PML_INDEX :
			 rng_choose(r, indices))->b.a = random_index(g);
		break;
	case 6:
		add_step(g, VI_H_VMREAD, 8, g->c->v.sdm ? EPML_VMCS_PML_INDEX : random_field(g));
		break;
	case 7:
		add_step(g, VI_H_VMCLEAR, 0, 0);
		break;
	default:
		add_step(g, VI_H_POKE, 4, W_VE_INFO + 4);
	}
}

/* ---- All of it ---------------------------------------------------------------------------- */

static void handler(struct generator *g, unsigned vector, struct vstep *s)
{
	(void)g;
	s->handler = vector + 1;
}

static void choose_handlers(struct generator *g)
{
	struct rng *r = &g->rng;
	struct vstep *s;

	handler(g, NOTIFICATION, add_step(g, VI_EOI, 0, 0));
	if (rng_percent(r, 50)) {
		s = add_step(g, VI_STORE, 8, random_address(g, 8));
		s->b.a = random_data(g, 8);
		handler(g, NOTIFICATION, s);
	}
	if (!g->c->v.sdm && rng_percent(r, 30)) {
		s = add_step(g, VI_VMWRITE, 8, EPML_VMCS_GUEST_PML_INDEX);
		s->b.a = 511;
		handler(g, NOTIFICATION, s);
	}
	if (rng_percent(r, 30)) {
		s = add_step(g, VI_LOCK_RMW, 8, random_address(g, 8));
		s->b.a = 1;
		handler(g, INT_VECTOR, s);
	}
}

void generate_steps(struct generator *g)
{
	struct rng *r = &g->rng;
	unsigned count = 4 + rng_below(r, MAX_STEPS - 4);

	while (g->c->v.n_steps < count) {
		unsigned kind = rng_below(r, 10);

		if (kind < 6 || (sub_pages_on(g) && rng_percent(r, 50)))
			memory_step(g);
		else if (kind < 8)
			vmx_step(g);
		else
			kernel_step(g);
		if (rng_percent(r, 50)) {
			host_step(g);
			if (rng_percent(r, 30))
				host_step(g);
			add_step(g, rng_percent(r, 50) ? VI_H_RESUME : VI_H_SKIP, 0, 0);
		}
	}
	choose_handlers(g);
}

void fuzz_generate(struct fuzz_case *c, uint64_t seed, uint64_t number)
{
	struct generator g = { .rng = rng_make(seed, number), .c = c };

	c->number = number;
	generate_setup(&g);
	generate_steps(&g);
}
