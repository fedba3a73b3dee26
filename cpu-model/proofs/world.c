/* SPDX-License-Identifier: BSD-2-Clause */
/* The world of the proofs. See world.h. */
#include "world.h"
#include "design.h"	/* from prove.py: TRIGGER, IS_TRIGGER() and so on */

struct path paths[WORLDS][PATHS];
unsigned world;
uint64_t other_memory;

/* ---- Memory and interrupts --------------------------------------------------------------- */

static uint64_t memory_read(void *host, uint64_t hpa, unsigned size, enum epml_mem what)
{
	(void)host;
	claim(!(hpa & (size - 1)), "a read is aligned");
	claim(what == EPML_MEM_VE_INFO || what == EPML_MEM_VMX_BITMAP,
	      "nothing is read but EPT, the information area and the bitmaps");
	return other_memory;
}

static void memory_write(void *host, uint64_t hpa, unsigned size, uint64_t value,
			 enum epml_mem what)
{
	(void)host;
	claim(!(hpa & (size - 1)), "a write is aligned");
	on_write(hpa, size, value, what);
}

static void self_ipi(void *host, uint8_t vector)
{
	(void)host;
	on_ipi(vector);
}

static const struct epml_ops ops = { memory_read, memory_write, self_ipi, NULL };

/* ---- EPT -------------------------------------------------------------------------------- */

static bool path_is_legal(const struct epml_cpu *cpu, const struct path *p)
{
	return (unsigned)p->end <= WALK_MISCONFIGURED &&
	       (unsigned)p->sppt <= SPPT_MISCONFIGURED &&
	       walk_is_legal(cpu, p->end == WALK_DONE, &p->w) && !(p->w.hpa & PAGE_MASK);
}

static bool same_path(const struct path *a, const struct path *b)
{
	bool same = a->end == b->end && a->w.leaf == b->w.leaf && a->w.hpa == b->w.hpa &&
		    a->w.perms == b->w.perms && a->sppt == b->sppt &&
		    a->writable == b->writable;

	for (unsigned level = EPT_LEVELS; level >= 1; level--)
		same = same && a->w.addr[level] == b->w.addr[level] &&
		       a->w.entry[level] == b->w.entry[level];
	return same;
}

const struct path *any_path(const struct epml_cpu *cpu, unsigned n, uint64_t gpa)
{
	struct path p;	/* any value, as all that is not initialized */

	p.gpn = gpa >> 12;
	assume(path_is_legal(cpu, &p));
	for (unsigned level = EPT_LEVELS; level >= 1; level--)
		p.w.entry[level] &= ~EPT_FLAGS;
	for (unsigned i = 0; i < n; i++)
		assume(paths[world][i].gpn != p.gpn || same_path(&paths[world][i], &p));
	paths[world][n] = p;
	return &paths[world][n];
}

uint64_t path_hpa(const struct path *p, uint64_t gpa)
{
	return p->w.hpa | (gpa & PAGE_MASK);
}

bool path_is_writable(const struct path *p)
{
	return p->end == WALK_DONE && (p->w.perms & EPML_EPT_WRITE);
}

static void add_flags(struct ept_walk *w, unsigned flags)
{
	for (unsigned level = EPT_LEVELS; level >= 1; level--) {
		if (flags >> level & 1)
			w->entry[level] |= EPML_EPT_ACCESSED;
		if (flags >> (EPT_LEVELS + level) & 1)
			w->entry[level] |= EPML_EPT_DIRTY;
	}
}

/* The walk of EPT in place of the model's. A page that is on no path may be anywhere. */
enum walk_end walk_by_path(const struct epml_cpu *cpu, uint64_t gpa, struct ept_walk *w)
{
	struct path p;
	unsigned flags = any_unsigned();

	assume(path_is_legal(cpu, &p));
	for (unsigned i = 0; i < PATHS; i++) {
		if (paths[world][i].gpn == gpa >> 12) {
			p = paths[world][i];
			flags = ept_flags(i);
			break;
		}
	}
	p.w.spp = w->spp;
	*w = p.w;
	w->hpa = path_hpa(&p, gpa);
	add_flags(w, flags);
	return p.end;
}

/* The SPPT's verdict on the page of @p gpa; on one that is on no path it may be anything. */
static enum sppt_end sppt_by_path(uint64_t gpa, uint32_t *writable)
{
	enum sppt_end end = any_unsigned();

	*writable = any_unsigned();
	for (unsigned i = 0; i < PATHS; i++) {
		if (paths[world][i].gpn == gpa >> 12) {
			end = paths[world][i].sppt;
			*writable = paths[world][i].writable;
			break;
		}
	}
	return end;
}

/* The walk of the SPPT in place of the model's. */
enum epml_result spp_walk_by_path(struct epml_cpu *cpu, const struct epml_access *a,
				  struct epml_spp *spp)
{
	uint32_t writable;
	enum sppt_end end = sppt_by_path(a->gpa, &writable);
	uint64_t qualification = end == SPPT_MISS ? EPML_QUAL_SPP_MISS : 0;

	if (end == SPPT_GRANTS || end == SPPT_DENIES) {
		*spp = (struct epml_spp){ .limited = true, .writable = writable };
		return EPML_OK;
	}
	if (a->flags & EPML_ACCESS_NMI_IRET)
		qualification |= EPML_QUAL_NMI_UNBLOCKING;
	return epml_exit(cpu, a, EPML_REASON_SPP, qualification, true, true);
}

/* And its verdict: either is possible for some leaf, place and size. */
bool spp_grants_by_path(uint32_t writable, uint64_t gpa, unsigned size)
{
	(void)size;
	return sppt_by_path(gpa, &writable) == SPPT_GRANTS;
}

/* ---- The processor ----------------------------------------------------------------------- */

