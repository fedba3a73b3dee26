/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * The defects of stock Bochs 2.6.11 (docs/bochs.md) that random vectors meet, each with the
 * condition under which it explains a difference. What no condition explains is a finding.
 *
 * A defect that changes what happens next ends the comparison of its vector. A local one changes
 * a number that is reported, and nothing else.
 */
#include <stddef.h>
#include <string.h>

#include "epml-spec.h"
#include "trial.h"

#define LOG_FULL	EPML_REASON_PML_FULL
#define VIOLATION	EPML_REASON_EPT_VIOLATION
#define MISCONFIGURATION EPML_REASON_EPT_MISCONFIGURATION
#define EVENT_VALID	0x80000000u
#define EVENT_TYPE	0x700u	/* 0: external interrupt */
#define EPTP_BIT_7	0x80u
#define VE_QUALIFICATION (W_VE_INFO + EPML_VEINFO_QUALIFICATION)
#define VE_EPTP_INDEX	(W_VE_INFO + EPML_VEINFO_EPTP_INDEX)

static bool is_exit(const struct report *r, uint32_t reason)
{
	return r && r->kind == 'x' && (r->v[1] & 0xFFFF) == reason;
}

static bool is_event(const struct report *r, unsigned vector)
{
	return r && r->kind == 'e' && r->v[1] == vector;
}

static bool control(const struct trial *t, unsigned bit)
{
	return t->p.v.setup.controls & bit;
}

static bool ad_enabled(const struct trial *t)
{
	return t->p.v.setup.eptp & EPML_EPTP_AD;
}

/* Do two exits agree in everything but the numbers of a mask? */
static bool alike_but(const struct difference *d, unsigned mask)
{
	if (!d->model || !d->other || d->model->kind != 'x' || d->other->kind != 'x')
		return false;
	for (unsigned i = 0; i < d->model->n; i++)
		if (!(mask & 1u << i) && !value_same(d->model->v[i], d->other->v[i]))
			return false;
	return true;
}

/* Numbers of an exit that are defined whatever its reason: not GPA, GVA and error codes. */
#define DEFINED(n)	(1u << (n))
#define OPTIONAL	(DEFINED(3) | DEFINED(4) | DEFINED(6) | DEFINED(8))

bool undefined_fields(const struct difference *d)
{
	unsigned defined = 0;

	if (is_exit(d->model, VIOLATION))
		defined = DEFINED(3) | (d->model->v[2] & EPML_QUAL_EPT_LINEAR ? DEFINED(4) : 0);
	else if (is_exit(d->model, MISCONFIGURATION))
		defined = DEFINED(3);
	else if (is_exit(d->model, EPML_REASON_SPP))
		defined = DEFINED(3) | DEFINED(4);
	if (d->model && d->model->kind == 'x' && (d->model->v[7] & EPML_EVENT_ERROR_CODE))
		defined |= DEFINED(8);
	return alike_but(d, OPTIONAL & ~defined);
}

/* A write that a page walk makes, without EPT write permission: bits 1:0 and 8 of qualification. */
static bool walk_write(uint64_t qualification)
{
	return (qualification & 3) == 3 && (qualification & EPML_QUAL_EPT_LINEAR) &&
	       !(qualification & EPML_QUAL_EPT_TRANSLATION);
}

static enum vi_op op_of(const struct trial *t, const struct report *r)
{
	return r->v[0] < t->p.v.n_steps ? t->p.v.steps[r->v[0]].op : VI_END;
}

/* ---- What happened ------------------------------------------------------------------------ */

/*
 * 4: a full log causes an exit although no flag needs to be set. The next access of the guest's
 * program exits, whatever it is: behind the first log-full exit nothing can be compared.
 */
static bool full_log_exit(const struct trial *t, const struct difference *d,
			  const struct outcome *stock)
{
	const bool happened = d->kind != 'f' && d->kind != 'm';
	const unsigned last = t->model.n - 1;
	const unsigned end = happened && d->other ? d->other_line + 1 : stock->n;

	if (!control(t, CTL_PML) ||
	    t->facts[happened && d->model ? d->model_line : last].pml_index < EPML_LOG_ENTRIES)
		return false;
	for (unsigned i = 0; i < end; i++)
		if (is_exit(&stock->reports[i], LOG_FULL))
			return true;
	return false;
}

/*
 * 9: the delivery of a virtual interrupt leaves IDT-vectoring information as it was. A VM exit
 * during that delivery reports something older; one after it reports what is none of its business.
 */
static bool old_vectoring(const struct difference *d, const struct outcome *stock)
{
	const uint64_t model = d->model->v[7], info = d->other->v[7];

	if (!(info & EVENT_VALID))
		return false;
	if (model)
		return (model & EVENT_VALID) && !(model & EVENT_TYPE);
	for (unsigned i = 0; i < d->other_line; i++)
		if (!(info & EVENT_TYPE) && is_event(&stock->reports[i], info & 0xFF))
			return true;
	return false;
}

