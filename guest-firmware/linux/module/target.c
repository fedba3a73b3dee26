// SPDX-License-Identifier: GPL-2.0-only
/*
 * Tracked address spaces, and the way of an entry into the rings of their trackers.
 *
 * Entries are put into rings with the scheduler's locks held, so nobody is woken here directly: an
 * irq_work does it, and the target's lock is never held around a wake-up.
 */
#include <linux/mm.h>
#include <linux/sched/mm.h>
#include <linux/slab.h>

#include "module.h"

static LIST_HEAD(ooh_targets);

static void free_logs(struct ooh_target *target)
{
	unsigned int cpu;

	for_each_possible_cpu(cpu)
		free_page((unsigned long)per_cpu_ptr(target->cpus, cpu)->log.entries);
	free_percpu(target->cpus);
}

static int alloc_logs(struct ooh_target *target)
{
	unsigned int cpu;

	target->cpus = alloc_percpu(struct ooh_target_cpu);
	if (!target->cpus)
		return -ENOMEM;
	for_each_possible_cpu(cpu) {
		struct ooh_log *log = &per_cpu_ptr(target->cpus, cpu)->log;

		log->entries = (u64 *)get_zeroed_page(GFP_KERNEL);
		if (!log->entries) {
			free_logs(target);
			return -ENOMEM;
		}
		log->gpa = __pa(log->entries);
		log->index = OOH_INDEX_EMPTY;
	}
	return 0;
}

static struct ooh_target *create(struct mm_struct *mm)
{
	struct ooh_target *target = kzalloc(sizeof(*target), GFP_KERNEL);

	if (!target)
		return NULL;
	if (alloc_logs(target)) {
		kfree(target);
		return NULL;
	}
	kref_init(&target->refs);
	INIT_LIST_HEAD(&target->trackers);
	raw_spin_lock_init(&target->lock);
	mmgrab(mm);
	target->mm = mm;
	list_add_rcu(&target->node, &ooh_targets);
	return target;
}

/* The target of an address space, made if there is none. Call with ooh_mutex held. */
struct ooh_target *ooh_target_get(struct mm_struct *mm)
{
	struct ooh_target *target;

	list_for_each_entry(target, &ooh_targets, node) {
		if (target->mm == mm) {
			kref_get(&target->refs);
			return target;
		}
	}
	return create(mm);
}

static void release(struct kref *refs)
{
	struct ooh_target *target = container_of(refs, struct ooh_target, refs);

	list_del_rcu(&target->node);
	synchronize_rcu();
	free_logs(target);
	mmdrop(target->mm);
	kfree(target);
}

/* Call with ooh_mutex held, and with no processor on the target's log. */
void ooh_target_put(struct ooh_target *target)
{
	kref_put(&target->refs, release);
}

/* The started target of an address space. Call with preemption off, or under RCU. */
struct ooh_target *ooh_target_find(const struct mm_struct *mm)
{
	struct ooh_target *target;

	if (!mm)
		return NULL;
	list_for_each_entry_rcu(target, &ooh_targets, node, true) {
		if (target->mm == mm && (READ_ONCE(target->epml) || READ_ONCE(target->spml)))
			return target;
	}
	return NULL;
}

/* The target whose log of a processor is at a GPA, NULL for the trash. */
struct ooh_target *ooh_target_of_log(unsigned int cpu, u64 gpa)
{
	struct ooh_target *target;

	list_for_each_entry_rcu(target, &ooh_targets, node, true) {
		if (per_cpu_ptr(target->cpus, cpu)->log.gpa == gpa)
			return target;
	}
	return NULL;
}

static void count_lost(struct ooh_tracker *tracker)
{
	if (!tracker->lost)
		irq_work_queue(&tracker->wake);
	WRITE_ONCE(tracker->ring->lost, ++tracker->lost);
}

/* The tail is the tracker's: whatever it says, an entry is in the ring or counted as lost. */
static void put_entry(struct ooh_tracker *tracker, u64 address)
{
	u64 used = tracker->head - READ_ONCE(tracker->ring->tail);

	if (used > tracker->mask) {
		count_lost(tracker);
		return;
	}
	tracker->entries[tracker->head & tracker->mask] = address;
	smp_store_release(&tracker->ring->head, ++tracker->head);
	if (used == tracker->mask / 2)
		irq_work_queue(&tracker->wake);
}

static void put_entries(struct ooh_target *target, u32 kind, const u64 *addresses, unsigned int n)
{
	struct ooh_tracker *tracker;
	unsigned int i;

	list_for_each_entry_rcu(tracker, &target->trackers, node, true) {
		if (tracker->kind != kind)
			continue;
		for (i = 0; i < n; i++) {
			/* What the kernel writes of its own is no page of the process. */
			if (kind == OOH_KIND_SPML || addresses[i] < TASK_SIZE_MAX)
				put_entry(tracker, addresses[i] & PAGE_MASK);
		}
	}
}

