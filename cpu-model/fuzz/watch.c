/* SPDX-License-Identifier: BSD-2-Clause */
#include <inttypes.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#include "../machine/machine_priv.h"
#include "watch.h"

void watch_begin(struct watch *w, struct machine *m)
{
	*w = (struct watch){ .m = m };
}

uint16_t watch_pml_index(const struct watch *w)
{
	return w->m->cpu.v.pml_index;
}

static void finding(struct watch *w, const char *fmt, ...) __attribute__((format(printf, 2, 3)));

static void finding(struct watch *w, const char *fmt, ...)
{
	va_list ap;

	if (w->text[0])
		return;
	va_start(ap, fmt);
	vsnprintf(w->text, sizeof(w->text), fmt, ap);
	va_end(ap);
}

static const struct epml_vmcs *fields(const struct watch *w)
{
	return &w->m->cpu.v;
}

static const struct epml_params *params(const struct watch *w)
{
	return &w->m->cpu.params;
}

/* ---- EPT, read independently of the model -------------------------------------------------- */

/*
 * HPA of a GPA; false if EPT does not let the guest write there.
 * @param leaf	HPA of the entry that maps the page, or NULL
 */
static bool writable(const struct watch *w, uint64_t gpa, uint64_t *hpa, uint64_t *leaf)
{
	uint64_t table = fields(w)->eptp & EPML_EPTP_ADDRESS_MASK, rights = 7;

	for (int shift = 39; ; shift -= 9) {
		uint64_t address = table + (gpa >> shift & 0x1FF) * 8;
		uint64_t entry = mem_read(w->m, address, 8);
		uint64_t offset = (1ull << shift) - 1;

		if (leaf)
			*leaf = address;
		rights &= entry;
		table = entry & EPML_EPT_ADDRESS_MASK;
		if (!(rights & EPML_EPT_WRITE))
			return false;
		if (shift == 12 || (entry & EPML_EPT_LARGE)) {
			*hpa = (table & ~offset) | (gpa & offset);
			return true;
		}
	}
}

/*
 * The EPT entry that maps a GPA by a 4-KByte page with bit 61 set, while SPP is on; otherwise 0.
 * @param upper		bits 2:0 that all entries above it have
 */
static uint64_t sub_page_entry(const struct watch *w, uint64_t gpa, uint64_t *upper)
{
	uint64_t table = fields(w)->eptp & EPML_EPTP_ADDRESS_MASK, entry;

	*upper = 7;
	if (!(fields(w)->proc2 & EPML_PROC2_SUB_PAGE_WRITE))
		return 0;
	for (int shift = 39; shift > 12; shift -= 9) {
		entry = mem_read(w->m, table + (gpa >> shift & 0x1FF) * 8, 8);
		if (!(entry & 7) || (entry & EPML_EPT_LARGE))
			return 0;
		*upper &= entry;
		table = entry & EPML_EPT_ADDRESS_MASK;
	}
	entry = mem_read(w->m, table + (gpa >> 12 & 0x1FF) * 8, 8);
	return entry & EPML_EPT_SPP ? entry : 0;
}

/* Does SPP decide about data writes to a GPA? */
static bool has_sub_pages(const struct watch *w, uint64_t gpa)
{
	uint64_t upper, entry = sub_page_entry(w, gpa, &upper);

	return entry && (upper & EPML_EPT_WRITE) && !(entry & EPML_EPT_WRITE);
}

/* SPPT leaf for a GPA; 0 if the walk does not come that far. */
static uint64_t sppt_leaf_of(const struct watch *w, uint64_t gpa)
{
	uint64_t table = fields(w)->spptp, entry;

	for (int shift = 39; shift > 12; shift -= 9) {
		entry = mem_read(w->m, table + (gpa >> shift & 0x1FF) * 8, 8);
		if (!(entry & EPML_SPPT_VALID))
			return 0;
		table = entry & EPML_EPT_ADDRESS_MASK;
	}
	return mem_read(w->m, table + (gpa >> 12 & 0x1FF) * 8, 8);
}

