/* SPDX-License-Identifier: BSD-2-Clause */
/* The invariants that hold after each call of the model: see stress.c. */
#include "stress.h"

struct translation stress_translate(uint64_t gpa)
{
	struct translation t = { .rwx = 7, .upper = 7 };
	uint64_t table = run.fx->cpu.v.eptp & EPML_EPTP_ADDRESS_MASK;

	for (int shift = 39; shift >= 12; shift -= 9) {
		t.leaf = *fx_word(run.fx, table + (gpa >> shift & 0x1FF) * 8);
		t.rwx &= t.leaf;
		t.upper &= shift > 12 ? t.leaf : 7;
		if (!(t.leaf & 7))
			return t;
		table = t.leaf & EPML_EPT_ADDRESS_MASK;
	}
	t.mapped = true;
	t.hpa = table + (gpa & 0xFFF);
	return t;
}

/* SPP-WALK-1 and what it can meet; SPP-SPAN-1, byte by byte. */
static enum sub_pages walk_sppt(const struct epml_access *a)
{
	uint64_t table = run.fx->cpu.v.spptp, entry;

	for (int shift = 39; shift > 12; shift -= 9) {
		entry = *fx_word(run.fx, table + (a->gpa >> shift & 0x1FF) * 8);
		if (!(entry & 1))
			return MISS;
		if (entry & 0xFFE || entry >> run.fx->cpu.maxphyaddr)
			return MISCONFIGURED;
		table = entry & ~0xFFFull;
	}
	entry = *fx_word(run.fx, table + (a->gpa >> 12 & 0x1FF) * 8);
	for (unsigned bit = 1; bit < 64; bit += 2)
		if (entry >> bit & 1)
			return MISCONFIGURED;
	for (unsigned i = 0; !i || i < a->size; i++)
		if (!(entry >> ((a->gpa & 0xFFF) + i) / 128 * 2 & 1))
			return DENIED;
	return GRANTED;
}

/* SPP-ELIG-1 to -4 */
static enum sub_pages ask_sub_pages(const struct epml_access *a, const struct translation *t)
{
	const unsigned data_write = EPML_ACCESS_WRITE | EPML_ACCESS_LINEAR;

	if (!(run.fx->cpu.v.proc2 & EPML_PROC2_SUB_PAGE_WRITE) || !t->mapped)
		return NOT_ASKED;
	if ((a->flags & (data_write | EPML_ACCESS_WALK)) != data_write)
		return NOT_ASKED;
	if ((t->leaf & 2) || !(t->upper & 2) || !(t->leaf >> 61 & 1))
		return NOT_ASKED;
	if ((a->flags & EPML_ACCESS_READ) && !(t->rwx & 1))
		return NOT_ASKED;
	return walk_sppt(a);
}

struct call stress_begin(const struct epml_access *access)
{
	const struct epml_vmcs *v = &run.fx->cpu.v;
	struct translation own = stress_translate(access->gpa);

	fx_forget(run.fx);
	return (struct call){
		.access = access, .own = own, .sub_pages = ask_sub_pages(access, &own),
		.log = stress_translate(v->gpml_address + 8 * (v->gpml_index & 0x1FF)) };
}

static unsigned count_events(enum epml_event_type type)
{
	unsigned n = 0;

	for (unsigned i = 0; i < run.fx->n_events; i++)
		n += run.fx->events[i].type == type;
	return n;
}

/* Writes of a kind that set a bit. */
static unsigned count_set(enum epml_mem what, uint64_t bit)
{
	unsigned n = 0;

	for (unsigned i = 0; i < run.fx->n_writes; i++) {
		const struct fx_write *w = &run.fx->writes[i];

		n += w->what == what && (w->value & ~w->old & bit);
	}
	return n;
}

/* An exit or #VE is the last event of its call, and no call that is OK has one. */
static void check_events(enum epml_result r)
{
	unsigned n = run.fx->n_events;

	check(count_events(EPML_EV_EXIT) == (r == EPML_VMEXIT));
	check(count_events(EPML_EV_VE) == (r == EPML_VE));
	if (r == EPML_VMEXIT)
		check(run.fx->events[n - 1].type == EPML_EV_EXIT);
	if (r == EPML_VE)
		check(run.fx->events[n - 1].type == EPML_EV_VE);
}