/* 15: a page walk that counts as a write sets bit 1 of the qualification alone. */
static bool walk_qualification(const struct difference *d)
{
	return is_exit(d->model, VIOLATION) && walk_write(d->model->v[2]) &&
	       d->other->v[2] == (d->model->v[2] & ~1ull);
}

/* A VM exit that both report, with other numbers: one of the two above, or both. */
static unsigned defect_of_numbers(const struct difference *d, const struct outcome *stock)
{
	unsigned defect = 0, mask = OPTIONAL;

	if (!alike_but(d, OPTIONAL | DEFINED(2) | DEFINED(7)))
		return 0;
	if (d->model->v[7] != d->other->v[7] && old_vectoring(d, stock)) {
		mask |= DEFINED(7);
		defect = 9;
	}
	if (walk_qualification(d)) {
		mask |= DEFINED(2);
		defect = 15;
	}
	return alike_but(d, mask) ? defect : 0;
}

/*
 * Was there a virtualization exception between a line and the one before? It need not be reported:
 * its delivery may have ended in a double fault or in a VM exit.
 */
static bool new_exception(const struct trial *t, unsigned line)
{
	return t->facts[line].ve_count != (line ? t->facts[line - 1].ve_count : 0);
}

/* 13: the guest's accessed and dirty flags are written past EPT write permission. */
static bool flags_past_ept(const struct trial *t, const struct difference *d)
{
	if (ad_enabled(t))
		return false;
	if (is_exit(d->model, VIOLATION))
		return walk_write(d->model->v[2]);
	return d->model && new_exception(t, d->model_line) &&
	       walk_write(t->facts[d->model_line].ve_qualification);
}

/* 14: a halted guest is not woken by a virtual interrupt. */
static bool not_woken(const struct trial *t, const struct difference *d)
{
	return d->model && d->model->kind == 'e' && d->model->v[1] >= 16 &&
	       op_of(t, d->model) == VI_HLT && is_exit(d->other, EPML_REASON_PREEMPTION_TIMER);
}

/* 17: bit 12 of an EPT entry that maps a large page is not checked. */
static bool large_page_bit(const struct trial *t, const struct difference *d)
{
	const struct vsetup *s = &t->p.v.setup;

	if (!is_exit(d->model, MISCONFIGURATION))
		return false;
	for (unsigned i = 0; i < s->n_pages; i++) {
		const struct vpage *p = &s->pages[i];
		uint64_t size = 1ull << (3 + 9 * p->ept_level);

		if (p->ept_level > 1 && (p->ept.raw_set[0] & PAGE_SIZE) &&
		    (d->model->v[3] & -size) == (p->gpa & -size))
			return true;
	}
	return false;
}

/* 19: bit 7 of EPTP is not checked. */
static bool eptp_bit(const struct trial *t, const struct difference *d)
{
	return d->model && d->model->kind == 'n' && (t->p.v.setup.eptp & EPTP_BIT_7);
}

/* What has happened between a line and the one before. */
static struct line_facts new_facts(const struct trial *t, const struct difference *d)
{
	const struct line_facts *before;
	struct line_facts f = t->facts[d->model ? d->model_line : t->model.n - 1];
	unsigned line = d->model_line;

	/* Behind the last line of what happened come fields and memory. */
	while (line && strchr("fmz", t->model.reports[line - 1].kind))
		line--;
	if (!line)
		return f;
	before = &t->facts[line - 1];
	f.granted -= before->granted;
	f.denied -= before->denied;
	f.refused_above -= before->refused_above;
	return f;
}

/* An EPT violation, as a VM exit or as an exception, whose delivery may not have succeeded. */
static bool violation(const struct trial *t, const struct difference *d)
{
	return is_exit(d->model, VIOLATION) || (d->model && new_exception(t, d->model_line));
}

/*
 * 1: the verdict of sub-page permissions is inverted. A write that they deny passes, so that 2 and
 * the length in 3 never show first; one that they grant causes an EPT violation, or an exception
 * whose delivery may end otherwise.
 */
static bool inverted_verdict(const struct trial *t, const struct difference *d)
{
	const struct line_facts f = new_facts(t, d);

	if (f.denied && violation(t, d))
		return true;
	if (!f.granted || !d->other)
		return false;
	return is_exit(d->other, VIOLATION) ||
	       (control(t, CTL_EPT_VE) && (d->other->kind == 'x' || d->other->kind == 'e'));
}

/*
 * 1, in a step with several writes: the exception comes with the first that is granted instead of a
 * later one that is refused, or the other way round; or, when neither can be delivered, instead of
 * a page fault. As lines the two are the same; what follows need not be.
 */