/* ---- Events ------------------------------------------------------------------------------- */

/* Between accesses nothing is outstanding. */
static void settled(struct watch *w, const char *before)
{
	if (w->pml_pending)
		finding(w, "%s before the dirty flag of the logged page %" PRIX64 "H was set",
			before, w->pml_page);
	if (w->due)
		finding(w, "P1: %s, but no guest entry for %" PRIX64 "H", before, w->due_page);
	if (w->notify_due)
		finding(w, "%s, but the notification that is due was not posted", before);
	w->pml_pending = w->due = w->notify_due = false;
}

static void on_pml(struct watch *w, const struct epml_event *ev)
{
	settled(w, "another entry");
	w->pml_pending = true;
	w->pml_page = ev->gpa & ~PAGE_OFFSET;
	if (ev->index > 511)
		finding(w, "an entry was logged at index %u", ev->index);
	else if (mem_read(w->m, fields(w)->pml_address + 8 * ev->index, 8) != w->pml_page)
		finding(w, "entry %u of the hypervisor's log is not %" PRIX64 "H", ev->index,
			w->pml_page);
}

static void on_ept_flags(struct watch *w, const struct epml_event *ev)
{
	bool logging = fields(w)->proc2 & EPML_PROC2_ENABLE_PML;

	if (!(ev->value & EPML_EPT_DIRTY))
		return;
	w->ept_dirty = true;
	if (logging && !(w->pml_pending && w->pml_page == (ev->gpa & ~PAGE_OFFSET)))
		finding(w, "P1: dirty flag of GPA %" PRIX64 "H set, but not logged", ev->gpa);
	if (!logging && w->pml_pending)
		finding(w, "the hypervisor's log is written though it is off");
	w->pml_pending = false;
}

static void on_spp(struct watch *w, const struct epml_event *ev)
{
	uint64_t leaf = sppt_leaf_of(w, ev->gpa);

	w->granted = true;
	w->granted_gpa = ev->gpa;
	w->granted_sub_pages = (uint32_t)ev->value;
	w->n_granted++;
	if (!has_sub_pages(w, ev->gpa)) {
		finding(w, "SPP grants a write to GPA %" PRIX64 "H, about which it has no say",
			ev->gpa);
		return;
	}
	for (unsigned i = 0; i < 32; i++)
		if ((leaf >> 2 * i & 3) != (ev->value >> i & 1))
			finding(w, "SPP grants a write to GPA %" PRIX64 "H by %08" PRIX64
				"H, the SPPT has %" PRIX64 "H", ev->gpa, ev->value, leaf);
}

/* A data write that completes has permission from one of the two, for its first byte at least. */
static void check_write(struct watch *w, const struct epml_event *ev)
{
	unsigned sub_page = ev->gpa >> 7 & 31;
	uint64_t hpa, upper, entry;

	if (writable(w, ev->gpa, &hpa, NULL)) {
		if (w->granted)
			finding(w, "SPP grants a write to GPA %" PRIX64 "H, which EPT allows",
				ev->gpa);
	} else if (!w->granted || w->granted_gpa != ev->gpa ||
		   !(w->granted_sub_pages >> sub_page & 1)) {
		finding(w, "a write to GPA %" PRIX64 "H passes, but neither EPT nor SPP allows it",
			ev->gpa);
	}
	entry = sub_page_entry(w, ev->gpa, &upper);
	if (w->granted && (ev->access & EPML_ACCESS_READ) && !(entry & upper & EPML_EPT_READ))
		finding(w, "a read-modify-write of GPA %" PRIX64 "H passes, which EPT does not let "
			"the guest read", ev->gpa);
	w->granted = false;
}

static bool data_write(unsigned access)
{
	return (access & EPML_ACCESS_WRITE) && (access & EPML_ACCESS_LINEAR) &&
	       !(access & EPML_ACCESS_WALK);
}

static void set_due(struct watch *w, uint64_t gva)
{
	if (!epml_gpml_enabled(fields(w)))
		return;
	w->due = true;
	w->due_page = gva & ~PAGE_OFFSET;
}

