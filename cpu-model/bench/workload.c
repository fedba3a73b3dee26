/* SPDX-License-Identifier: BSD-2-Clause */
#include <stdlib.h>
#include <string.h>

#include "compile.h"
#include "epml-spec.h"
#include "guest.h"
#include "world.h"
#include "workload.h"

#define GUEST_FLAGS	(EPML_PTE_PRESENT | EPML_PTE_WRITE | EPML_PTE_USER)
#define EPT_FLAGS	(EPML_EPT_READ | EPML_EPT_WRITE | EPML_EPT_EXECUTE | \
			 EPML_MEMTYPE_WB << EPML_EPT_MEMTYPE_SHIFT)
#define MAX_PAGES	4u
#define EVEN_SUB_PAGES	0x55555555u
#define FIRST_ENTRY	EPML_LOG_FIRST_INDEX

const struct workload workloads[WORKLOADS] = {
	[WORKLOAD_MEMORY] = {
		.name = "memory", .title = "loads and stores that hit the TLB",
		.entry = guest_memory, .accesses = MEMORY_ACCESSES,
		.has_goal = true,
	},
	[WORKLOAD_MISS] = {
		.name = "tlb-miss", .title = "loads and stores that all miss the TLB",
		.entry = guest_miss, .accesses = MISS_ACCESSES,
		.has_goal = true,
	},
	[WORKLOAD_DIRTY] = {
		.name = "dirty", .title = "stores that all set the guest's dirty flag",
		.entry = guest_dirty, .accesses = DIRTY_ACCESSES,
		.logs = true,
	},
	[WORKLOAD_STORE] = {
		.name = "store", .title = "stores to ordinary pages",
		.entry = guest_store, .accesses = STORE_ACCESSES, .stores = true,
		.has_goal = true,
	},
	[WORKLOAD_SPP] = {
		.name = "spp", .title = "stores that sub-page write permissions grant",
		.entry = guest_store, .accesses = STORE_ACCESSES, .stores = true, .spp = true,
	},
	[WORKLOAD_TRAPPED] = {
		.name = "trapped", .title = "stores to read-only pages that all cause VM exits",
		.entry = guest_store, .accesses = STORE_ACCESSES, .stores = true,
		.read_only = true,
	},
};

static struct vpage *add_page(struct vsetup *s, uint64_t gva, uint64_t gpa, unsigned count,
			      uint64_t guest_flags)
{
	struct vpage *page = &s->pages[s->n_pages++];

	*page = (struct vpage){
		.has_gva = true, .gva = gva, .gpa = gpa, .level = 1, .ept_level = 1,
		.count = count, .guest = { .bits = guest_flags }, .ept = { .bits = EPT_FLAGS },
	};
	return page;
}

static void protect(struct vpage *page, const struct workload *w, bool spp_inverted)
{
	if (w->spp || w->read_only)
		page->ept.bits &= ~EPML_EPT_WRITE;
	if (!w->spp)
		return;
	page->ept.bits |= EPML_EPT_SPP;
	page->spp.given = true;
	page->spp.bits = sppt_leaf(spp_inverted ? ~EVEN_SUB_PAGES : EVEN_SUB_PAGES);
}

/* The program's own pages are dirty from the start: the log has room for those of the data only. */
static void add_pages(struct arena *arena, struct vsetup *s, const struct workload *w,
		      bool spp_inverted)
{
	const uint64_t dirty = GUEST_FLAGS | EPML_PTE_ACCESSED | EPML_PTE_DIRTY;

	s->pages = arena_array(arena, MAX_PAGES, struct vpage);
	add_page(s, GUEST_CODE, GUEST_CODE, 1, dirty);
	add_page(s, GUEST_PARAMS, GUEST_PARAMS, 1, dirty);
	protect(add_page(s, GUEST_DATA, GUEST_DATA, GUEST_PAGES, GUEST_FLAGS), w, spp_inverted);
	add_page(s, GUEST_ALIAS, GUEST_DATA, GUEST_PAGES, GUEST_FLAGS);
}

static void add_word(struct vmem *list, unsigned *n, struct addr where, struct addr value)
{
	list[(*n)++] = (struct vmem){ .where = where, .value = value, .size = 8 };
}

static struct addr number(uint64_t value)
{
	return (struct addr){ .kind = ADDR_NUMBER, .a = value };
}

static struct addr guest_word(uint64_t gpa, unsigned i)
{
	return (struct addr){ .kind = ADDR_HPA, .a = gpa, .offset = 8ull * i };
}

