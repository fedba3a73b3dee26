// SPDX-License-Identifier: GPL-2.0-only
/*
 * The processors of the guest: their rings, which they share with the hypervisor, and turning
 * logging on and off on all of them, also on those that come later.
 *
 * The interrupt vector of the notification is the one that KVM takes to wake virtual processors. It
 * is the only one that a module can get a handler for. KVM's VMX part is of no use in this guest.
 */
#define pr_fmt(fmt) "ooh: " fmt

#include <linux/cpu.h>
#include <linux/cpuhotplug.h>
#include <linux/gfp.h>
#include <linux/log2.h>
#include <linux/mm.h>
#include <asm/irq.h>

#include "cpu.h"

static enum cpuhp_state hotplug_state;
static unsigned int users[OOH_KIND_SPML + 1];	/* started trackers by kind */

/* The ring takes an entry for each page of the guest, if so much memory can be had in one piece. */
static unsigned int wanted_order(void)
{
	unsigned long pages = totalram_pages() * sizeof(struct ooh_entry) / PAGE_SIZE + 1;

	return clamp_t(unsigned int, order_base_2(pages), 4, MAX_PAGE_ORDER);
}

static int ring_create(struct ooh_cpu *cpu)
{
	unsigned int order = wanted_order();
	unsigned long pages = 0;
	long error;

	for (; order && !pages; order--) {
		pages = __get_free_pages(GFP_KERNEL | __GFP_ZERO | __GFP_NOWARN | __GFP_NORETRY,
					 order);
		cpu->ring_order = order;
	}
	if (!pages)
		return -ENOMEM;
	error = ooh_call(OOH_OP_RING, __pa(pages), PAGE_SIZE << cpu->ring_order, 0);
	if (error) {
		free_pages(pages, cpu->ring_order);
		return error;
	}
	cpu->ring = (struct ooh_ring *)pages;
	cpu->entries = (struct ooh_entry *)(pages + PAGE_SIZE);
	cpu->n_entries = ((PAGE_SIZE << cpu->ring_order) - PAGE_SIZE) / sizeof(struct ooh_entry);
	cpu->tail = 0;
	cpu->lost = 0;
	cpu->spills = 0;
	return 0;
}

/* If the hypervisor does not let go of the ring its memory must not be used for anything else. */
static void ring_destroy(struct ooh_cpu *cpu)
{
	struct ooh_ring *ring = cpu->ring;

	if (!ring)
		return;
	cpu->ring = NULL;
	if (ooh_call(OOH_OP_RING, 0, 0, 0))
		pr_err("the hypervisor keeps the ring of processor %u\n", smp_processor_id());
	else
		free_pages((unsigned long)ring, cpu->ring_order);
}

static int turn_on(struct ooh_cpu *cpu, u32 kind)
{
	long error;

	if (kind == OOH_KIND_EPML)
		return ooh_cpu_epml_on(cpu);
	error = ooh_call(OOH_OP_SPML_ENABLE, 0, 0, 0);
	cpu->spml = !error;
	return error;
}

static void turn_off(struct ooh_cpu *cpu, u32 kind)
{
	long error = 0;

	ooh_cpu_leave(cpu);
	if (kind == OOH_KIND_EPML && cpu->epml) {
		error = ooh_cpu_epml_off(cpu);
	} else if (kind == OOH_KIND_SPML && cpu->spml) {
		cpu->spml = false;
		error = ooh_call(OOH_OP_SPML_DISABLE, 0, 0, 0);
	}
	if (error)
		pr_err("turning logging off on processor %u: error %ld\n", smp_processor_id(),
		       error);
}

struct switching {
	u32 kind;
	atomic_t error;
};

static void turn_on_here(void *data)
{
	struct switching *s = data;
	int error = turn_on(this_cpu_ptr(&ooh_cpu), s->kind);

	if (error)
		atomic_set(&s->error, error);
}

static void turn_off_here(void *data)
{
	struct switching *s = data;

	turn_off(this_cpu_ptr(&ooh_cpu), s->kind);
}

/* A tracker is started. Call with ooh_mutex held. */
int ooh_cpus_on(u32 kind)
{
	struct switching s = {.kind = kind};
	int error = 0;

	cpus_read_lock();
	if (!users[kind]++) {
		on_each_cpu(turn_on_here, &s, 1);
		error = atomic_read(&s.error);
		if (error) {
			on_each_cpu(turn_off_here, &s, 1);
			users[kind]--;
		}
	}
	cpus_read_unlock();
	return error;
}

/* A tracker was stopped. Call with ooh_mutex held. */
void ooh_cpus_off(u32 kind)
{
	struct switching s = {.kind = kind};

	cpus_read_lock();
	if (!--users[kind]) {
		on_each_cpu(turn_off_here, &s, 1);
		ooh_cpus_refresh();
	}
	cpus_read_unlock();
}

/* On the processor that goes, when only kernel threads run there; or if it could not come. */
static int cpu_go(unsigned int number)
{
	struct ooh_cpu *cpu = this_cpu_ptr(&ooh_cpu);
	unsigned long flags;

	local_irq_save(flags);
	turn_off(cpu, OOH_KIND_EPML);
	turn_off(cpu, OOH_KIND_SPML);
	local_irq_restore(flags);
	ring_destroy(cpu);
	free_page((unsigned long)cpu->trash.entries);
	cpu->trash.entries = NULL;
	return 0;
}

/* On the processor that comes, before any process runs there. */
static int cpu_come(unsigned int number)
{
	struct ooh_cpu *cpu = this_cpu_ptr(&ooh_cpu);
	unsigned long flags;
	int error = 0;
	u32 kind;

	cpu->trash.entries = (u64 *)get_zeroed_page(GFP_KERNEL);
	if (!cpu->trash.entries)
		return -ENOMEM;
	cpu->trash.gpa = __pa(cpu->trash.entries);
	cpu->trash.index = OOH_INDEX_EMPTY;
	if (ooh_caps & (OOH_CAP_SPML | OOH_CAP_LOG_EXITS))
		error = ring_create(cpu);
	local_irq_save(flags);
	for (kind = OOH_KIND_EPML; kind <= OOH_KIND_SPML && !error; kind++) {
		if (users[kind])
			error = turn_on(cpu, kind);
	}
	local_irq_restore(flags);
	if (error)
		cpu_go(number);
	return error;
}

int ooh_cpus_init(unsigned int threshold)
{
	int state;

	ooh_cpu_set_threshold(threshold);
	kvm_set_posted_intr_wakeup_handler(ooh_cpu_notified);
	state = cpuhp_setup_state(CPUHP_AP_ONLINE_DYN, "ooh:online", cpu_come, cpu_go);
	if (state < 0) {
		kvm_set_posted_intr_wakeup_handler(NULL);
		return state;
	}
	hotplug_state = state;
	return 0;
}

void ooh_cpus_exit(void)
{
	cpuhp_remove_state(hotplug_state);
	kvm_set_posted_intr_wakeup_handler(NULL);
}