static bool other_write(const struct trial *t, unsigned line)
{
	const unsigned end = line < t->model.n ? line : t->model.n - 1;
	const struct line_facts *f = &t->facts[end];

	if (!(f->granted || f->denied) || !control(t, CTL_EPT_VE))
		return false;
	for (unsigned i = 0; i <= end; i++)
		if (is_exit(&t->model.reports[i], EPML_REASON_TRIPLE_FAULT) ||
		    is_event(&t->model.reports[i], EPML_VECTOR_DF))
			return true;
	return f->ve_count;
}

/* 20: the SPPT is asked although an upper entry of EPT refuses the write. */
static bool asked_in_vain(const struct trial *t, const struct difference *d)
{
	return new_facts(t, d).refused_above && violation(t, d);
}

/* 3: the reserved bits of a leaf are not checked. */
static bool leaf_bits(const struct difference *d)
{
	return is_exit(d->model, EPML_REASON_SPP) && !d->model->v[2] &&
	       !is_exit(d->other, EPML_REASON_SPP);
}

static unsigned defect_of_line(const struct trial *t, const struct difference *d,
			       const struct outcome *stock)
{
	unsigned defect;

	if (inverted_verdict(t, d))
		return 1;
	if (asked_in_vain(t, d))
		return 20;
	if (leaf_bits(d))
		return 3;

	if (full_log_exit(t, d, stock))
		return 4;
	defect = defect_of_numbers(d, stock);
	if (defect)
		return defect;
	if (flags_past_ept(t, d))
		return 13;
	if (not_woken(t, d))
		return 14;
	if (large_page_bit(t, d))
		return 17;
	if (eptp_bit(t, d))
		return 19;
	return other_write(t, d->model_line) ? 1 : 0;
}

/* ---- State at the end --------------------------------------------------------------------- */

static bool in_page(uint64_t hpa, uint64_t page)
{
	return (hpa & -PAGE_SIZE) == page;
}

/* 5: log entries keep bits 11:0 of the address. */
static bool log_offset(const struct difference *d)
{
	return in_page(d->key, W_PML) && d->model_value &&
	       (d->other_value & -PAGE_SIZE) == d->model_value;
}

/* 13, where the refused write would have been a virtualization exception: another one is. */
static bool other_exception(const struct trial *t, const struct difference *d)
{
	return in_page(d->key, W_VE_INFO) && !ad_enabled(t) &&
	       walk_write(t->facts[t->model.n - 1].ve_qualification);
}

/* 16: the guest's flags are set before EPT is asked about the page itself. */
static bool early_flags(const struct trial *t, const struct difference *d)
{
	const uint64_t flags = EPML_PTE_ACCESSED | EPML_PTE_DIRTY;
	const uint64_t tables = W_FRAME0 + W_GUEST_PML4;
	bool refused = false;

	if (d->key < tables || d->key >= tables + 0x100000 ||
	    (d->model_value & ~d->other_value) ||
	    (d->other_value & ~d->model_value & ~flags))
		return false;
	for (unsigned i = 0; i < t->model.n; i++) {
		const struct report *r = &t->model.reports[i];

		refused |= is_exit(r, VIOLATION) || is_exit(r, MISCONFIGURATION) ||
			   is_exit(r, EPML_REASON_SPP) || is_exit(r, LOG_FULL) ||
			   t->facts[i].ve_qualification;
	}
	return refused;
}

static unsigned defect_of_memory(const struct trial *t, const struct difference *d)
{
	if (log_offset(d))
		return 5;
	if (other_exception(t, d))
		return 13;
	if (early_flags(t, d))
		return 16;
	if (d->key == VE_QUALIFICATION && walk_write(d->model_value) &&
	    d->other_value == (d->model_value & ~1ull))
		return 15;
	return d->key == VE_EPTP_INDEX && !((d->model_value ^ d->other_value) >> 16) ? 18 : 0;
}

static unsigned defect_of_state(const struct trial *t, const struct difference *d)
{
	unsigned defect = d->kind == 'm' ? defect_of_memory(t, d) :
			  d->key == EPML_VMCS_EPTP_INDEX ? 18 : 0;

	return !defect && other_write(t, t->model.n - 1) ? 1 : defect;
}

unsigned defect_of(const struct trial *t, const struct difference *d, const struct outcome *stock)
{
	unsigned defect;

	if (d->kind != 'f' && d->kind != 'm')
		return defect_of_line(t, d, stock);
	defect = defect_of_state(t, d);
	return !defect && full_log_exit(t, d, stock) ? 4 : defect;
}

bool defect_is_local(unsigned defect)
{
	return defect == 9 || defect == 15;
}