static void add_memory(struct arena *arena, struct vsetup *s, uint64_t passes, bool empty_log)
{
	const size_t code_bytes = (size_t)(guest_code_end - guest_code);
	const struct addr ptes = { .kind = ADDR_PTE, .a = GUEST_DATA, .alias = true };

	s->memory = arena_array(arena, code_bytes / 8 + 1 + PARAM_COUNT, struct vmem);
	for (size_t at = 0; at < code_bytes; at += 8) {
		uint64_t word = 0;

		memcpy(&word, guest_code + at, code_bytes - at < 8 ? code_bytes - at : 8);
		add_word(s->memory, &s->n_memory, guest_word(GUEST_CODE + at, 0), number(word));
	}
	add_word(s->memory, &s->n_memory, guest_word(GUEST_PARAMS, PARAM_PASSES), number(passes));
	add_word(s->memory, &s->n_memory, guest_word(GUEST_PARAMS, PARAM_PTES), ptes);
	add_word(s->memory, &s->n_memory, guest_word(GUEST_PARAMS, PARAM_LOG), number(empty_log));
}

/* The VMX-preemption timer, which ends a vector that hangs, would end a long run too. */
static void add_fields(struct arena *arena, struct vsetup *s)
{
	s->n_fields = 1;
	s->fields = arena_array(arena, 1, struct vfield);
	s->fields[0] = (struct vfield){
		.field = EPML_VMCS_PIN_BASED_CONTROLS,
		.value = number(EPML_PIN_EXTERNAL_INTERRUPT_EXITING),
	};
}

/* All passes were made, did their work, and with the guest's log an entry is in it. */
static void add_expectations(struct arena *arena, struct vector *v, const struct workload *w,
			     uint64_t passes)
{
	struct vexpect *e = &v->expect;
	const struct addr entry = { .kind = ADDR_GLOG, .a = FIRST_ENTRY };

	e->memory = arena_array(arena, 3, struct vmem);
	add_word(e->memory, &e->n_memory, guest_word(GUEST_PARAMS, PARAM_DONE), number(passes));
	if (passes && w->stores)
		add_word(e->memory, &e->n_memory, guest_word(STORE_LAST, 0), number(1));
	if (passes && w->logs && (v->setup.controls & CTL_GUEST_PML))
		add_word(e->memory, &e->n_memory, entry, number(GUEST_DATA));
}

static struct vector *make_vector(struct arena *arena, const struct workload *w, uint64_t passes,
				  const struct program_options *o)
{
	struct vector *v = arena_alloc(arena, sizeof(*v));
	struct vsetup *s = &v->setup;

	v->id = w->name;
	v->sdm = !o->guest_log;
	v->profile = PROFILE_HARDENED;
	v->param_text = "";
	epml_params_profile(&v->params, profile_names[v->profile]);
	s->controls = (o->guest_log ? CTL_GUEST_PML | CTL_VMCS_SHADOWING : 0) |
		      (w->spp ? CTL_SPP : 0);
	s->eptp = W_EPT | EPML_MEMTYPE_WB | 3 << EPML_EPTP_WALK_SHIFT | EPML_EPTP_AD;
	s->guest_tables.bits = EPT_FLAGS | EPML_EPT_ACCESSED | EPML_EPT_DIRTY;
	s->log_page.bits = s->guest_tables.bits;
	s->log_hpa = W_FRAME0 + W_GUEST_LOG;
	add_pages(arena, s, w, o->spp_inverted);
	add_memory(arena, s, passes, o->guest_log && w->logs);
	add_fields(arena, s);
	v->n_steps = 1;
	v->steps = arena_array(arena, 1, struct vstep);
	v->steps[0] = (struct vstep){
		.op = VI_CALL, .a = number(GUEST_CODE + (uint64_t)(w->entry - guest_code))
	};
	add_expectations(arena, v, w, passes);
	return v;
}

int program_make(struct program *p, const struct workload *w, uint64_t passes,
		 const struct program_options *o)
{
	struct compiled *c;
	struct vi_vector *record;

	memset(p, 0, sizeof(*p));
	p->v = make_vector(&p->arena, w, passes, o);
	c = arena_alloc(&p->arena, sizeof(*c));
	p->v->compiled = c;
	if (vector_compile(&p->arena, p->v, c)) {
		program_free(p);
		return -1;
	}
	p->image = vi_image((const struct compiled *const[]){ c }, 1, &p->size);
	record = (void *)((struct vi_header *)p->image + 1);
	record->limit = 0;
	if (w->read_only)
		record->flags |= VI_F_ONE_WRITABLE;
	return 0;
}

void program_free(struct program *p)
{
	free(p->image);
	arena_free(&p->arena);
	memset(p, 0, sizeof(*p));
}
