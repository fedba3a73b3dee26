/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * The guest page-modification log, and its notification.
 *
 * Log: one 4-KByte page of 512 8-byte entries, written from entry 511 down to 0.
 *	bits	11:0	0
 *		63:12	guest-virtual address of the page
 */
#include "internal.h"

bool epml_gpml_enabled(const struct epml_vmcs *v)
{
	return v->proc3 & EPML_PROC3_ENABLE_GUEST_PML;		/* GPML-LOG-3 */
}

static bool full(const struct epml_vmcs *v)
{
	return v->gpml_index >= EPML_LOG_ENTRIES;		/* ENTRY-10 */
}

/*
 * Is an entry due for this access?
 * @param ept_dirty	the access sets a dirty flag in EPT
 * @param pte_dirty	the access sets a dirty flag in a guest paging-structure entry
 */
bool epml_gpml_triggered(const struct epml_cpu *cpu, const struct epml_access *a, bool ept_dirty,
			 bool pte_dirty)
{
	if (!epml_gpml_enabled(&cpu->v))
		return false;
	if (cpu->params.trigger == EPML_TRIGGER_GUEST_DIRTY)
		return pte_dirty;		/* GPML-TRIG-2, GPML-TRIG-3, GPML-TRIG-5 */
	if (!ept_dirty || !(a->flags & EPML_ACCESS_LINEAR))
		return false;					/* GPML-TRIG-1, GPML-ADDR-5 */
	if (a->flags & EPML_ACCESS_WALK)			/* GPML-WALK-1, GPML-WALK-2 */
		return cpu->params.walk_writes == EPML_WALKS_LOGGED;
	return true;
}

/* The guest's log is full and an entry is due. GPML-FULL-2, GPML-FULL-3, GPML-FULL-4 */
static enum epml_result full_event(struct epml_cpu *cpu, const struct epml_access *a)
{
	uint64_t q = EPML_QUAL_PML_GUEST_LOG;

	/* cover: the guest of the vectors gets no NMI; test_full.c: accesses of an IRET */
	if (a->flags & EPML_ACCESS_NMI_IRET)
		q |= EPML_QUAL_NMI_UNBLOCKING;
	if (cpu->params.full == EPML_FULL_VE && epml_ve_possible(cpu, a))
		return epml_ve(cpu, a, EPML_REASON_PML_FULL, q);
	return epml_exit(cpu, a, EPML_REASON_PML_FULL, q, true, true);
}

/*
 * Find the place of an entry that is due.
 * @return	EPML_OK, or the log-full event, or the fault of the log write's own translation
 */
enum epml_result epml_gpml_prepare(struct epml_cpu *cpu, const struct epml_access *a,
				   struct gpml_slot *slot)
{
	uint64_t addr = cpu->v.gpml_address + 8ull * cpu->v.gpml_index;

	if (full(&cpu->v)) {
		if (cpu->params.full != EPML_FULL_DROP)
			return full_event(cpu, a);
		slot->drop = true;				/* GPML-FULL-1 */
		return EPML_OK;
	}
	if (cpu->params.translation == EPML_TRANSLATE_AT_VMWRITE) {
		slot->hpa = addr;				/* GPML-ADDR-2 */
		return EPML_OK;
	}
	/* GPML-ADDR-3, GPML-ADDR-4; without a linear address it is not logged again: GPML-ADDR-5 */
	return epml_ept_access(cpu, &(struct epml_access){
		.gpa = addr,
		.flags = EPML_ACCESS_WRITE | EPML_ACCESS_LOG |
			 (a->flags & (EPML_ACCESS_IN_EVENT | EPML_ACCESS_NMI_IRET)) }, &slot->hpa);
}

static void notify(struct epml_cpu *cpu)
{
	uint8_t vector = cpu->v.gpml_vector;

	epml_emit(cpu, &(struct epml_event){ .type = EPML_EV_NOTIFY, .vector = vector });
	cpu->ops->self_ipi(cpu->host, vector);			/* NOTIFY-3 */
}

static uint16_t notification_index(const struct epml_cpu *cpu)
{
	if (cpu->params.notification == EPML_NOTIFY_THRESHOLD)
		return cpu->v.gpml_threshold;			/* NOTIFY-2 */
	return EPML_LOG_FULL_INDEX;				/* NOTIFY-1 */
}

/* Write the entry that epml_gpml_prepare() has found a place for, if one is due. */
void epml_gpml_log(struct epml_cpu *cpu, const struct epml_access *a, const struct gpml_slot *slot)
{
	uint16_t index = cpu->v.gpml_index;
	uint64_t entry = a->gva & ~PAGE_MASK;			/* GPML-LOG-5 */

	if (!slot->wanted)
		return;
	if (slot->drop) {
		epml_emit(cpu, &(struct epml_event){ .type = EPML_EV_GPML_DROP, .gva = entry });
		notify(cpu);					/* GPML-FULL-1 */
		return;
	}
	epml_write(cpu, slot->hpa, 8, entry, EPML_MEM_GPML);	/* GPML-LOG-1, GPML-TRIG-4 */
	cpu->v.gpml_index = index - 1;				/* GPML-LOG-2 */
	epml_emit(cpu, &(struct epml_event){
		.type = EPML_EV_GPML, .index = index, .gva = entry, .addr = slot->hpa });
	if (cpu->v.gpml_index == notification_index(cpu))
		notify(cpu);
}
