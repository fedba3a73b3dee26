// SPDX-License-Identifier: GPL-2.0-only
/*
 * Trackers: registering, starting, stopping, and the UIO device through which user space sees the
 * ring.
 */
#include <linux/device.h>
#include <linux/log2.h>
#include <linux/mm.h>
#include <linux/pid.h>
#include <linux/sched/mm.h>
#include <linux/slab.h>
#include <linux/vmalloc.h>

#include "module.h"

#define RING_PAGES_MIN 2
#define RING_PAGES_MAX 4096

static void wake(struct irq_work *work)
{
	uio_event_notify(&container_of(work, struct ooh_tracker, wake)->uio);
}

static int create_ring(struct ooh_tracker *tracker, u32 pages)
{
	const u64 data = rounddown_pow_of_two(pages - 1) * PAGE_SIZE;

	tracker->ring = vmalloc_user(PAGE_SIZE + data);
	if (!tracker->ring)
		return -ENOMEM;
	tracker->entries = (u64 *)((char *)tracker->ring + PAGE_SIZE);
	tracker->mask = data / sizeof(u64) - 1;
	tracker->ring->entries = tracker->mask + 1;
	return 0;
}

static int create_uio(struct ooh_tracker *tracker, struct device *parent, u32 *number)
{
	struct uio_info *uio = &tracker->uio;
	int error;

	snprintf(tracker->name, sizeof(tracker->name), "ooh-%d", pid_vnr(tracker->pid));
	uio->name = tracker->name;
	uio->version = "1";
	uio->irq = UIO_IRQ_CUSTOM;
	uio->mem[0].name = "ring";
	uio->mem[0].memtype = UIO_MEM_VIRTUAL;
	uio->mem[0].addr = (phys_addr_t)(uintptr_t)tracker->ring;
	uio->mem[0].size = PAGE_SIZE + (tracker->mask + 1) * sizeof(u64);
	error = uio_register_device(parent, uio);
	if (!error)
		*number = uio->uio_dev->minor;
	return error;
}

static int set_target(struct ooh_tracker *tracker)
{
	struct mm_struct *mm = ooh_access_mm(tracker->pid);

	if (IS_ERR(mm))
		return PTR_ERR(mm);
	mutex_lock(&ooh_mutex);
	tracker->target = ooh_target_get(mm);
	mutex_unlock(&ooh_mutex);
	mmdrop(mm);
	return tracker->target ? 0 : -ENOMEM;
}

/* Also of one that is made only in part. It is not started. */
static void free_tracker(struct ooh_tracker *tracker)
{
	if (tracker->target) {
		mutex_lock(&ooh_mutex);
		ooh_target_put(tracker->target);
		mutex_unlock(&ooh_mutex);
	}
	vfree(tracker->ring);
	put_pid(tracker->pid);
	kfree(tracker);
}

static int check(const struct ooh_register *arg)
{
	if (arg->pid <= 0 || arg->ring_pages < RING_PAGES_MIN || arg->ring_pages > RING_PAGES_MAX)
		return -EINVAL;
	switch (arg->kind) {
	case OOH_KIND_EPML: return ooh_caps & OOH_CAP_EPML ? 0 : -EOPNOTSUPP;
	case OOH_KIND_SPML: return ooh_caps & OOH_CAP_SPML ? 0 : -EOPNOTSUPP;
	default: return -EINVAL;
	}
}

/**
 * ooh_tracker_create - make a tracker that is not started yet
 * @parent: device of which the UIO device becomes a child
 * @arg: what user space asks for; the number of the UIO device is put into it
 * @made: the tracker
 *
 * Return: 0; -EINVAL for arguments out of range, -EOPNOTSUPP if the processor cannot log so, -ESRCH
 * without such a process, -EPERM if the caller may not ptrace it, -ENOMEM.
 */
int ooh_tracker_create(struct device *parent, struct ooh_register *arg, struct ooh_tracker **made)
{
	struct ooh_tracker *tracker;
	int error = check(arg);

	if (error)
		return error;
	tracker = kzalloc(sizeof(*tracker), GFP_KERNEL);
	if (!tracker)
		return -ENOMEM;
	tracker->kind = arg->kind;
	init_irq_work(&tracker->wake, wake);
	tracker->pid = find_get_pid(arg->pid);
	error = tracker->pid ? set_target(tracker) : -ESRCH;
	if (!error)
		error = create_ring(tracker, arg->ring_pages);
	if (!error)
		error = create_uio(tracker, parent, &arg->uio);
	if (error)
		free_tracker(tracker);
	else
		*made = tracker;
	return error;
}

void ooh_tracker_destroy(struct ooh_tracker *tracker)
{
	ooh_tracker_stop(tracker);
	uio_unregister_device(&tracker->uio);
	free_tracker(tracker);
}