/**
 * ooh_target_push - put entries into the rings of all trackers of a kind
 * @target: the target whose log they were in
 * @kind: OOH_KIND_EPML: GVAs; OOH_KIND_SPML: GPAs
 * @addresses: the entries
 * @n: how many
 */
void ooh_target_push(struct ooh_target *target, u32 kind, const u64 *addresses, unsigned int n)
{
	unsigned long flags;

	raw_spin_lock_irqsave(&target->lock, flags);
	put_entries(target, kind, addresses, n);
	raw_spin_unlock_irqrestore(&target->lock, flags);
}

/* An entry for a page whose dirty flag the kernel has set itself. */
void ooh_target_push_fault(struct ooh_target *target, unsigned long address)
{
	const u64 entry = address;
	unsigned long flags;

	raw_spin_lock_irqsave(&target->lock, flags);
	target->faults++;
	put_entries(target, OOH_KIND_EPML, &entry, 1);
	raw_spin_unlock_irqrestore(&target->lock, flags);
}

static void all_lost(struct ooh_target *target)
{
	struct ooh_tracker *tracker;

	list_for_each_entry_rcu(tracker, &target->trackers, node, true)
		count_lost(tracker);
}

/*
 * Entries for all dirty pages from start to end are due. Whoever calls this cannot walk page
 * tables, so DRAIN does it. Too many ranges count as entries that were lost.
 */
void ooh_target_push_range(struct ooh_target *target, unsigned long start, unsigned long end)
{
	unsigned long flags;

	raw_spin_lock_irqsave(&target->lock, flags);
	if (target->n_ranges < OOH_RANGES)
		target->ranges[target->n_ranges++] = (struct ooh_range){start, end};
	else
		all_lost(target);
	raw_spin_unlock_irqrestore(&target->lock, flags);
}

/* Take the ranges away; room for OOH_RANGES is needed. */
unsigned int ooh_target_take_ranges(struct ooh_target *target, struct ooh_range *ranges)
{
	unsigned long flags;
	unsigned int n;

	raw_spin_lock_irqsave(&target->lock, flags);
	n = target->n_ranges;
	memcpy(ranges, target->ranges, n * sizeof(*ranges));
	target->n_ranges = 0;
	raw_spin_unlock_irqrestore(&target->lock, flags);
	return n;
}

/* Something was modified and nobody knows where: all trackers have to take all pages. */
void ooh_target_lost(struct ooh_target *target)
{
	unsigned long flags;

	raw_spin_lock_irqsave(&target->lock, flags);
	all_lost(target);
	raw_spin_unlock_irqrestore(&target->lock, flags);
}

void ooh_targets_lost(void)
{
	struct ooh_target *target;

	rcu_read_lock();
	list_for_each_entry_rcu(target, &ooh_targets, node)
		ooh_target_lost(target);
	rcu_read_unlock();
}

/* Wake those who wait for a target's pages. Not to be called from the scheduler. */
void ooh_target_notify(struct ooh_target *target)
{
	struct ooh_tracker *tracker;

	rcu_read_lock();
	list_for_each_entry_rcu(tracker, &target->trackers, node)
		uio_event_notify(&tracker->uio);
	rcu_read_unlock();
}

/* A process has exited (1) or executes another program (2). */
void ooh_targets_ended(struct pid *pid, u64 how)
{
	struct ooh_target *target;
	struct ooh_tracker *tracker;

	rcu_read_lock();
	list_for_each_entry_rcu(target, &ooh_targets, node) {
		list_for_each_entry_rcu(tracker, &target->trackers, node) {
			if (tracker->pid != pid || READ_ONCE(tracker->ended))
				continue;
			WRITE_ONCE(tracker->ended, how);
			WRITE_ONCE(tracker->ring->ended, how);
			irq_work_queue(&tracker->wake);
		}
	}
	rcu_read_unlock();
}

/* Sum up what the target's processors have counted. */
void ooh_target_counts(struct ooh_target *target, struct ooh_stats *stats)
{
	unsigned int cpu;

	memset(stats, 0, sizeof(*stats));
	stats->faults = READ_ONCE(target->faults);
	for_each_possible_cpu(cpu) {
		const struct ooh_target_cpu *c = per_cpu_ptr(target->cpus, cpu);

		stats->notifications += READ_ONCE(c->notifications);
		stats->spills += READ_ONCE(c->spills);
		stats->switches += READ_ONCE(c->switches);
		stats->hypercalls += READ_ONCE(c->hypercalls);
		stats->vmaccesses += READ_ONCE(c->vmaccesses);
	}
}