/* The log entry's own access: its page may be the page of the access that is logged. */
static void on_log_walk(struct watch *w, const struct epml_event *ev)
{
	uint64_t hpa;

	w->log_leaf = 0;
	if (w->ept_dirty)
		writable(w, ev->gpa, &hpa, &w->log_leaf);
}

/* Did this access set a dirty flag in EPT, itself or by its log entry? */
static bool dirtied(const struct watch *w, const struct epml_event *ev)
{
	uint64_t hpa, leaf = 0;

	if (w->ept_dirty || !w->log_leaf || !(ev->access & (EPML_ACCESS_WRITE | EPML_ACCESS_WALK)))
		return w->ept_dirty;
	return writable(w, ev->gpa, &hpa, &leaf) && leaf == w->log_leaf;
}

/* The end of a guest-physical access: with trigger ept-dirty, its entry follows. */
static void on_walk(struct watch *w, const struct epml_event *ev)
{
	bool walk = ev->access & EPML_ACCESS_WALK;

	if (data_write(ev->access))
		check_write(w, ev);
	if (w->pml_pending || w->due)
		settled(w, "the next access");
	if (ev->access & EPML_ACCESS_LOG) {
		on_log_walk(w, ev);
	} else {
		if (params(w)->trigger == EPML_TRIGGER_EPT_DIRTY && dirtied(w, ev) &&
		    (ev->access & EPML_ACCESS_LINEAR) &&
		    (!walk || params(w)->walk_writes == EPML_WALKS_LOGGED))
			set_due(w, ev->gva);
		w->log_leaf = 0;
	}
	w->ept_dirty = false;
}

static void on_pte_flags(struct watch *w, const struct epml_event *ev)
{
	if ((ev->value & EPML_PTE_DIRTY) && params(w)->trigger == EPML_TRIGGER_GUEST_DIRTY)
		set_due(w, ev->gva);
}

static void take_due(struct watch *w, const struct epml_event *ev)
{
	if (!w->due || w->due_page != ev->gva)
		finding(w, "P5: guest entry for %" PRIX64 "H, but none is due", ev->gva);
	w->due = false;
}

static void on_gpml(struct watch *w, const struct epml_event *ev)
{
	uint64_t place = w->address + 8ull * ev->index, hpa = place;

	take_due(w, ev);
	if (ev->index != w->index || ev->index > 511)
		finding(w, "guest entry %u, expected index %u", ev->index, w->index);
	if (params(w)->translation == EPML_TRANSLATE_AT_LOG &&
	    !writable(w, place, &hpa, NULL))
		finding(w, "P3: guest entry at GPA %" PRIX64 "H, which EPT write-protects", place);
	else if (ev->addr != hpa)
		finding(w, "P3: guest entry at HPA %" PRIX64 "H, expected %" PRIX64 "H", ev->addr,
			hpa);
	else if (mem_read(w->m, hpa, 8) != ev->gva && hpa < W_RAM_SIZE)
		finding(w, "guest entry %u is not %" PRIX64 "H in memory", ev->index, ev->gva);
	w->index--;
	w->notify_due = w->index == (params(w)->notification == EPML_NOTIFY_THRESHOLD ?
				     fields(w)->gpml_threshold : EPML_LOG_FULL_INDEX);
}

static void on_drop(struct watch *w, const struct epml_event *ev)
{
	take_due(w, ev);
	if (params(w)->full != EPML_FULL_DROP || w->index < 512)
		finding(w, "P1: entry for %" PRIX64 "H lost at index %u", ev->gva, w->index);
	w->notify_due = true;
}

static void on_notify(struct watch *w, const struct epml_event *ev)
{
	if (!w->notify_due)
		finding(w, "a notification is posted that is not due");
	if (ev->vector != fields(w)->gpml_vector)
		finding(w, "notification with vector %u, expected %u", ev->vector,
			fields(w)->gpml_vector);
	w->notify_due = false;
}