static unsigned int *started(struct ooh_tracker *tracker)
{
	struct ooh_target *target = tracker->target;

	return tracker->kind == OOH_KIND_EPML ? &target->epml : &target->spml;
}

/* Nobody else sees the tracker before this, and nobody after remove_started(). */
static void add_started(struct ooh_tracker *tracker)
{
	struct ooh_target *target = tracker->target;
	unsigned long flags;

	raw_spin_lock_irqsave(&target->lock, flags);
	list_add_rcu(&tracker->node, &target->trackers);
	raw_spin_unlock_irqrestore(&target->lock, flags);
	WRITE_ONCE(*started(tracker), *started(tracker) + 1);
	tracker->started = true;
}

static void remove_started(struct ooh_tracker *tracker)
{
	struct ooh_target *target = tracker->target;
	unsigned long flags;

	WRITE_ONCE(*started(tracker), *started(tracker) - 1);
	ooh_cpus_refresh();
	raw_spin_lock_irqsave(&target->lock, flags);
	list_del_rcu(&tracker->node);
	raw_spin_unlock_irqrestore(&target->lock, flags);
	synchronize_rcu();
	irq_work_sync(&tracker->wake);
	tracker->started = false;
}

static int turn_on(struct ooh_tracker *tracker)
{
	int error = ooh_hooks_on();

	if (error)
		return error;
	if (tracker->kind == OOH_KIND_EPML && !ooh_trigger_is_ept())
		error = ooh_changes_on();
	if (!error)
		error = ooh_cpus_on(tracker->kind);
	if (error && tracker->kind == OOH_KIND_EPML && !ooh_trigger_is_ept())
		ooh_changes_off();
	if (error)
		ooh_hooks_off();
	return error;
}

static void turn_off(struct ooh_tracker *tracker)
{
	ooh_cpus_off(tracker->kind);
	if (tracker->kind == OOH_KIND_EPML && !ooh_trigger_is_ept())
		ooh_changes_off();
	ooh_hooks_off();
}

/* The counts of a tracker are those that its target adds between START and STOP. */
static void subtract_counts(struct ooh_tracker *tracker)
{
	struct ooh_stats now;

	ooh_target_counts(tracker->target, &now);
	tracker->base.notifications = now.notifications - tracker->base.notifications;
	tracker->base.spills = now.spills - tracker->base.spills;
	tracker->base.switches = now.switches - tracker->base.switches;
	tracker->base.faults = now.faults - tracker->base.faults;
	tracker->base.hypercalls = now.hypercalls - tracker->base.hypercalls;
	tracker->base.vmaccesses = now.vmaccesses - tracker->base.vmaccesses;
}

static int start(struct ooh_tracker *tracker)
{
	struct mm_struct *mm = tracker->target->mm;
	int error;

	if (!mmget_not_zero(mm))
		return -ESRCH;
	error = turn_on(tracker);
	if (!error) {
		subtract_counts(tracker);
		add_started(tracker);
		ooh_cpus_refresh();
	}
	mmput(mm);
	return error;
}

/**
 * ooh_tracker_start - log the pages of the process, all of which are re-armed
 * @tracker: tracker; -EBUSY if it is started
 *
 * Return: 0, or -ESRCH if the process has ended or executes another program, -EOPNOTSUPP if it has
 * memory that cannot be tracked (hugetlbfs), errors of the hypervisor.
 */
int ooh_tracker_start(struct ooh_tracker *tracker)
{
	int error;

	if (tracker->started)
		return -EBUSY;
	mutex_lock(&ooh_mutex);
	error = start(tracker);
	mutex_unlock(&ooh_mutex);
	if (error)
		return error;
	error = ooh_rearm_all(tracker);
	if (error)
		ooh_tracker_stop(tracker);
	return error;
}

/* Drain, then log no more. 0 also if the tracker is not started. */
int ooh_tracker_stop(struct ooh_tracker *tracker)
{
	if (!tracker->started)
		return 0;
	ooh_tracker_drain(tracker);
	mutex_lock(&ooh_mutex);
	remove_started(tracker);
	turn_off(tracker);
	subtract_counts(tracker);
	mutex_unlock(&ooh_mutex);
	return 0;
}

/* Everything that was modified before the call is in the ring after it. */
int ooh_tracker_drain(struct ooh_tracker *tracker)
{
	if (!tracker->started)
		return -EINVAL;
	ooh_changes_missed();
	ooh_cpus_drain(tracker->target);
	ooh_pages_dirty(tracker->target);
	return 0;
}

void ooh_tracker_stats(struct ooh_tracker *tracker, struct ooh_stats *stats)
{
	struct ooh_stats saved = tracker->base;

	if (tracker->started)
		subtract_counts(tracker);
	*stats = tracker->base;
	tracker->base = saved;
	stats->hypercalls += tracker->hypercalls;
	stats->entries = READ_ONCE(tracker->head);
	stats->lost = READ_ONCE(tracker->lost);
}