static struct epml_params any_params(void)
{
	struct epml_params p = { TRIGGER, TRANSLATION, FULL, NOTIFICATION, WALK_WRITES };

	assume(IS_TRIGGER(p.trigger) && IS_TRANSLATION(p.translation) && IS_FULL(p.full));
	assume(IS_NOTIFICATION(p.notification) && IS_WALK_WRITES(p.walk_writes));
	return p;
}

struct epml_cpu any_cpu(void)
{
	struct epml_cpu cpu;	/* any value */

	cpu.params = any_params();
	cpu.ops = &ops;
	cpu.host = NULL;
	cpu.ept_1g = any_bool();
	assume(cpu.maxphyaddr >= 36 && cpu.maxphyaddr <= 52);
	assume(cpu.v.proc2 & EPML_PROC2_ENABLE_EPT);
	assume(!epml_vmentry_check(&cpu, &cpu.v));
	other_memory = any_u64();
	return cpu;
}

/* ---- Steps ------------------------------------------------------------------------------- */

#define CIRCUMSTANCES (EPML_ACCESS_IN_EVENT | EPML_ACCESS_NMI_IRET | EPML_ACCESS_NO_PE)

static struct epml_access any_access(void)
{
	struct epml_access a = {
		.gpa = any_u64() & GPA_MASK, .gva = any_u64(), .size = any_unsigned() };
	unsigned kind = any_unsigned();

	assume(a.size <= PAGE_MASK + 1 - (a.gpa & PAGE_MASK));
	assume(kind == EPML_ACCESS_READ || kind == EPML_ACCESS_WRITE ||
	       kind == (EPML_ACCESS_READ | EPML_ACCESS_WRITE) || kind == EPML_ACCESS_FETCH);
	a.flags = kind | (any_unsigned() & (CIRCUMSTANCES | EPML_ACCESS_LINEAR));
	if (kind == EPML_ACCESS_READ && (a.flags & EPML_ACCESS_LINEAR) && any_bool())
		a.flags |= EPML_ACCESS_WALK;
	return a;
}

static void any_guest_entry(const struct epml_cpu *cpu, struct epml_guest_walk *w, unsigned level)
{
	const struct path *p;

	w->entry[level].gpa = any_u64() & GPA_MASK & ~(uint64_t)(w->entry_size - 1);
	p = any_path(cpu, PATH_PTE(level), w->entry[level].gpa);
	w->entry[level].hpa = path_hpa(p, w->entry[level].gpa);
	w->entry[level].value = any_u64();
}

struct epml_guest_walk any_guest_walk(const struct epml_cpu *cpu)
{
	struct epml_guest_walk w;

	w.access = any_access();
	assume((w.access.flags & EPML_ACCESS_LINEAR) && !(w.access.flags & EPML_ACCESS_WALK));
	assume((w.access.gva & PAGE_MASK) == (w.access.gpa & PAGE_MASK));
	w.entry_size = any_bool() ? 8 : 4;
	assume(w.leaf >= 1 && w.leaf <= 3 && w.top >= 2 && w.top <= 4 && w.leaf <= w.top);
	for (unsigned level = 1; level <= GUEST_LEVELS; level++)
		any_guest_entry(cpu, &w, level);
	any_path(cpu, PATH_PAGE, w.access.gpa);
	return w;
}

/* The guest-physical address that a VMWRITE of Guest PML Address translates, if it does. */
static uint64_t written_address(const struct epml_cpu *cpu, const struct step *s)
{
	if (s->field == EPML_VMCS_GUEST_PML_ADDRESS_HIGH)
		return (uint32_t)cpu->v.gpml_address | s->value << 32;
	return s->value;
}

struct step any_step(const struct epml_cpu *cpu)
{
	struct step s;	/* any value */

	assume((unsigned)s.kind <= STEP_VMWRITE);
	s.result = EPML_OK;
	s.insn = EPML_INSN_OK;
	s.w = any_guest_walk(cpu);
	if (s.kind == STEP_EPT) {
		s.w.access = any_access();
		any_path(cpu, PATH_PAGE, s.w.access.gpa);
	} else if (s.kind == STEP_VMWRITE) {
		any_path(cpu, PATH_PAGE, written_address(cpu, &s));
	}
	return s;
}

void do_step(struct epml_cpu *cpu, struct step *s)
{
	switch (s->kind) {
	case STEP_GUEST:
		s->result = epml_guest_access(cpu, &s->w, &s->hpa);
		break;
	case STEP_EPT:
		s->result = epml_ept_access(cpu, &s->w.access, &s->hpa);
		break;
	case STEP_VMREAD:
		s->insn = epml_guest_vmread(cpu, s->field, &s->value, &s->error);
		break;
	case STEP_VMWRITE:
		s->insn = epml_guest_vmwrite(cpu, s->field, s->value, &s->error);
		break;
	}
}

bool step_modifies(const struct step *s, uint64_t gva)
{
	const struct epml_access *a = &s->w.access;

	return s->kind <= STEP_EPT && s->result == EPML_OK && (a->flags & EPML_ACCESS_WRITE) &&
	       (a->flags & EPML_ACCESS_LINEAR) && !((a->gva ^ gva) & ~PAGE_MASK);
}

bool guest_dirty(const struct epml_guest_walk *w)
{
	return w->entry[w->leaf].value & EPML_PTE_DIRTY;
}

uint64_t any_log_entry(const struct epml_cpu *cpu)
{
	uint64_t log = any_u64() & GPA_MASK & ~PAGE_MASK;

	if (cpu->params.translation == EPML_TRANSLATE_AT_LOG)
		log = cpu->v.gpml_address;
	return log + 8 * (cpu->v.gpml_index % EPML_LOG_ENTRIES);
}