/* P3: a guest log entry goes where EPT lets the guest write (at-log), or where the field says. */
static void check_log_write(const struct call *c, const struct fx_write *w)
{
	const struct epml_vmcs *v = &run.fx->then;

	check(v->gpml_index < 512);
	check(w->size == 8 && w->value == (c->access->gva & ~0xFFFull));
	if (run.fx->cpu.params.translation == EPML_TRANSLATE_AT_LOG)
		check(c->log.mapped && (c->log.rwx & 2) && w->hpa == c->log.hpa);
	else
		check(w->hpa == v->gpml_address + 8 * v->gpml_index);
	run.seen[SEEN_ENTRY]++;
	run.seen[SEEN_OWN_LOG_PAGE] += (w->hpa ^ c->own.hpa) < 0x1000;
}

/* Each write of the model is one that its kind allows, and loses no bit that was there. */
static void check_write(const struct call *c, const struct fx_write *w, enum epml_result r)
{
	switch (w->what) {
	case EPML_MEM_EPT:
		check(w->size == 8 && (w->value | FX_EPT_AD) == (w->old | FX_EPT_AD));
		check(w->value > w->old);
		break;
	case EPML_MEM_GUEST_PTE:
		check(r == EPML_OK && (w->value | FX_PTE_AD) == (w->old | FX_PTE_AD));
		check(w->value > w->old);
		break;
	case EPML_MEM_PML:
		check(w->size == 8 && !(w->value & 0xFFF) && w->hpa - FX_PML < 0x1000);
		break;
	case EPML_MEM_GPML:
		check(r == EPML_OK);
		check_log_write(c, w);
		break;
	case EPML_MEM_VE_INFO:
		check(r == EPML_VE && w->hpa - FX_VE_INFO < 34);
		break;
	default:
		check(!"the bitmaps or the SPPT are written");
	}
}

/* One hypervisor's entry for each dirty flag set in EPT; indices count the entries. */
void stress_check_counts(void)
{
	unsigned pml = fx_count_writes(run.fx, EPML_MEM_PML);
	unsigned gpml = fx_count_writes(run.fx, EPML_MEM_GPML);
	bool on = run.fx->cpu.v.proc2 & EPML_PROC2_ENABLE_PML;

	check(pml == (on ? count_set(EPML_MEM_EPT, EPML_EPT_DIRTY) : 0));
	check(run.fx->cpu.v.pml_index == (uint16_t)(run.fx->then.pml_index - pml));
	check(gpml <= 1);
	check(run.fx->cpu.v.gpml_index == (uint16_t)(run.fx->then.gpml_index - gpml));
}

/* An access that does not complete sets flags of the log's page at most. EPT-AD-5, GPML-ADDR-3 */
static void check_no_effect(void)
{
	uint64_t log = run.fx->then.gpml_address;

	for (unsigned i = 0; i < run.fx->n_events; i++) {
		const struct epml_event *ev = &run.fx->events[i];

		if (ev->type == EPML_EV_EXIT || ev->type == EPML_EV_VE)
			continue;
		check(run.fx->cpu.params.translation == EPML_TRANSLATE_AT_LOG);
		check((ev->gpa ^ log) < 0x1000);
	}
	check(!run.fx->n_ipis);
}

static bool writes_in_ept(const struct epml_access *a)
{
	return a->flags & (EPML_ACCESS_WRITE | EPML_ACCESS_WALK);
}

/* P1 and P5: entries, written or dropped, are those that the trigger asks for. */
static bool triggered(const struct call *c)
{
	const struct epml_cpu *cpu = &run.fx->cpu;
	unsigned flags = c->access->flags;

	if (!epml_gpml_enabled(&cpu->v))
		return false;
	if (cpu->params.trigger == EPML_TRIGGER_GUEST_DIRTY)
		return count_set(EPML_MEM_GUEST_PTE, EPML_PTE_DIRTY);
	if ((flags & EPML_ACCESS_WALK) && cpu->params.walk_writes != EPML_WALKS_LOGGED)
		return false;
	return (cpu->v.eptp & EPML_EPTP_AD) && (flags & EPML_ACCESS_LINEAR) &&
	       writes_in_ept(c->access) && !(c->own.leaf & EPML_EPT_DIRTY);
}