/* Who has refused a write to a page with bit 61 set? */
static void count_refusal(struct watch *w, const struct epml_event *ev)
{
	const uint64_t data = EPML_QUAL_EPT_WRITE | EPML_QUAL_EPT_LINEAR |
			      EPML_QUAL_EPT_TRANSLATION;
	uint64_t upper;

	if (ev->reason != EPML_REASON_EPT_VIOLATION || (ev->value & data) != data)
		return;
	w->n_denied += has_sub_pages(w, ev->gpa);
	w->n_refused_above += sub_page_entry(w, ev->gpa, &upper) &&
			      !(upper & EPML_EPT_WRITE);
}

static void on_exit_or_ve(struct watch *w, const struct epml_event *ev)
{
	settled(w, ev->type == EPML_EV_EXIT ? "VM exit" : "#VE");
	w->ept_dirty = false;
	count_refusal(w, ev);
	if (ev->reason != EPML_REASON_PML_FULL)
		return;
	if (ev->value & EPML_QUAL_PML_GUEST_LOG) {
		if (w->index < 512 || params(w)->full == EPML_FULL_DROP)
			finding(w, "guest log-full event at index %u", w->index);
	} else if (fields(w)->pml_index < 512) {
		finding(w, "log-full event at index %u", fields(w)->pml_index);
	}
}

/* The account follows VM entries and the guest's own writes. */
static void on_entry(struct watch *w)
{
	w->address = fields(w)->gpml_address;
	w->index = fields(w)->gpml_index;
}

static void on_vmwrite(struct watch *w, const struct epml_event *ev)
{
	bool at_log = params(w)->translation == EPML_TRANSLATE_AT_LOG;

	if (!epml_gpml_enabled(fields(w)))
		return;
	switch (ev->field) {
	case EPML_VMCS_GUEST_PML_INDEX:
		w->index = ev->value;
		break;
	case EPML_VMCS_GUEST_PML_ADDRESS:
		w->address = at_log ? ev->value : fields(w)->gpml_address;
		break;
	case EPML_VMCS_GUEST_PML_ADDRESS_HIGH:
		w->address = at_log ? (uint32_t)w->address | ev->value << 32 :
				      fields(w)->gpml_address;
		break;
	default:
		break;
	}
}

static void on_vmread(struct watch *w, const struct epml_event *ev)
{
	if (!epml_gpml_enabled(fields(w)))
		return;
	if (ev->field == EPML_VMCS_GUEST_PML_ADDRESS && ev->value != w->address)
		finding(w, "P2: the guest reads %" PRIX64 "H as the address of its log, expected %"
			PRIX64 "H", ev->value, w->address);
	if (ev->field == EPML_VMCS_GUEST_PML_INDEX && ev->value != w->index)
		finding(w, "the guest reads index %" PRIu64 ", expected %u", ev->value, w->index);
}

void watch_event(void *ctx, const struct epml_event *ev)
{
	struct watch *w = ctx;

	switch (ev->type) {
	case EPML_EV_WALK:
		on_walk(w, ev);
		break;
	case EPML_EV_EPT_FLAGS:
		on_ept_flags(w, ev);
		break;
	case EPML_EV_PTE_FLAGS:
		on_pte_flags(w, ev);
		break;
	case EPML_EV_SPP:
		on_spp(w, ev);
		break;
	case EPML_EV_PML:
		on_pml(w, ev);
		break;
	case EPML_EV_GPML:
		on_gpml(w, ev);
		break;
	case EPML_EV_GPML_DROP:
		on_drop(w, ev);
		break;
	case EPML_EV_NOTIFY:
		on_notify(w, ev);
		break;
	case EPML_EV_EXIT:
	case EPML_EV_VE:
		on_exit_or_ve(w, ev);
		break;
	case EPML_EV_VMENTRY:
		on_entry(w);
		break;
	case EPML_EV_VMWRITE:
		on_vmwrite(w, ev);
		break;
	case EPML_EV_VMREAD:
		on_vmread(w, ev);
		break;
	default:
		break;
	}
}