static void check_notifications(unsigned entries, unsigned drops)
{
	const struct epml_cpu *cpu = &run.fx->cpu;
	uint16_t at = cpu->params.notification == EPML_NOTIFY_THRESHOLD ?
		      cpu->v.gpml_threshold : 0xFFFF;

	check(run.fx->n_ipis == drops + (entries && cpu->v.gpml_index == at));
	check(run.fx->n_ipis == count_events(EPML_EV_NOTIFY));
	run.seen[SEEN_NOTIFY] += run.fx->n_ipis;
	run.seen[SEEN_DROP] += drops;
}

/* SPP-TLB-1: a write that SPP has granted leaves nothing that stands for the page as a whole. */
static void check_permission(const struct call *c)
{
	unsigned flags = c->access->flags;
	bool limited = run.fx->cpu.spp.limited;

	if (flags & EPML_ACCESS_FETCH)
		check(c->own.rwx & 4);
	else if (!(flags & EPML_ACCESS_WRITE))
		check(c->own.rwx & 1);
	else
		check((c->own.rwx & 2) || c->sub_pages == GRANTED);
	check(limited == (c->sub_pages == GRANTED));
	check(run.fx->cpu.spp.write_only == (limited && !(c->own.rwx & 1)));
	check(count_events(EPML_EV_SPP) == limited);
	run.seen[SEEN_SPP_GRANT] += limited;
}

static void check_completed(const struct call *c, uint64_t hpa)
{
	unsigned entries = fx_count_writes(run.fx, EPML_MEM_GPML);
	unsigned drops = count_events(EPML_EV_GPML_DROP);

	check(c->own.mapped && hpa == c->own.hpa);
	check_permission(c);
	check(entries + drops == triggered(c));
	check(!drops || run.fx->cpu.params.full == EPML_FULL_DROP);
	check_notifications(entries, drops);
	run.seen[SEEN_OK]++;
}

/* SPP-MISS-1, SPP-MISC-1, SPP-MISC-2: an SPP-related event has its cause in the SPPT. */
static void check_spp_exit(const struct call *c, enum epml_result r)
{
	bool miss = run.fx->cpu.exit.qualification & EPML_QUAL_SPP_MISS;

	check(r == EPML_VMEXIT && c->sub_pages == (miss ? MISS : MISCONFIGURED));
	run.seen[miss ? SEEN_SPP_MISS : SEEN_SPP_MISCONFIGURATION]++;
}

static void count_exit(const struct call *c, enum epml_result r)
{
	const struct epml_exit *e = &run.fx->cpu.exit;

	if (e->reason == EPML_REASON_EPT_VIOLATION)
		run.seen[SEEN_SPP_DENIAL] += c->sub_pages == DENIED;
	if (e->reason == EPML_REASON_SPP)
		check_spp_exit(c, r);
	else if (r == EPML_VE)
		run.seen[SEEN_VE]++;
	else if (e->reason == EPML_REASON_EPT_VIOLATION)
		run.seen[SEEN_VIOLATION]++;
	else if (e->reason == EPML_REASON_EPT_MISCONFIGURATION)
		run.seen[SEEN_MISCONFIGURATION]++;
	else if (e->qualification & EPML_QUAL_PML_GUEST_LOG)
		run.seen[SEEN_GUEST_FULL]++;
	else
		run.seen[SEEN_PML_FULL]++;
}

void stress_end(const struct call *c, enum epml_result r, uint64_t hpa)
{
	check_events(r);
	for (unsigned i = 0; i < run.fx->n_writes; i++)
		check_write(c, &run.fx->writes[i], r);
	stress_check_counts();
	if (r == EPML_OK) {
		check_completed(c, hpa);
	} else {
		check_no_effect();
		count_exit(c, r);
	}
}
